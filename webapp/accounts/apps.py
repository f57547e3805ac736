"""Register the accounts with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configure the app that holds everyone's account."""

    name = "webapp.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have sign-ins and changes of accounts recorded."""
        from . import records  # noqa: F401, PLC0415  connecting is what the import is for
