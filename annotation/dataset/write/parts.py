"""Share the rows of a release among processes, in parts of one shard each, and keep what is done through a kill.

A part is claimed by a lock that ends with the process that holds it, and is done once its `part.json` is there. So any
number of processes, on any number of machines that see the folder, share the work without a word between them; what a
killed one left is written anew; and a build that goes on later keeps the parts that are done. The bytes of a part
depend on its records alone.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

FOLDER, PLAN, SUMMARY = "parts", "plan.json", "part.json"
MOST_IMAGES = 1000
MOST_BYTES = 400 * 10**6  # of images, so that with all that is said of them a shard stays below 500 MB


@dataclass(frozen=True)
class Part:
    """The images of a split that are one shard: those from the first SHA-256 to the last, both included."""

    split: str
    number: int
    first: str
    last: str
    images: int

    @property
    def name(self) -> str:
        """Return what it is called among the parts."""
        return f"{self.split}-{self.number:05d}"


def plan(
    images: Iterable[tuple[str, str, int]], *, most_images: int = MOST_IMAGES, most_bytes: int = MOST_BYTES
) -> list[Part]:
    """Cut images, each given by split, SHA-256 and size in bytes, into parts; they come in the order of the release."""
    return [
        Part(split, number, piece[0], piece[-1], len(piece))
        for split, of_split in groupby(images, key=lambda image: image[0])
        for number, piece in enumerate(_pieces(of_split, most_images, most_bytes))
    ]


def _pieces(images: Iterable[tuple[str, str, int]], most_images: int, most_bytes: int) -> Iterator[list[str]]:
    piece: list[str] = []
    room = most_bytes
    for _split, sha256, size in images:
        if piece and (len(piece) == most_images or size > room):
            yield piece
            piece, room = [], most_bytes
        piece.append(sha256)
        room -= size
    if piece:
        yield piece


def build_folder(folder: Path) -> Path:
    """Return where the release that will be in a folder is built."""
    return folder.with_name(f".{folder.name}.unfinished")


def prepare(folder: Path, parts: Sequence[Part], key: str = "") -> None:
    """Clear a folder for a build. Parts stay that an earlier build with the same plan and key finished there."""
    content = json.dumps({"key": key, "parts": [asdict(part) for part in parts]})
    parts_folder = folder / FOLDER
    if not (parts_folder / PLAN).is_file() or (parts_folder / PLAN).read_text(encoding="utf-8") != content:
        shutil.rmtree(parts_folder, ignore_errors=True)
    for path in folder.iterdir():
        if path != parts_folder:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    parts_folder.mkdir(exist_ok=True)
    for part in parts:
        # Nobody else makes locks, so a claim that finds none knows that all is over.
        _lock_of(folder, part).touch()
    # Last, since helpers begin as soon as they see a plan.
    (parts_folder / PLAN).write_text(content, encoding="utf-8")


def read_plan(folder: Path) -> list[Part]:
    """Return the parts of the build in a folder: none where there is no build, or not yet, or no longer."""
    try:
        content = json.loads((folder / FOLDER / PLAN).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    return [Part(**part) for part in content["parts"]]


def clear(folder: Path) -> None:
    """Take the parts away at once, so that a helper that comes late finds none, not half of them."""
    hidden_folder = folder / f".{FOLDER}"
    (folder / FOLDER).rename(hidden_folder)
    shutil.rmtree(hidden_folder)


def path_of(folder: Path, part: Part) -> Path:
    """Return the folder of a part."""
    return folder / FOLDER / part.name


def is_done(folder: Path, part: Part) -> bool:
    """Tell whether a part is written, every file of it."""
    return (path_of(folder, part) / SUMMARY).is_file()


def work(
    folder: Path,
    parts: Sequence[Part],
    write: Callable[[Part, Path], None],
    *,
    wait: bool = True,
    on_progress: Callable[[int], object] = lambda done: None,
) -> None:
    """Write each part that nobody else is at; then, with `wait`, see to it that those of others get done too.

    `write` fills an empty folder, `part.json` last. `on_progress` is called with the number of parts that
    are done whenever this process has done one or waited for one.
    """
    # First whatever is free; then the parts of others, who may have been killed at them.
    for patient in (False, True) if wait else (False,):
        for part in parts:
            with _claim(folder, part, patient=patient) as is_free:
                is_mine = is_free and not is_done(folder, part)
                if is_mine:
                    shutil.rmtree(path_of(folder, part), ignore_errors=True)
                    path_of(folder, part).mkdir()
                    write(part, path_of(folder, part))
            if is_mine or patient:
                on_progress(sum(is_done(folder, each) for each in parts))


@contextmanager
def _claim(folder: Path, part: Part, *, patient: bool) -> Iterator[bool]:
    """Hold the lock of a part and say so; say no where another process holds it, unless patient, or all is over."""
    try:
        handle = os.open(_lock_of(folder, part), os.O_RDWR)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if patient else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            # Whoever waited for the lock may hold one of a folder that is gone.
            yield path_of(folder, part).parent.is_dir()
    finally:
        os.close(handle)


def _lock_of(folder: Path, part: Part) -> Path:
    return folder / FOLDER / f"{part.name}.lock"
