"""Register the domain with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnnotationConfig(AppConfig):
    """Configure the one app of the domain."""

    name = "annotation"
    verbose_name = _("annotation")
    default_auto_field = "django.db.models.BigAutoField"
