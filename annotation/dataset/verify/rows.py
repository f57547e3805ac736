"""Check the rows of a release one by one: each image, its answers and means, the views and training files beside it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from annotation.dataset.contents.aggregates import Severities, aggregate, counts
from annotation.dataset.contents.leakage import Fingerprints
from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.contents.tally import Tally
from annotation.dataset.contents.views import VIEWS, View, derive_rows, image_path
from annotation.dataset.format import clutter, manifest, parquet
from annotation.dataset.format.columns import main_columns
from annotation.dataset.pages.licences import HEAD as LICENCES_HEAD
from annotation.dataset.pages.licences import licence_line
from annotation.dataset.read.record import UNLIKE, UNREADABLE
from annotation.dataset.write.training import FOLDER, FORMATS, examples, path_of, read_lines
from annotation.rubric.schema import Rubric


@dataclass(frozen=True)
class Rubrics:
    """A release's own version of the rubric and, by name, all versions that its answers go by."""

    own: Rubric
    by_name: dict[str, Rubric]


class Rows:
    """The rows of a release and what all of them give; `findings` gets a sentence for what does not fit."""

    def __init__(
        self, folder: Path, rubrics: Rubrics, severities: Severities, fingerprints: Fingerprints, findings: list[str]
    ) -> None:
        self.folder, self.rubrics, self.severities, self.findings = folder, rubrics, severities, findings
        self.fingerprints = fingerprints
        self.tally = Tally()
        self.licences = hashlib.sha256(LICENCES_HEAD.encode())
        self.images: set[str] = set()
        self._groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._image_names = {
            name for name in manifest.files_below(folder) if name.startswith("images/") and not clutter.writer_of(name)
        }
        self._views = {view.name: _view_check(folder, view, rubrics.own, findings) for view in VIEWS}
        self._formats = {key: _format_check(folder, *key, findings) for key in FORMATS}

    def read(self, consumers: Iterable[Callable[[dict[str, Any]], None]]) -> None:
        """Check every row, hand it to `consumers`, and check at the end what rows have in common."""
        for place, row, split in _rows(self.folder, self.rubrics.own, self.findings):
            try:
                self._take(place, row, split)
                for add in consumers:
                    add(row)
            except UNLIKE as error:
                self.findings.append(f"{place}: holds what no release holds: {error}")
        for check in (*self._views.values(), *self._formats.values()):
            check.end()
        self.findings += [f"{name}: is no image of this release" for name in sorted(self._image_names)]
        for group, splits in sorted(self._groups.items()):
            _check_group(group, splits, self.findings)

    def _take(self, place: str, row: dict[str, Any], split: str) -> None:
        findings = _check_image(row, split, self.rubrics, self.severities)
        self.findings += [f"{place}: {finding}" for finding in findings]
        # Before the row is counted: its hash holds that of the image in place of the bytes.
        file_name = row.pop("image")["path"]
        self.tally.add(row)
        self.fingerprints.add(row)
        self.licences.update(licence_line(row).encode())
        self.findings += _check_image_file(self.folder, image_path(file_name), row["image_sha256"], self._image_names)
        self._check_derived_rows(row, file_name, split)
        if row["sha256"] in self.images:
            self.findings.append(f"{place}: image {row['sha256']} is there already")
        self.images.add(row["sha256"])
        self._groups[str(row["group"])][str(row["split"])].append(str(row["sha256"]))

    def _check_derived_rows(self, row: dict[str, Any], file_name: str, split: str) -> None:
        """Hold the views and the training files against a row of the main table."""
        rows = derive_rows(row, file_name)
        for name, check in self._views.items():
            check.expect(rows[name], split, row["sha256"])
        training_examples = examples(row, rows["critiques"], file_name, self.rubrics.own)
        for (name, kind), check in self._formats.items():
            check.expect(map(FORMATS[name, kind], training_examples[kind]), split, row["sha256"])


def _rows(folder: Path, rubric: Rubric, findings: list[str]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Return each row with its place and the split its file belongs to, in the order they were written."""
    for split in SPLITS:
        for place, row in _table(folder / "data", split, main_columns(rubric.by_key), findings):
            yield place, row, split


def _table(folder: Path, split: str, columns: pa.Schema, findings: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the rows of one split of the main table or a view, each with its place; say which shard is unreadable."""
    for path in parquet.shards_of(folder, split):
        name = f"{folder.name}/{path.name}"
        try:
            if not parquet.columns_of(path).equals(columns):
                findings.append(f"{name}: its columns are not those of a release by this rubric")
                continue
            for number, row in enumerate(parquet.read(path), 1):
                yield f"{name}, row {number}", row
        except UNREADABLE as error:
            findings.append(f"{name}: cannot be read: {error}")


Places = Iterator[tuple[str, dict[str, Any]]]


def _view_check(folder: Path, view: View, rubric: Rubric, findings: list[str]) -> _DerivedCheck:
    columns = view.columns(rubric.by_key)
    rows = {split: _table(folder / view.name, split, columns, findings) for split in SPLITS}
    return _DerivedCheck(view.name, rows, findings)


def _format_check(folder: Path, name: str, kind: str, findings: list[str]) -> _DerivedCheck:
    rows = {split: _json_lines(folder, path_of(name, kind, split), findings) for split in SPLITS}
    return _DerivedCheck(f"{FOLDER}/{name}", rows, findings)


def _json_lines(folder: Path, name: str, findings: list[str]) -> Places:
    try:
        for number, row in enumerate(read_lines(folder / name), 1):
            yield f"{name}, line {number}", row
    except UNREADABLE as error:
        findings.append(f"{name}: cannot be read: {error}")


class _DerivedCheck:
    """A view or format held against the main table, row by row; after a difference the rest of a split would follow."""

    def __init__(self, name: str, rows: dict[str, Places], findings: list[str]) -> None:
        self.name, self.rows, self.findings = name, rows, findings
        self.splits_with_difference: set[str] = set()

    def expect(self, rows: Iterable[dict[str, Any]], split: str, image: str) -> None:
        for row in rows:
            if split in self.splits_with_difference:
                return
            place, actual = next(self.rows[split], (f"{self.name}/{split}", None))
            if actual != row:
                self.splits_with_difference.add(split)
                problem = "ends too early" if actual is None else "is not what the main table gives"
                self.findings.append(f"{place}: {problem} for image {image}")

    def end(self) -> None:
        for split, rows in self.rows.items():
            place, row = next(rows, ("", None))
            if row is not None and split not in self.splits_with_difference:
                self.findings.append(f"{place}: the main table has no such row")


def _check_image(row: dict[str, Any], split: str, rubrics: Rubrics, severities: Severities) -> Iterator[str]:
    rubric = rubrics.own
    if hashlib.sha256(row["image"]["bytes"] or b"").hexdigest() != row["image_sha256"]:
        yield "the image is not the one whose hash is image_sha256"
    if row["split"] != split:
        yield f"split is {row['split']}, but the row lies in {split}"
    subcategory = rubric.subcategories.get(row["subcategory"])
    if subcategory is None or subcategory.category != row["category"]:
        yield f"the rubric has no subcategory {row['subcategory']} in {row['category']}"
    for name, figure in _differences(row, aggregate(row["annotations"], row["consensus"], rubric, severities)):
        yield f"{name}, but the answers give {figure}"
    if not row["holistic"]["n"]:
        yield "no answer counts, so the image may not be in a release"
    n_by_rater = Counter(annotation["rater"] for annotation in row["annotations"] if counts(annotation))
    for rater, n in n_by_rater.items():
        if n > 1:
            yield f"{rater} has {n} answers that count; one an image is accepted"
    for annotation in row["annotations"]:
        for finding in _check_annotation(annotation, rubrics):
            yield f"{annotation['kind']} answer of {annotation['rater']}: {finding}"


def _check_image_file(folder: Path, name: str, sha256: str, image_names: set[str]) -> Iterator[str]:
    """Hold an image that was written out against its hash, and take it off the list."""
    if name in image_names:
        image_names.remove(name)
        path = folder / name
        if path.is_symlink() or not path.is_file() or manifest.sha256_of(path) != sha256:
            yield f"{name}: is not the image that the release holds"


def _differences(statement: Any, truth: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Return the name of each figure that differs, with what is stated, and what it should be."""
    if isinstance(truth, dict) and isinstance(statement, dict):
        for key, figure in truth.items():
            yield from _differences(statement.get(key), figure, f"{name}.{key}" if name else key)
    elif statement != truth:
        yield f"{name} is {statement}", truth


def _check_annotation(annotation: dict[str, Any], rubrics: Rubrics) -> Iterator[str]:
    if annotation["counted"] != counts(annotation):
        yield f"counted is {annotation['counted']}, against the rule"
    rubric = rubrics.by_name.get(annotation["rubric_version"])
    if rubric is None:
        yield f"it goes by {annotation['rubric_version']}, and the release holds no such rubric"
        return
    judgements = annotation["judgements"]
    imported = annotation["imported"]
    scores = {
        key: judgement["score"]
        for key, judgement in judgements.items()
        if judgement and not (imported and judgement["score"] is None)
    }
    try:
        steps = {key: rubric.scale.to_steps(score) for key, score in scores.items()}
    except ValueError as error:
        yield str(error)
        return
    if all(attribute.key in steps for attribute in rubric.attributes if attribute.weight):
        holistic = rubric.holistic(steps) / 100
        if annotation["holistic"] != holistic:
            yield f"holistic is {annotation['holistic']}, but its scores give {holistic}"


def _check_group(group: str, splits: dict[str, list[str]], findings: list[str]) -> None:
    if len(splits) > 1:
        places = "; ".join(f"{split}: {', '.join(images)}" for split, images in sorted(splits.items()))
        findings.append(f"group {group} lies in {len(splits)} splits ({places})")
    if not re.fullmatch("[0-9a-f]{64}", group):
        images = sorted(image for images in splits.values() for image in images)
        findings.append(f"group {group!r} of {', '.join(images)}: is not named after the hash of an image")
