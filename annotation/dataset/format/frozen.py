"""What a release is frozen to: what was asked for, up to which rows, and what it states that may change afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from .facts import ExcludedImage, PreviousRelease, StatedContents
from .typed import from_json, to_json


@dataclass(frozen=True)
class Scope:
    """What is asked of a release beyond its campaign and version.

    In goes every image with `least_annotations` answers that count but those `listed` (by SHA-256, with the reason).
    The answers are those of the campaign and of further ones, named by slug in `also`, by all rubric versions unless
    some are named by number. Where an image is in several campaigns, the first of them says its subcategory, and where
    somebody answered it in several, the answer in the first counts. `doi` was reserved for the release.
    """

    least_annotations: int = 1
    listed: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    rubric_versions: tuple[int, ...] = ()
    doi: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a task is given them."""
        return to_json(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave, or what a form or command was given; other fields are passed over."""
        scope = from_json(cls, fields)
        # A stopped build is found by its scope, in whatever order the versions are named again.
        return replace(scope, rubric_versions=tuple(sorted(scope.rubric_versions)))


EVERYTHING = Scope()


@dataclass(frozen=True)
class CutOff:
    """The last row of each kind that goes in, by its key, and by campaign that of the report of agreement."""

    at: datetime
    last_revision: int
    last_consensus: int
    last_imported_consensus: int
    last_imported_prefill: int
    reports: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class PreviousFolder(PreviousRelease):
    """The release before, and where it was published, as `kept_folder` gave it."""

    folder: str


@dataclass(frozen=True)
class UnreportedContents:
    """Images by SHA-256 and raters by pseudonym whose answers a report would count, though the release lacks them."""

    images: tuple[str, ...] = ()
    raters: tuple[str, ...] = ()

    def to_query(self) -> dict[str, list[str]]:
        """Return them as the query of a report states them; empty where there are none."""
        names = {"images": list(self.images), "raters": list(self.raters)}
        return names if any(names.values()) else {}


@dataclass(frozen=True, kw_only=True)
class FrozenRelease(StatedContents):
    """The record of a release: the same record gives the same bytes, whatever is answered or changed later.

    `rubric` is the number of the version in force, `other_rubrics` those of further ones that answers go by.
    """

    scope: Scope
    cut_off: CutOff
    rubric: int
    other_rubrics: tuple[int, ...] = ()
    excluded: tuple[ExcludedImage, ...]
    withdrawn_raters: tuple[str, ...]
    unreported: UnreportedContents = UnreportedContents()
    previous: PreviousFolder | None
    part_images: int

    def to_json(self) -> dict[str, Any]:
        """Return the fields as the database keeps them."""
        return to_json(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave. Raise ValueError naming the field that does not fit."""
        return from_json(cls, record)
