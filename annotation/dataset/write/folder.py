"""Write the folder of a release, every file of it, from facts and records."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotation.dataset.contents.aggregates import severities_of
from annotation.dataset.contents.leakage import Benchmark, Fingerprints, Leaks
from annotation.dataset.contents.records import ImageRecord
from annotation.dataset.contents.splits import SPLITS, TENTHS
from annotation.dataset.contents.tally import Tally
from annotation.dataset.contents.views import VIEWS
from annotation.dataset.format import manifest
from annotation.dataset.format.canonical import page, round_figures
from annotation.dataset.format.facts import ReleaseFacts, path_of_rubric
from annotation.dataset.format.parquet import ShardSize, sizes_of
from annotation.dataset.pages import croissant
from annotation.dataset.pages.card import card
from annotation.dataset.pages.changelog import changelog
from annotation.dataset.pages.datasheet import datasheet
from annotation.dataset.pages.leakage import leakage
from annotation.dataset.pages.licences import HEAD as LICENCES_HEAD
from annotation.dataset.pages.licences import NAME as LICENCES
from annotation.dataset.pages.protocol import protocol
from annotation.dataset.pages.reliability import write_reliability
from annotation.dataset.pages.withdrawn import write_withdrawn
from annotation.dataset.read import versions
from annotation.dataset.read.diff import Difference, compare
from annotation.dataset.read.record import RECORD
from annotation.errors import ReleaseRefused
from annotation.images.likeness import HASH_ALONE, REACH, SURE, UNSURE
from annotation.rubric.schema import Rubric, content_hash, parse

from . import parts
from .parts import Part
from .shards import MAIN, PartSummary, read_part, shard, write_part
from .training import describe

FORMAT = 1
RUBRIC, CARD = "rubric.json", "README.md"
CHANGELOG, DIFF, RECOMPUTE = "CHANGELOG.md", "diff.json", "recompute.py"
AT_A_TIME = 2**20


@dataclass(frozen=True)
class ReleaseHashes:
    """The hashes of a written release: of its manifest, which is its identity, and of its rows."""

    manifest_sha256: str
    content_sha256: str


def part_writer(facts: ReleaseFacts, records: Callable[[Part], Iterable[ImageRecord]]) -> Callable[[Part, Path], None]:
    """Return what writes a part of a release into a folder."""
    rubric, severities = parse(facts.rubric), severities_of(facts.agreement)
    return lambda part, into: write_part(into, part, records(part), rubric, severities)


def assemble(
    folder: Path,
    facts: ReleaseFacts,
    plan: Iterable[Part],
    *,
    previous: Path | None = None,
    benchmarks: Iterable[Benchmark] = (),
) -> ReleaseHashes:
    """Make a release of a folder that holds its parts, and return its hashes.

    `previous` is the folder of the release before. Raise ReleaseRefused when the version does not fit what changed,
    ReleaseUnreadable when the release before cannot be read.
    """
    rubric = parse(facts.rubric)
    tally, lines = Tally(), Counter[str]()
    summaries = [read_part(parts.path_of(folder, part)) for part in plan]
    for part in summaries:
        tally.merge(part.tally)
        lines.update(part.lines)
    leaks, overlaps = _near_duplicates(summaries, benchmarks)
    hashes = _take_tables(folder, list(plan), summaries) | _join_lines(folder, sorted(lines), summaries)
    (folder / LICENCES).write_text(LICENCES_HEAD, encoding="utf-8", newline="\n")
    _append(folder / LICENCES, [part.folder / LICENCES for part in summaries])
    # Before the manifest, which lists whatever lies in the folder.
    parts.clear(folder)
    rows = PageSources(facts, rubric, tally, leaks, overlaps)
    difference = _compare(previous, folder, facts, record_of(rows))
    previous_changelog = (previous / CHANGELOG).read_text(encoding="utf-8") if previous else ""
    pages = pages_of(rows, hashes, lines, sizes_of(folder, hashes)) | {
        CHANGELOG: changelog(facts, difference, previous_changelog),
        DIFF: page(difference.to_json() if difference else None),
    }
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        # With the same line ends on every system, as pages are known by their hashes.
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    write_reliability(folder, facts.agreement)
    write_withdrawn(folder, facts.withdrawn)
    return ReleaseHashes(manifest.write(folder, hashes), tally.content_sha256)


@dataclass(frozen=True)
class PageSources:
    """All that the pages of a release are made from: what it states, what its rows give."""

    facts: ReleaseFacts
    rubric: Rubric
    tally: Tally
    leaks: Leaks
    overlaps: Mapping[str, Sequence[Sequence[Any]]]


def pages_of(
    sources: PageSources, hashes: Mapping[str, str], lines: Mapping[str, int], sizes: Mapping[str, ShardSize]
) -> dict[str, str]:
    """Return the text of every page that follows from the record and the rows, by name.

    `hashes` are those of the tables by name, `lines` counts the examples in each file for training, `sizes` are
    those of the tables.
    """
    facts, rubric, tally = sources.facts, sources.rubric, sources.tally
    tables = {name: sha256 for name, sha256 in hashes.items() if name.endswith(".parquet")}
    return {
        RUBRIC: page(facts.rubric),
        **{path_of_rubric(name): page(content) for name, content in facts.other_rubrics.items()},
        RECORD: page(record_of(sources)),
        CARD: card(facts, rubric, tally, sizes),
        "PROTOCOL.md": protocol(facts, rubric, tally),
        "DATASHEET.md": datasheet(facts, rubric, tally),
        "LEAKAGE.md": leakage(facts, sources.leaks, sources.overlaps),
        croissant.NAME: page(croissant.croissant(facts, rubric, tally, tables)),
        RECOMPUTE: Path(__file__).with_name(RECOMPUTE).read_text(encoding="utf-8"),
        **describe(facts.name, lines),
    }


def _near_duplicates(
    summaries: Iterable[PartSummary], benchmarks: Iterable[Benchmark]
) -> tuple[Leaks, dict[str, list[list[Any]]]]:
    """Return the near duplicates between splits, and those in benchmarks by their titles."""
    with Fingerprints() as fingerprints:
        for part in summaries:
            for row in part.fingerprints():
                fingerprints.add(row)
        overlaps = {benchmark.title: fingerprints.overlap(benchmark) for benchmark in benchmarks}
        return fingerprints.across_splits(), overlaps


def _take_tables(folder: Path, plan: Sequence[Part], summaries: Sequence[PartSummary]) -> dict[str, str]:
    """Move the shards where they belong, numbered within their split; return their hashes by name."""
    hashes = {}
    for table in (MAIN, *(view.name for view in VIEWS)):
        for split in SPLITS:
            holders = [part for place, part in zip(plan, summaries, strict=True) if place.split == split]
            holders = [part for part in holders if shard(table) in part.hashes]
            for number, part in enumerate(holders):
                name = f"{table}/{split}-{number:05d}-of-{len(holders):05d}.parquet"
                (folder / table).mkdir(exist_ok=True)
                # Never copied: the shards are nearly all the bytes of a release.
                (part.folder / shard(table)).rename(folder / name)
                hashes[name] = part.hashes[shard(table)]
    return hashes


def _join_lines(folder: Path, names: Iterable[str], summaries: Sequence[PartSummary]) -> dict[str, str]:
    """Make one file of each part's lines for training, by name; return the hashes of those that were in one part."""
    hashes = {}
    for name in names:
        holders = [part for part in summaries if name in part.hashes]
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (holders[0].folder / name).rename(folder / name)
        _append(folder / name, [part.folder / name for part in holders[1:]])
        if len(holders) == 1:
            hashes[name] = holders[0].hashes[name]
    return hashes


def _append(path: Path, sources: Iterable[Path]) -> None:
    with path.open("ab") as target:
        for source in sources:
            with source.open("rb") as file:
                shutil.copyfileobj(file, target, AT_A_TIME)


def _compare(previous: Path | None, folder: Path, facts: ReleaseFacts, record: dict[str, Any]) -> Difference | None:
    """Compare with the release before. Raise ReleaseRefused when the version has not risen as much as that needs."""
    if previous is None:
        return None
    difference = compare(previous, folder, record)
    objection = versions.objection(facts.previous.version if facts.previous else "", facts.version, difference)
    if objection:
        raise ReleaseRefused(objection)
    return difference


def record_of(sources: PageSources) -> dict[str, Any]:
    """Return what `release.json` states."""
    facts, tally = sources.facts.to_json(), sources.tally
    # It has a file of its own, and the record states its hash.
    del facts["rubric"]
    facts["other_rubrics"] = {name: content_hash(content) for name, content in sources.facts.other_rubrics.items()}
    record: dict[str, Any] = round_figures(facts | tally.figures())
    return record | {
        "format": FORMAT,
        "content_sha256": tally.content_sha256,
        "split_tenths": TENTHS,
        "near": {"reach": REACH, "sure": SURE, "unsure": UNSURE, "hash_alone": HASH_ALONE},
        "pairs_across_splits": sources.leaks.pairs,
        "in_benchmarks": sources.overlaps,
    }
