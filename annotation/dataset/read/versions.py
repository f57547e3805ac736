"""Version numbers, and whether one has risen as much as what changed calls for."""

from __future__ import annotations

import re

from packaging.version import Version

from .diff import MAJOR, MINOR, PATCH, Difference

LEVELS = (MAJOR, MINOR, PATCH)


def parse_version(text: str) -> Version:
    """Return a version of three numbers. Raise ValueError for anything else."""
    # `packaging` takes more than is accepted here, such as v1.0 and 1.0.0rc1.
    if not re.fullmatch(r"(0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4})){2}", text, re.ASCII):
        raise ValueError(f"version {text!r} is not understood; three whole numbers such as 1.0.0 are accepted")
    return Version(text)


def level_of_rise(old: str, new: str) -> str:
    """Return which number rose first from one version to a later one."""
    numbers = zip(LEVELS, parse_version(old).release, parse_version(new).release, strict=True)
    return next(level for level, old_number, new_number in numbers if old_number != new_number)


def successor(old: str, level: str) -> str:
    """Return the version that follows when this number has to rise."""
    major, minor, patch = parse_version(old).release
    versions = {MAJOR: (major + 1, 0, 0), MINOR: (major, minor + 1, 0), PATCH: (major, minor, patch + 1)}
    return ".".join(map(str, versions[level]))


def objection(old: str, new: str, difference: Difference) -> str:
    """Say why `new` may not follow `old` after such changes, or nothing. More than needed may rise."""
    if LEVELS.index(level_of_rise(old, new)) <= LEVELS.index(difference.level):
        return ""
    return (
        f"version {new} may not follow {old}: {difference.reason}, which calls for a new {difference.level} version, "
        f"{successor(old, difference.level)} or later"
    )
