"""Slow verbs, run in the background by Celery, which finds them by importing this package."""

from . import agreement, figures, people, releases, runs

__all__ = ["agreement", "figures", "people", "releases", "runs"]
