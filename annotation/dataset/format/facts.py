"""Hold what a release states about itself beyond its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ReleaseFacts:
    """Hold the record of a release, free of numbers that only one database knows.

    `released_at` is ISO 8601. `agreement` holds the figures of the report and may be empty. `held_back` lists
    newcomers that would tie splits together, `tied` the groups found tied after they had been placed apart.
    `near_duplicate_pairs` counts the pairs of near duplicates by state, `told_apart` those a person found different.
    `embeddings` tells of the embeddings compared beside the hashes: each of the `embedders` with its version and how
    many `images` have one, `of` how many, the thresholds, and the pairs that came of it; empty where none has one.
    `benchmarks` names the lists of fingerprints compared with (`title`, `images`, `sha256`), `previous` the release
    before (`version`, `manifest_sha256`), empty for the first. `other_rubrics` holds, by name, the further versions of
    the rubric that answers were given by. `annotations_licence` is an SPDX name or empty, `statements` are what the
    organisers say in their own words, by the keys of `annotation.dataset.contents.statements`. `doi` was reserved
    before the build, or is empty.
    """

    campaign: str
    title: str
    description: str
    version: str
    released_at: str
    is_demo: bool
    rubric_name: str
    rubric: Any
    rubric_sha256: str
    answers_per_image: int
    query: Mapping[str, Any]
    seed: int
    engine: Mapping[str, str]
    event_head: str
    agreement: Mapping[str, Any] = field(default_factory=dict)
    without_answers: int = 0
    held_back: Sequence[Mapping[str, Any]] = ()
    tied: Sequence[Sequence[str]] = ()
    near_duplicate_pairs: Mapping[str, int] = field(default_factory=dict)
    told_apart: Sequence[Sequence[str]] = ()
    embeddings: Mapping[str, Any] = field(default_factory=dict)
    protocol: Mapping[str, Any] = field(default_factory=dict)
    withdrawn: Sequence[Mapping[str, str]] = ()
    benchmarks: Sequence[Mapping[str, Any]] = ()
    previous: Mapping[str, str] = field(default_factory=dict)
    other_rubrics: Mapping[str, Any] = field(default_factory=dict)
    annotations_licence: str = ""
    statements: Mapping[str, str] = field(default_factory=dict)
    doi: str = ""

    @property
    def name(self) -> str:
        """Return the name of the release's folder."""
        return f"{self.campaign}-{self.version}"

    @property
    def citation(self) -> str:
        """Return how the release is cited."""
        where = f" https://doi.org/{self.doi}" if self.doi else ""
        return f"{self.title}, version {self.version} ({self.released_at[:4]}).{where}"


def path_of_rubric(name: str) -> str:
    """Return where in the folder a further version of the rubric lies."""
    return f"rubrics/{name.replace(' ', '-')}.json"


@cache
def program() -> str:
    """Name what writes a release: a hash of the source of its writer. The same facts and rows give the same pages."""
    sources = sorted(Path(__file__).parent.parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
