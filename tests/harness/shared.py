"""Make what is dear once for all processes of a test run."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

from _pytest.tmpdir import TempPathFactory


def made_once(temporary: TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that the first process to ask fills by `make`; the others wait, and change nothing in it."""
    own = temporary.getbasetemp()
    folder = (own.parent if own.name.startswith("popen-") else own) / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    with (folder.with_suffix(".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        if not done.exists():
            make(folder)
            done.touch()
    return folder
