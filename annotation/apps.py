"""Register the domain with Django."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class AnnotationConfig(AppConfig):
    """Configure the one app of the domain."""

    name = "annotation"
    verbose_name = _("annotation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Guard rows that are written once in the database too, and let it keep the tallies."""
        from .models import append_only_triggers, tally_triggers  # noqa: PLC0415  models are loaded

        pre_migrate.connect(tally_triggers.remove_triggers_before_migrating, sender=self)
        for triggers in (append_only_triggers, tally_triggers):
            post_migrate.connect(triggers.install_triggers_after_migrating, sender=self)
