"""Register the accounts with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configure the app that holds everyone's account."""

    name = "webapp.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
