"""Check a release against itself, without a database: hashes, splits, and every mean worked out again."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from annotation.errors import RubricInvalid
from annotation.likeness import Verdict
from annotation.rubric import Rubric, content_hash, parse

from . import manifest, parquet, signature, verify_pages
from .aggregates import Severities, aggregate, counts, severities_of
from .columns import main_columns
from .facts import path_of_rubric, program
from .folder import CARD, FORMAT, RECORD, RUBRIC
from .leakage import Fingerprints, Leaks
from .licences import HEAD as LICENCES_HEAD
from .licences import NAME as LICENCES
from .licences import licence_line
from .splits import SPLITS
from .tally import Tally
from .training import FOLDER, FORMATS, examples, path_of, read_lines
from .views import VIEWS, View, derived, picture_path

UNREADABLE = (OSError, ValueError, pa.ArrowException)
UNLIKE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # What data of another form raises.
FORM: dict[str, type] = {
    "agreement": dict, "engine": dict, "query": dict, "other_rubrics": dict, "rubric_name": str,
    "held_back": list, "tied": list, "told_apart": list, "withdrawn": list,
}  # fmt: skip
PAGES_OF_ANOTHER = "the words of its pages were not held to the rows: another version of the program wrote them"
KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "text"}
HASHES_ALONE = (
    "its hashes alone were checked: its format is {}, and this program checks the rows of format {}; that of its time, "
    "{}, checks them"
)


@dataclass(frozen=True)
class Rubrics:
    """Hold a release's own version of the rubric and, by name, all versions that its answers go by."""

    own: Rubric
    by_name: dict[str, Rubric]


class Derivation(Protocol):
    """Work the report of agreement out again from the rows of a release."""

    def add(self, row: dict[str, Any]) -> None:
        """Take one image's row."""

    def differences(self, record: dict[str, Any]) -> Iterable[str]:
        """Say of each figure that is stated otherwise than the rows give it."""

    def said(self, record: dict[str, Any]) -> str:
        """Say how much of the report is worked out again."""


@dataclass
class Verification:
    """Hold what was checked, and a sentence for each thing that does not fit; `remarks` say how far the check went."""

    findings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    manifest_sha256: str = ""
    files: int = 0
    images: int = 0
    rows_checked: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether everything fits."""
        return not self.findings


def verify(folder: Path, derive: Callable[[Rubrics], Derivation] | None = None) -> Verification:
    """Check the release in `folder`. Never raise for what is in it; say what does not fit instead.

    With `derive` the report of agreement is worked out again from the rows as well. Of a release of another format the
    hashes alone are checked.
    """
    result = Verification()
    if not (folder / manifest.NAME).is_file():
        result.findings.append(f"{folder} holds no {manifest.NAME}, so it is not a release")
        return result
    _check_files(folder, result)
    record = _read_json(folder / RECORD, result)
    if record is None:
        return result
    if record.get("format") in range(1, FORMAT):
        result.remarks.append(HASHES_ALONE.format(record.get("format"), FORMAT, _writer(record)))
        return result
    if record.get("format") != FORMAT:
        result.findings.append(f"{RECORD}: format: 1 to {FORMAT} is accepted, not {record.get('format')}")
        return result
    unlike = [name for name, kind in FORM.items() if not isinstance(record.get(name), kind)]
    result.findings += [f"{RECORD}: {name}: {KINDS[FORM[name]]} is accepted" for name in unlike]
    rubrics = _read_rubrics(folder, record, result)
    if rubrics is not None and not unlike:
        with Fingerprints() as fingerprints:
            _check_rows(folder, record, rubrics, fingerprints, derive(rubrics) if derive else None, result)
    return result


def _writer(record: dict[str, Any]) -> str:
    engine = record.get("engine")
    return f"connoisseur {engine.get('connoisseur', '')}" if isinstance(engine, dict) else "unknown"


def _check_files(folder: Path, result: Verification) -> None:
    """Compare every file with its hash in the manifest."""
    result.manifest_sha256 = manifest.sha256_of(folder / manifest.NAME)
    # `unpack_release` may have written the pictures out; they are held against the rows.
    everything = manifest.files_below(folder)
    there = {name: path for name, path in everything.items() if not name.startswith("images/")}
    del there[manifest.NAME]
    there.pop(signature.NAME, None)  # Whose it is, only a key can tell.
    try:
        listed = manifest.read(folder)
    except ValueError as error:
        result.findings.append(str(error))
        return
    result.files = len(listed)
    result.findings += [f"{name}: is missing" for name in sorted(listed.keys() - there.keys())]
    result.findings += [f"{name}: is not in {manifest.NAME}" for name in sorted(there.keys() - listed.keys())]
    for name in sorted(listed.keys() & there.keys()):
        if there[name].is_symlink() or not there[name].is_file():
            result.findings.append(f"{name}: is not a plain file")
        elif manifest.sha256_of(there[name]) != listed[name]:
            result.findings.append(f"{name}: its hash is not the one in {manifest.NAME}")
    result.findings += [
        f"{name}: a release has one, and {manifest.NAME} does not list it"
        for name in (CARD, RECORD, RUBRIC)
        if name not in listed
    ]


def _read_json(path: Path, result: Verification) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        result.findings.append(f"{path.name}: cannot be read: {error}")
        return None
    if not isinstance(content, dict):
        result.findings.append(f"{path.name}: a JSON object is accepted, not {type(content).__name__}")
        return None
    return content


def _read_rubrics(folder: Path, record: dict[str, Any], result: Verification) -> Rubrics | None:
    """Return the versions of the rubric that can be read; None where the release's own cannot."""
    own = _read_rubric(folder, RUBRIC, record.get("rubric_sha256"), result)
    if own is None:
        return None
    read = {str(record.get("rubric_name")): own}
    others = record["other_rubrics"] if isinstance(record.get("other_rubrics"), dict) else {}
    for name, sha256 in others.items():
        if not re.fullmatch(r"[-\w]+ \d+", name):
            result.findings.append(f"{RECORD}: {name!r} in other_rubrics is not a rubric and its version")
            continue
        rubric = _read_rubric(folder, path_of_rubric(name), sha256, result)
        if rubric is not None:
            read[name] = rubric
    return Rubrics(own, read)


def _read_rubric(folder: Path, name: str, sha256: Any, result: Verification) -> Rubric | None:
    content = _read_json(folder / name, result)
    if content is None:
        return None
    if content_hash(content) != sha256:
        result.findings.append(f"{name}: is not the rubric whose hash {RECORD} states")
    try:
        return parse(content)
    except RubricInvalid as error:
        result.findings.append(f"{name}: {error}")
        return None


def _check_rows(
    folder: Path,
    record: dict[str, Any],
    rubrics: Rubrics,
    fingerprints: Fingerprints,
    agreement: Derivation | None,
    result: Verification,
) -> None:
    """Check each image by itself, then that no group lies in two splits, then the counts and the rows' hash."""
    rubric = rubrics.own
    tally, severities, licences = Tally(), _severities(record, result), hashlib.sha256(LICENCES_HEAD.encode())
    seen: set[str] = set()
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    unpacked = {name for name in manifest.files_below(folder) if name.startswith("images/")}
    views = {view.name: _view_check(folder, view, rubric, result) for view in VIEWS}
    formats = {key: _format_check(folder, *key, result) for key in FORMATS}
    for place, row, split in _rows(folder, rubric, result):
        try:
            result.findings += [f"{place}: {finding}" for finding in _check_image(row, split, rubrics, severities)]
            file_name = row.pop("image")["path"]
            tally.add(row)
            fingerprints.add(row)
            licences.update(licence_line(row).encode())
            if agreement:
                agreement.add(row)
            result.findings += _check_unpacked(folder, picture_path(file_name), row["picture_sha256"], unpacked)
            rows = derived(row, file_name)
            for name, check in views.items():
                check.expect(rows[name], split, row["sha256"])
            learnt = examples(row, rows["critiques"], file_name, rubric)
            for (name, kind), check in formats.items():
                check.expect(map(FORMATS[name, kind], learnt[kind]), split, row["sha256"])
        except UNLIKE as error:
            result.findings.append(f"{place}: holds what no release holds: {error}")
            continue
        if row["sha256"] in seen:
            result.findings.append(f"{place}: image {row['sha256']} is there already")
        seen.add(row["sha256"])
        groups[str(row["group"])][str(row["split"])].append(str(row["sha256"]))
    result.images = tally.images
    for check in (*views.values(), *formats.values()):
        check.end()
    result.findings += [f"{name}: is no picture of this release" for name in sorted(unpacked)]
    for group, splits in sorted(groups.items()):
        _check_group(group, splits, result)
    result.findings += [
        f"{RECORD}: {key} is {record.get(key)}, but the rows give {figure}"
        for key, figure in tally.figures().items()
        if record.get(key) != figure
    ]
    leaks = fingerprints.across_splits()
    result.findings += _check_pairs(leaks.pairs, record)
    if record.get("content_sha256") != tally.content_sha256:
        result.findings.append(f"{RECORD}: content_sha256 is not the hash of the rows")
    result.findings += verify_pages.check_withdrawn(folder, record, seen | tally.raters)
    result.findings += verify_pages.check_card(folder, tally)
    result.findings += _check_agreement(folder, agreement, record, result)
    if (folder / LICENCES).is_file() and manifest.sha256_of(folder / LICENCES) != licences.hexdigest():
        result.findings.append(f"{LICENCES}: is not the list that the rows give")
    result.rows_checked = True
    if tally.answers["simulated"] and not record.get("is_demo"):
        result.findings.append(f"{RECORD}: simulated answers are inside, but the release is not marked as demo")
    if not result.findings:  # Else much of what the pages say would differ, and bury what is wrong.
        result.findings += _check_pages(folder, record, rubric, tally, leaks, result)


def _severities(record: dict[str, Any], result: Verification) -> Severities:
    try:
        return severities_of(record["agreement"])
    except UNLIKE as error:
        result.findings.append(f"{RECORD}: agreement is of another form than a report: {error!r}")
        return {}


def _check_agreement(
    folder: Path, agreement: Derivation | None, record: dict[str, Any], result: Verification
) -> list[str]:
    """Hold the tables against what is stated of agreement, and that against the rows; note how far that went."""
    try:
        found = list(verify_pages.check_reliability(folder, record))
        if agreement:
            found += [f"{RECORD}: agreement.{finding}" for finding in agreement.differences(record)]
            result.remarks.append(agreement.said(record))
    except UNLIKE as error:
        return [f"{RECORD}: agreement is of another form than a report: {error!r}"]
    return found


def _check_pages(
    folder: Path, record: dict[str, Any], rubric: Rubric, tally: Tally, leaks: Leaks, result: Verification
) -> list[str]:
    """Write every page again and hold it against the one there, where the same program wrote it."""
    if record["engine"].get("writer") != program():
        result.remarks.append(PAGES_OF_ANOTHER)
        return []
    try:
        return list(verify_pages.check_pages(folder, record, rubric, tally, leaks))
    except UNLIKE as error:
        return [f"{RECORD}: its pages cannot be written again from it: {error!r}"]


def _check_pairs(pairs: list[list[Any]], record: dict[str, Any]) -> Iterator[str]:
    """Find near duplicates in different splits that are not stated, or are the same without a word on why."""
    if pairs != record.get("pairs_across_splits"):
        yield f"{RECORD}: pairs_across_splits is not what the fingerprints give: {pairs}"
    for one, split, two, other, *_measures, verdict in pairs:
        apart = [one, two] in record["told_apart"] or [two, one] in record["told_apart"]
        tied = any(isinstance(group, list) and {one, two} <= {*map(str, group)} for group in record["tied"])
        if verdict == Verdict.SAME and not apart and not tied:
            where = f"{one} in {split} and {two} in {other}"
            yield f"{RECORD}: images {where} are near duplicates, neither told apart nor listed as tied"


def _rows(folder: Path, rubric: Rubric, result: Verification) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Return each row with its place and the split its file belongs to, in the order they were written."""
    for split in SPLITS:
        for place, row in _table(folder / "data", split, main_columns(rubric.by_key), result):
            yield place, row, split


def _table(folder: Path, split: str, columns: pa.Schema, result: Verification) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the rows of one split of the main table or a view, each with its place; say which shard is unreadable."""
    for path in parquet.shards_of(folder, split):
        name = f"{folder.name}/{path.name}"
        try:
            if not parquet.columns_of(path).equals(columns):
                result.findings.append(f"{name}: its columns are not those of a release by this rubric")
                continue
            for number, row in enumerate(parquet.read(path), 1):
                yield f"{name}, row {number}", row
        except UNREADABLE as error:
            result.findings.append(f"{name}: cannot be read: {error}")


Places = Iterator[tuple[str, dict[str, Any]]]


def _view_check(folder: Path, view: View, rubric: Rubric, result: Verification) -> _DerivedCheck:
    columns = view.columns(rubric.by_key)
    rows = {split: _table(folder / view.name, split, columns, result) for split in SPLITS}
    return _DerivedCheck(view.name, rows, result)


def _format_check(folder: Path, name: str, kind: str, result: Verification) -> _DerivedCheck:
    rows = {split: _json_lines(folder, path_of(name, kind, split), result) for split in SPLITS}
    return _DerivedCheck(f"{FOLDER}/{name}", rows, result)


def _json_lines(folder: Path, name: str, result: Verification) -> Places:
    try:
        for number, row in enumerate(read_lines(folder / name), 1):
            yield f"{name}, line {number}", row
    except (OSError, ValueError) as error:
        result.findings.append(f"{name}: cannot be read: {error}")


class _DerivedCheck:
    """Hold a view or format against the main table, row by row; after a difference the rest of a split would follow."""

    def __init__(self, name: str, rows: dict[str, Places], result: Verification) -> None:
        self.name, self.rows, self.result = name, rows, result
        self.differing: set[str] = set()

    def expect(self, wanted: Iterable[dict[str, Any]], split: str, image: str) -> None:
        for row in wanted:
            if split in self.differing:
                return
            place, found = next(self.rows[split], (f"{self.name}/{split}", None))
            if found != row:
                self.differing.add(split)
                what = "ends too early" if found is None else "is not what the main table gives"
                self.result.findings.append(f"{place}: {what} for image {image}")

    def end(self) -> None:
        for split, rows in self.rows.items():
            place, left = next(rows, ("", None))
            if left is not None and split not in self.differing:
                self.result.findings.append(f"{place}: the main table has no such row")


def _check_image(row: dict[str, Any], split: str, rubrics: Rubrics, severities: Severities) -> Iterator[str]:
    rubric = rubrics.own
    if hashlib.sha256(row["image"]["bytes"] or b"").hexdigest() != row["picture_sha256"]:
        yield "the picture is not the one whose hash is picture_sha256"
    if row["split"] != split:
        yield f"split is {row['split']}, but the row lies in {split}"
    subcategory = rubric.subcategories.get(row["subcategory"])
    if subcategory is None or subcategory.category != row["category"]:
        yield f"the rubric has no subcategory {row['subcategory']} in {row['category']}"
    for name, figure in _differences(row, aggregate(row["answers"], row["consensus"], rubric, severities)):
        yield f"{name}, but the answers give {figure}"
    if not row["holistic"]["n"]:
        yield "no answer counts, so the image may not be in a release"
    counted = Counter(answer["rater"] for answer in row["answers"] if counts(answer))
    for rater, answers in counted.items():
        if answers > 1:
            yield f"{rater} has {answers} answers that count; one an image is accepted"
    for answer in row["answers"]:
        for finding in _check_answer(answer, rubrics):
            yield f"{answer['kind']} answer of {answer['rater']}: {finding}"


def _check_unpacked(folder: Path, name: str, sha256: str, unpacked: set[str]) -> Iterator[str]:
    """Hold a picture that was written out against its hash, and take it off the list."""
    if name in unpacked:
        unpacked.remove(name)
        path = folder / name
        if path.is_symlink() or not path.is_file() or manifest.sha256_of(path) != sha256:
            yield f"{name}: is not the picture that the release holds"


def _differences(stated: Any, derived: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Return the name of each figure that differs, with what is stated, and what it should be."""
    if isinstance(derived, dict) and isinstance(stated, dict):
        for key, figure in derived.items():
            yield from _differences(stated.get(key), figure, f"{name}.{key}" if name else key)
    elif stated != derived:
        yield f"{name} is {stated}", derived


def _check_answer(answer: dict[str, Any], rubrics: Rubrics) -> Iterator[str]:
    if answer["counted"] != counts(answer):
        yield f"counted is {answer['counted']}, against the rule"
    rubric = rubrics.by_name.get(answer["rubric_version"])
    if rubric is None:
        yield f"it goes by {answer['rubric_version']}, and the release holds no such rubric"
        return
    judged = answer["judgements"]
    imported = answer["imported"]
    scores = {
        key: judgement["score"]
        for key, judgement in judged.items()
        if judgement and not (imported and judgement["score"] is None)
    }
    try:
        steps = {key: rubric.scale.to_steps(score) for key, score in scores.items()}
    except ValueError as error:
        yield str(error)
        return
    if all(attribute.key in steps for attribute in rubric.attributes if attribute.weight):
        derived = rubric.holistic(steps) / 100
        if answer["holistic"] != derived:
            yield f"holistic is {answer['holistic']}, but its scores give {derived}"


def _check_group(group: str, splits: dict[str, list[str]], result: Verification) -> None:
    if len(splits) > 1:
        where = "; ".join(f"{split}: {', '.join(images)}" for split, images in sorted(splits.items()))
        result.findings.append(f"group {group} lies in {len(splits)} splits ({where})")
    if not re.fullmatch("[0-9a-f]{64}", group):
        images = sorted(image for images in splits.values() for image in images)
        result.findings.append(f"group {group!r} of {', '.join(images)}: is not named after the hash of an image")
