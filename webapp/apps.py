"""Register the rooms with Django, and the checks of the settings."""

from django.apps import AppConfig


class WebappConfig(AppConfig):
    """Configure the part that speaks HTTP."""

    name = "webapp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the settings."""
        from . import checks  # noqa: F401, PLC0415  registering is what the import is for
