"""Make what is dear once for all processes of a test run."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

from _pytest.tmpdir import TempPathFactory


def make_shared_folder(temporary: TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that the first process to ask fills by `make`; the others wait, and change nothing in it."""
    base = temporary.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    with (folder.with_suffix(".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        marker = folder.with_suffix(".done")
        if not marker.exists():
            make(folder)
            marker.touch()
    return folder
