"""Register the accounts with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Configure the app that holds everyone's account."""

    name = "webapp.accounts"
    label = "accounts"
    verbose_name = _("accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have sign-ins and changes of accounts recorded."""
        from . import records  # noqa: F401, PLC0415  connecting is what the import is for
