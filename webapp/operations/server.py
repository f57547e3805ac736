"""The command that serves the application."""

from __future__ import annotations

import os
import sys

THREADS = 8
MOST_PROCESSES = 8  # Each thread keeps a connection, of which PostgreSQL allows 100 by default.


def processes_for(database_engine: str) -> int:
    """Return in how many processes to serve: one on SQLite, else one for each core, at most MOST_PROCESSES.

    SQLite lets one writer in at a time, and writers queue fairly within a process (`webapp.operations.sqlite`).
    PostgreSQL lets many write at once, and Python runs on one core a process.
    """
    return 1 if "sqlite" in database_engine else min(os.cpu_count() or 1, MOST_PROCESSES)


def server_command(application: str, address: str, *, threads: int = THREADS, processes: int = 1) -> list[str]:
    """Return the command that serves a WSGI application by so many processes with so many threads each."""
    return [
        *(sys.executable, "-m", "gunicorn", application, "--bind", address, "--workers", str(processes)),
        *("--threads", str(threads), "--log-level", "warning"),
        *("--worker-class", "webapp.operations.buffering_worker.BufferingWorker", "--no-control-socket"),
    ]
