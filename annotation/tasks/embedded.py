"""Run a worker of our own where the queue is a folder, so that no service needs to be started."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from annotation.errors import QueueDown


def is_embedded() -> bool:
    """Tell whether the queue is a folder."""
    return str(current_app.conf.broker_url).startswith("filesystem")


def somebody_works() -> bool:
    """Tell whether any worker answers. Raise QueueDown when the queue itself cannot be reached."""
    try:
        # Patient with a busy machine: the first answer is enough, so only where nobody works is it waited for.
        return bool(current_app.control.ping(timeout=10, limit=1))
    except OperationalError as error:
        raise QueueDown(f"the queue cannot be reached: {error}; check REDIS_URL") from error


@contextmanager
def embedded_worker() -> Iterator[Callable[[], bool]]:
    """Keep a worker process for all queues while the block runs; with Redis, workers are started elsewhere.

    Give what tells whether somebody works.
    """
    if not is_embedded():
        yield somebody_works
        return
    # A demo in a container often runs as root; Celery's warning about it tells nobody anything here.
    python = (sys.executable, "-W", "ignore::UserWarning:celery.platforms")
    command = [
        *(*python, "-m", "celery", "--app", str(current_app.main), "worker"),
        *("--queues", "default,predict,predict-gpu", "--pool", "solo", "--loglevel", "warning"),
        # A name of its own: the server's worker and a waiting command's may serve the same folder at once.
        *("--without-gossip", "--without-mingle", "--hostname", f"embedded-{uuid.uuid4().hex[:8]}@%h"),
    ]
    # What it prints goes nowhere, or its banner would stand before a command's one JSON object.
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=settings.BASE_DIR)
    try:
        # It answers nothing in the middle of a batch, however long that takes; that it lives is enough.
        yield lambda: worker.poll() is None
    finally:
        # Asked first, as a worker that is asked finishes the task it is at.
        worker.terminate()
        try:
            worker.wait(timeout=20)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
