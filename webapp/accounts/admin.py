"""Let staff manage accounts."""

from __future__ import annotations

from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from annotation.roles import is_administrator
from webapp.access import administrators

from .erase_pages import erase, export
from .models import User

# Groups and permissions too: either can hold the right to change accounts, and with it everything else.
POWERS = ("is_superuser", "is_staff", "groups", "user_permissions")


# Its tables say who may sign in, and have pages of ours on which only administrators change them.
for model in [model for model in admin.site._registry if model.__module__.startswith(allauth.__name__)]:
    admin.site.unregister(model)

admin.site.site_header = admin.site.site_title = "Connoisseur"


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """Django's page of an account, with the pseudonym beside."""

    list_display = ("username", "pseudonym", "simulated", "is_active", "is_superuser", "is_staff")
    list_filter = ("simulated", "is_active", "is_superuser", "is_staff")
    search_fields = ("username", "pseudonym", "email")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        # Nobody makes themselves an administrator.
        return fields if is_administrator(request.user) else (*fields, *POWERS)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: what people did refers to them. They are erased instead."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of accounts, with those of an export and an erasure."""
        return [
            path("<int:pk>/export/", self.admin_site.admin_view(administrators(export)), name="export-person"),
            path("<int:pk>/erase/", self.admin_site.admin_view(administrators(erase)), name="erase-person"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> HttpResponse:
        """Offer export and erasure to administrators."""
        return super().render_change_form(
            request, context | {"may_erase": is_administrator(request.user)}, *args, **options
        )

    fieldsets = (*(UserAdmin.fieldsets or ()), (_("In Connoisseur"), {"fields": ("pseudonym", "simulated")}))
