"""Slow verbs, run in the background by Celery."""

from . import jobs  # noqa: F401  Celery finds tasks by importing this package
