"""Make what is dear once for all processes of a test run, or until what makes it changes."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from _pytest.tmpdir import TempPathFactory

from tests.harness.installation import ROOT

KEPT = ROOT / "build" / "tests"


def make_shared_folder(temporary: TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that the first process to ask fills by `make`; the others wait, and change nothing in it."""
    base = temporary.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    with one_at_a_time(folder.with_suffix(".lock")):
        marker = folder.with_suffix(".done")
        if not marker.exists():
            make(folder)
            marker.touch()
    return folder


def keep_folder(name: str, sources: tuple[str, ...], make: Callable[[Path], object]) -> Path:
    """Return a folder in `build/` that is filled by `make`, and anew once a file of the sources has changed."""
    folder = KEPT / name / digest_of(sources)
    KEPT.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(KEPT / f"{name}.lock"):
        if not folder.exists():
            shutil.rmtree(KEPT / name, ignore_errors=True)
            unfinished = KEPT / name / "unfinished"
            unfinished.mkdir(parents=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder


def digest_of(sources: tuple[str, ...]) -> str:
    """Return what changes with the name or content of any file there; sources are files and folders of ours."""
    paths = [path for source in sources for path in (ROOT / source, *(ROOT / source).rglob("*"))]
    files = [path for path in paths if path.is_file() and path.suffix != ".pyc"]
    texts = [f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(files)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Let one process into the block at a time."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
