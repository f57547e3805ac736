"""Everything HTTP, in rooms named after who walks in."""

from .celery import app as celery_app

__all__ = ["celery_app"]
