"""How tasks reach the queue, and what they do while the database is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.db import OperationalError as DatabaseAway
from kombu.exceptions import OperationalError

from annotation.errors import QueueDown

# What a task does while the database is away: try again, later each time, and not all at the same moment.
PATIENT: dict[str, Any] = {
    "autoretry_for": (DatabaseAway,),
    "retry_backoff": 2,
    "retry_backoff_max": 120,
    "retry_jitter": True,
    "max_retries": 20,
}


def enqueue_task(task: Any, *arguments: Any) -> None:
    """Queue a task at once or not at all. Raise QueueDown when the queue cannot be reached."""
    with queue_named():
        # No retries: somebody waits for the page, and is better told than kept waiting.
        task.apply_async(arguments, retry=False)


@contextmanager
def queue_named() -> Iterator[None]:
    """Say in our own words that the queue cannot be reached. Raise QueueDown."""
    try:
        yield
    except OperationalError as error:
        raise QueueDown(f"the queue cannot be reached: {error}; check REDIS_URL") from error


def person_of(user_id: int | None) -> Any:
    """Return who asked for a task; None for a command."""
    return None if user_id is None else get_user_model().objects.get(pk=user_id)
