"""Slow verbs, run in the background by Celery, which finds them by importing this package."""

from . import agreement, people, releases, runs

__all__ = ["agreement", "people", "releases", "runs"]
