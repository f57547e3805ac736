"""Let staff look into the tables; changes go through the actions, never through here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Campaign, Event, Image, Release, Report, RubricVersion, Run


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Show rows and change none."""

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
