"""Let staff manage accounts."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from .models import User


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """Show the pseudonym beside what Django shows of an account."""

    list_display = ("username", "pseudonym", "simulated", "is_active", "is_superuser", "is_staff")
    list_filter = ("simulated", "is_active", "is_superuser", "is_staff")
    search_fields = ("username", "pseudonym", "email")
    fieldsets = (*(UserAdmin.fieldsets or ()), (_("In Connoisseur"), {"fields": ("pseudonym", "simulated")}))
