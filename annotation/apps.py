"""Register the domain with Django."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AnnotationConfig(AppConfig):
    """Configure the one app of the domain."""

    name = "annotation"
    verbose_name = _("annotation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Guard rows that are written once in the database too."""
        from .models.append_only_triggers import install_triggers_after_migrating  # noqa: PLC0415  models are loaded

        post_migrate.connect(install_triggers_after_migrating, sender=self)
