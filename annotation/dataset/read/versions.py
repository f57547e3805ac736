"""Read version numbers, and tell whether one has risen as much as what changed calls for."""

from __future__ import annotations

import re

from .diff import MAJOR, MINOR, PATCH, Difference

LEVELS = (MAJOR, MINOR, PATCH)
Parts = tuple[int, ...]


def parts(version: str) -> Parts:
    """Return the three numbers of a version. Raise ValueError for anything else."""
    if not re.fullmatch(r"(0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4})){2}", version, re.ASCII):
        raise ValueError(f"version {version!r} is not understood; three whole numbers such as 1.0.0 are accepted")
    return tuple(map(int, version.split(".")))


def raised(old: str, new: str) -> str:
    """Return which number rose first from one version to a later one."""
    return next(level for level, a, b in zip(LEVELS, parts(old), parts(new), strict=True) if a != b)


def following(version: str, level: str) -> str:
    """Return the version that follows when this number has to rise."""
    place = LEVELS.index(level)
    numbers = parts(version)
    return ".".join(map(str, (*numbers[:place], numbers[place] + 1, *(0 for _ in LEVELS[place + 1 :]))))


def objection(old: str, new: str, found: Difference) -> str:
    """Say why `new` may not follow `old` after such changes, or nothing. More than needed may rise."""
    if LEVELS.index(raised(old, new)) <= LEVELS.index(found.level):
        return ""
    return (
        f"version {new} may not follow {old}: {found.reason}, which calls for a new {found.level} version, "
        f"{following(old, found.level)} or later"
    )
