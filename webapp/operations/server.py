"""The command that serves the application."""

from __future__ import annotations

import sys

THREADS = 8


def server_command(application: str, address: str, *, threads: int = THREADS) -> list[str]:
    """Return the command that serves a WSGI application."""
    return [
        *(sys.executable, "-m", "gunicorn", application, "--bind", address),
        # Threads of one process: without Redis, each further process would count tries at signing in for itself.
        *("--threads", str(threads), "--log-level", "warning"),
        *("--worker-class", "webapp.operations.buffering_worker.BufferingWorker", "--no-control-socket"),
    ]
