"""Let staff manage accounts."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from .models import User


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """Show role and pseudonym beside what Django shows of an account."""

    list_display = ("username", "role", "pseudonym", "simulated", "is_active", "is_staff")
    list_filter = ("role", "simulated", "is_active", "is_staff")
    search_fields = ("username", "pseudonym", "email")
    fieldsets = (*(UserAdmin.fieldsets or ()), (_("In Connoisseur"), {"fields": ("role", "pseudonym", "simulated")}))
    add_fieldsets = (*UserAdmin.add_fieldsets, (_("In Connoisseur"), {"fields": ("role",)}))
