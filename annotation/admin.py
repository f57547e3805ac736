"""Let staff look into the tables; changes go through the actions, never through here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from annotation.roles import is_administrator

from .models import Campaign, Event, Image, Release, Report, RubricVersion, Run


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that administrators read and nobody changes."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Permissions of Django's own would open every campaign to whoever has them.
        return is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


admin.site.register([Campaign, Event, Image, Release, Report, RubricVersion, Run], ReadOnly)
