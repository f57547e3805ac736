"""What a release states about itself beyond its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Self

from .typed import from_json, to_json

ROOM = Path(__file__).parent.parent
LISTED, ADJUDICATED, WITHDRAWN = "listed", "adjudicated", "withdrawn"  # The kinds of images that are excluded.


@dataclass(frozen=True)
class ExcludedImage:
    """An image that may not go in; `kind` is listed, adjudicated or withdrawn."""

    sha256: str
    kind: str
    why: str


@dataclass(frozen=True)
class HeldImage:
    """A newcomer that waits, as it would connect groups of these splits."""

    sha256: str
    would_connect: tuple[str, ...]


@dataclass(frozen=True)
class WithdrawalEntry:
    """An image (`id`: its SHA-256) or a rater (the pseudonym) gone for good; `withdrawn_on` is an ISO date."""

    what: str
    id: str
    withdrawn_on: str
    reason: str


@dataclass(frozen=True)
class BenchmarkList:
    """A list of fingerprints that the images were compared with; `images` is its length."""

    title: str
    images: int
    sha256: str


@dataclass(frozen=True)
class PreviousRelease:
    """The release before."""

    version: str
    manifest_sha256: str


@dataclass(frozen=True)
class Embedder:
    """A model, and how many images have an embedding by it."""

    embedder: str
    version: str
    images: int


@dataclass(frozen=True)
class EmbeddingFigures:
    """What came of comparing embeddings of `of` images; thresholds are cosines in thousandths."""

    embedders: tuple[Embedder, ...]
    of: int
    sure: int
    unsure: int
    pairs: int
    pairs_by_cosine_alone: int


@dataclass(frozen=True, kw_only=True)
class CampaignProtocol:
    """How one campaign was run; `shares` are those of the arms in per cent, `case_spread` is in words."""

    annotations_licence: str = ""
    preset: str = ""
    arms_by: str = "assignment"
    shares: Mapping[str, int] = field(default_factory=dict)
    repeat_share: int = 0
    repeat_gap_days: int = 0
    daily_cap: int | None = None
    case_spread: str | None = None
    consent_version: int = 0
    consent_text: str = ""
    precision_target: int | None = None
    most_annotations_per_image: int | None = None


@dataclass(frozen=True, kw_only=True)
class Protocol(CampaignProtocol):
    """How the release's own campaign was run, further ones by slug, and the plan of the report inside, if any."""

    also: Mapping[str, CampaignProtocol] = field(default_factory=dict)
    analysis_plan: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields; those that say nothing of most releases only where they do."""
        content = to_json(self)
        return {name: value for name, value in content.items() if value or name not in ("also", "analysis_plan")}


@dataclass(frozen=True, kw_only=True)
class StatedScope:
    """Which campaigns and versions of the rubric answers are of, which answers count, which images are excluded."""

    campaign: str
    also: tuple[str, ...] = ()
    rubric_versions: tuple[int, ...] = ()
    annotations: str
    least_annotations: int = 1
    excluded: tuple[ExcludedImage, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StatedContents:
    """What a release states of its contents from the moment it is frozen.

    `connected` lists groups found connected after they had been placed apart, by an image of each split.
    `near_duplicate_pairs` counts the pairs of near duplicates by state, `rejected_pairs` are those a person found
    different. `embeddings` is None where no image has one. `annotations_licence` is an SPDX name or empty, `statements`
    are what the organisers say in their own words, by the keys of `annotation.dataset.contents.statements`.
    """

    title: str
    description: str
    annotations_licence: str = ""
    statements: Mapping[str, str] = field(default_factory=dict)
    annotations_per_image: int
    seed: int
    without_annotations: int = 0
    held: tuple[HeldImage, ...] = ()
    connected: tuple[tuple[str, ...], ...] = ()
    near_duplicate_pairs: Mapping[str, int] = field(default_factory=dict)
    rejected_pairs: tuple[tuple[str, str], ...] = ()
    embeddings: EmbeddingFigures | None = None
    protocol: Protocol = field(default_factory=Protocol)
    withdrawn: tuple[WithdrawalEntry, ...] = ()
    benchmarks: tuple[BenchmarkList, ...] = ()

    def stated_fields(self) -> dict[str, Any]:
        """Return these fields by name."""
        return {each.name: getattr(self, each.name) for each in fields(StatedContents)}


@dataclass(frozen=True, kw_only=True)
class ReleaseFacts(StatedContents):
    """All that a release states beside its rows, free of numbers that only one database knows.

    `released_at` is ISO 8601. `agreement` holds the figures of the report and may be empty. `previous` is None for the
    first release. `other_rubrics` holds, by name, the further versions of the rubric that answers were given by. `doi`
    was reserved before the build, or is empty.
    """

    campaign: str
    version: str
    released_at: str
    is_demo: bool
    rubric_name: str
    rubric: Any
    rubric_sha256: str
    scope: StatedScope
    engine: Mapping[str, str]
    event_head: str
    agreement: Mapping[str, Any] = field(default_factory=dict)
    previous: PreviousRelease | None = None
    other_rubrics: Mapping[str, Any] = field(default_factory=dict)
    doi: str = ""

    @property
    def name(self) -> str:
        """Return the name of the release's folder."""
        return f"{self.campaign}-{self.version}"

    @property
    def citation(self) -> str:
        """Return how the release is cited."""
        address = f" https://doi.org/{self.doi}" if self.doi else ""
        return f"{self.title}, version {self.version} ({self.released_at[:4]}).{address}"

    def to_json(self) -> dict[str, Any]:
        """Return the fields as `release.json` states them: objects that are not there are empty."""
        content = to_json(self) | {"protocol": self.protocol.to_json()}
        return {name: {} if value is None else value for name, value in content.items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave. Raise ValueError naming the field that does not fit."""
        empty_objects = {name: content[name] or None for name in ("embeddings", "previous")}
        return from_json(cls, {**content, **empty_objects})


def path_of_rubric(name: str) -> str:
    """Return where in the folder a further version of the rubric lies."""
    return f"rubrics/{name.replace(' ', '-')}.json"


@cache
def program() -> str:
    """Name what writes a release: a hash of its source and templates. The same facts and rows give the same pages."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in writer_sources())).hexdigest()[:12]


def writer_sources() -> list[Path]:
    """Return every file of the rooms of the dataset, sorted."""
    # File systems list in an order of their own, which would enter the hash.
    return sorted(path for path in ROOM.rglob("*") if path.suffix in (".py", ".jinja"))
