"""What workers do when asked over the queue: say that they are there and what they have loaded, and nothing else.

Whoever reaches the queue, so every model worker, can ask all workers. Celery would also have them stop, drop tasks,
read other queues, and tell their settings and what they work on.
"""

from __future__ import annotations

from typing import Any

from celery.signals import worker_init
from celery.worker.control import Panel

ACCEPTED = ("ping", "health")


def forget_other_commands(**_signal: Any) -> None:
    """Leave only the commands that are accepted; whoever asks for another one is told that there is none."""
    for name in Panel.data.keys() - set(ACCEPTED):
        del Panel.data[name]


worker_init.connect(forget_other_commands)
