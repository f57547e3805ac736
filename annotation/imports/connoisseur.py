"""Read a release of ours, without its images: its answers, and beside them consensuses and prefills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from annotation.dataset.contents.aggregates import FINAL, FIRST, SENT_BACK
from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.format import manifest, parquet
from annotation.dataset.verify.files import check_listed_files, find_release
from annotation.errors import FieldsInvalid, RatingsRefused
from annotation.rubric.reading import is_storable
from annotation.rubric.reading import read as read_row

from .annotation_builder import AnnotationBuilder
from .files import read_json
from .records import ForeignAnnotation, Problem, Records, Source
from .release_records import consensus_of, prefill_of
from .rows import LONGEST_CAMPAIGN, ReleasedAnnotation, ReleasedConsensus, ReleasedPrefill, ReleasedRow
from .vocabulary import Vocabulary

RECORD_FIELDS = ("campaign", "released_at", "rubric_name")
COLUMNS = ["sha256", "annotations", "consensus", "prefills"]

Row = dict[str, Any]


def read(path: Path, words: Vocabulary) -> Records:
    """Yield all answers, first and final, of the release in a folder, and what stands beside them, image by image.

    Raise RatingsRefused when it is none.
    """
    record = _read_record(path)
    # Consensus and prefills name no version: they go by the release's own rubric.
    rubric_name = record["rubric_name"]
    release = _Release(rubric_name, {rubric_name: record.get("rubric_sha256"), **record["other_rubrics"]}, words)
    for split in SPLITS:
        for shard in parquet.shards_of(path / "data", split):
            try:
                for number, row in enumerate(parquet.read(shard, COLUMNS), 1):
                    yield from release.image(row, f"data/{shard.name}, row {number}")
            except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
                raise RatingsRefused(f"data/{shard.name}: cannot be read: {error}") from error


def source_of(path: Path) -> Source:
    """Return the campaign of the release in a folder, and when it was made. Raise RatingsRefused when it is none."""
    record = _read_record(path)
    return Source(record["campaign"], record["released_at"])


def check_files(path: Path) -> None:
    """Raise RatingsRefused where a file of the release in a folder is not the one in its manifest."""
    _read_record(path)
    try:
        problems = list(check_listed_files(path, manifest.read(path), []))
    except (OSError, ValueError) as error:
        raise RatingsRefused(str(error)) from error
    if problems:
        more = f" (and {len(problems) - 1} more, which `verify_release` lists)" if len(problems) > 1 else ""
        raise RatingsRefused(f"{path}: is not the release as it was made: {problems[0]}{more}")


def _read_record(path: Path) -> Row:
    if not (path / manifest.NAME).is_file():
        hint = find_release(path)
        raise RatingsRefused(f"{path}: the folder of a release is accepted; it holds no {manifest.NAME}{hint}")
    record: Any = read_json(path / "release.json")
    for name in RECORD_FIELDS:
        if not isinstance(record, dict) or not _is_name(record.get(name)):
            raise RatingsRefused(f"release.json: an object with {', '.join(RECORD_FIELDS)} is accepted")
    other_rubrics = record.get("other_rubrics")
    if not isinstance(other_rubrics, dict) or not all(isinstance(sha256, str) for sha256 in other_rubrics.values()):
        raise RatingsRefused("release.json: other_rubrics: an object from versions to SHA-256s is accepted")
    return dict(record)


def _is_name(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST_CAMPAIGN and is_storable(text)


@dataclass(frozen=True)
class _Release:
    """The images of a release, whose own rubric is `rubric`; `hashes` are those of versions it states."""

    rubric: str
    hashes: Mapping[str, str | None]
    words: Vocabulary

    def image(self, row: Row, place: str) -> Records:
        annotations = yield from _check_items(row["annotations"], ReleasedAnnotation, place, "annotations")
        consensus_rows = yield from _check_items(
            [row["consensus"]] if row["consensus"] else [], ReleasedConsensus, place, "consensus"
        )
        prefills = yield from _check_items(row["prefills"], ReleasedPrefill, place, "prefills")
        image = self.words.image(row["sha256"])
        for annotation, occasion, model in _occasions(annotations):
            annotation_place = f"{place}, {annotation['kind']} answer of {annotation['rater']}"
            words = self.words_of(annotation["rubric_version"])
            if isinstance(words, str):
                yield Problem(annotation_place, "rubric_version", words)
            else:
                yield from _annotation(
                    annotation,
                    ForeignAnnotation(annotation_place, image, annotation["rater"], occasion=occasion, model=model),
                    words,
                )
        for consensus in consensus_rows:
            yield from consensus_of(consensus, image, f"{place}, consensus", self.own_vocabulary)
        for prefill in prefills:
            yield from prefill_of(prefill, image, f"{place}, prefill of {prefill['model']}", self.own_vocabulary)

    @cached_property
    def own_vocabulary(self) -> Vocabulary | str:
        return self.words_of(self.rubric)

    def words_of(self, name: str) -> Vocabulary | str:
        """Return the vocabulary of a version of the rubric, by its content's hash where the release states it."""
        return self.words.by_version(name, self.hashes.get(name))


def _check_items(items: Any, model: type[ReleasedRow], place: str, name: str) -> Generator[Problem, None, list[Row]]:
    """Yield what the answers of a row, say, lack, and return those that lack nothing."""
    if not isinstance(items, list):
        yield Problem(place, name, "a list is accepted")
        return []
    valid_items = []
    for number, item in enumerate(items, 1):
        try:
            read_row(model, item or {})
        except FieldsInvalid as error:
            yield from (Problem(f"{place}, {name} {number}", key, reason) for key, reason in error.errors.items())
        else:
            valid_items.append(item)
    return valid_items


def _occasions(annotations: list[Row]) -> Iterator[tuple[Row, int, str]]:
    """Return each answer with its occasion and the model shown then.

    Whoever answered again after a change of the rubric did so on another occasion; a final answer follows its first.
    """
    firsts: Counter[tuple[str, bool]] = Counter()
    occasions = []
    for annotation in annotations:
        rater_key = (annotation["rater"], annotation["repeat"])
        # Hidden repeats are counted by themselves: they are another occasion by nature, not by a change of the rubric.
        firsts[rater_key] += annotation["kind"] == FIRST
        occasions.append((annotation, (*rater_key, firsts[rater_key])))
    models = {occasion: annotation["shown_model"] for annotation, occasion in occasions if annotation["shown_model"]}
    for annotation, occasion in occasions:
        yield annotation, occasion[-1], models.get(occasion, "")


def _annotation(annotation: Row, draft: ForeignAnnotation, words: Vocabulary) -> Records:
    marks = {name: annotation[name] for name in ("repeat", "surplus", "exposed", "simulated", "superseded", "week")}
    marks["campaign"] = annotation["campaign"] or ""
    marks["sent_back"] = annotation["kind"] == SENT_BACK
    number = 2 if annotation["kind"] in (FINAL, SENT_BACK) else 1
    builder = AnnotationBuilder(replace(draft, number=number, rubric=words.version, **marks), words)
    for key, judgement in annotation["judgements"].items():
        if judgement:
            # A null score means none was given; read as a score it would be refused as none.
            content = {name: value for name, value in judgement.items() if name != "score" or value is not None}
            builder.judge(key, content, with_origins=True)
    builder.describe(**{name: annotation[name] for name in ("subcategory", "arm", "seconds", "seconds_to_first_score")})
    yield from builder.result()
