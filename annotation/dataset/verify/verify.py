"""Check a release against itself, without a database: hashes, splits, and every mean worked out again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from annotation.dataset.contents.aggregates import Severities, severities_of
from annotation.dataset.contents.leakage import Fingerprints, Leaks
from annotation.dataset.contents.tally import Tally
from annotation.dataset.format import manifest
from annotation.dataset.format.facts import path_of_rubric, program
from annotation.dataset.pages.licences import NAME as LICENCES
from annotation.dataset.read.record import RECORD, UNLIKE, UNREADABLE, not_files, read_object
from annotation.dataset.write.folder import CARD, FORMAT, RUBRIC
from annotation.errors import ReleaseUnreadable, RubricInvalid
from annotation.images.likeness import Verdict
from annotation.rubric.schema import Rubric, content_hash, parse

from . import pages as verify_pages
from .files import LINE_ENDS, check_listed_files, find_release
from .rows import Rows, Rubrics

FORM: dict[str, type] = {
    "agreement": dict, "engine": dict, "scope": dict, "other_rubrics": dict, "rubric_name": str,
    "held": list, "connected": list, "rejected_pairs": list, "withdrawn": list,
}  # fmt: skip
PAGES_OF_ANOTHER = "the words of its pages were not held to the rows: another version of the program wrote them"
# What a release that somebody made up may still raise somewhere: a sentence then, and no traceback.
BREAKS_OFF = (*UNLIKE, *UNREADABLE, MemoryError, RecursionError, RubricInvalid, yaml.YAMLError)
KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "text"}


class Derivation(Protocol):
    """A report of agreement that is worked out again from the rows of a release."""

    def add(self, row: dict[str, Any]) -> None:
        """Take one image's row."""

    def differences(self, record: dict[str, Any]) -> Iterable[str]:
        """Say of each figure that is stated otherwise than the rows give it."""

    def extent(self, record: dict[str, Any]) -> str:
        """Say how much of the report is worked out again."""


@dataclass
class Verification:
    """What was checked, and a sentence for each thing that does not fit; `remarks` say how far the check went."""

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

    With `derive` the report of agreement is worked out again from the rows as well.
    """
    result = Verification()
    if not (folder / manifest.NAME).is_file():
        result.findings.append(f"{folder} holds no {manifest.NAME}, so it is not a release{find_release(folder)}")
        return result
    try:
        _check_release(folder, derive, result)
    except BREAKS_OFF as error:
        reason = str(error)[:200] or "no reason is given"
        result.findings.append(
            f"the check broke off, and what follows was not looked at: {type(error).__name__}: {reason}"
        )
    return result


def _check_release(folder: Path, derive: Callable[[Rubrics], Derivation] | None, result: Verification) -> None:
    _check_files(folder, result)
    if unread := list(not_files(folder)):
        result.findings += [f"{name}: is not a file; nothing in this folder was read" for name in unread]
        return
    record = _read_json(folder / RECORD, result)
    if record is None:
        return
    # In another format the same names may mean other things, and every further finding would mislead.
    if record.get("format") != FORMAT:
        result.findings.append(f"{RECORD}: format: {FORMAT} is accepted, not {record.get('format')}")
        return
    unlike = [name for name, kind in FORM.items() if not isinstance(record.get(name), kind)]
    result.findings += [f"{RECORD}: {name}: {KINDS[FORM[name]]} is accepted" for name in unlike]
    rubrics = _read_rubrics(folder, record, result)
    if rubrics is not None and not unlike:
        with Fingerprints() as fingerprints:
            _check_rows(folder, record, rubrics, fingerprints, derive(rubrics) if derive else None, result)


def _check_files(folder: Path, result: Verification) -> None:
    """Compare every file with its hash in the manifest."""
    result.manifest_sha256 = manifest.sha256_of(folder / manifest.NAME)
    try:
        listed = manifest.read(folder)
    except ValueError as error:
        result.findings.append(str(error))
        return
    result.files = len(listed)
    result.findings += check_listed_files(folder, listed, result.remarks)
    # Read with any line ends, it would hold with some that its own hash does not cover.
    if b"\r" in (folder / manifest.NAME).read_bytes():
        result.findings.append(f"{manifest.NAME}: {LINE_ENDS}")
    result.findings += [
        f"{name}: a release has one, and {manifest.NAME} does not list it"
        for name in (CARD, RECORD, RUBRIC)
        if name not in listed
    ]


def _read_json(path: Path, result: Verification) -> dict[str, Any] | None:
    try:
        return read_object(path)
    except ReleaseUnreadable as error:
        result.findings.append(str(error))
        return None


def _read_rubrics(folder: Path, record: dict[str, Any], result: Verification) -> Rubrics | None:
    """Return the versions of the rubric that can be read; None where the release's own cannot."""
    own = _read_rubric(folder, RUBRIC, record.get("rubric_sha256"), result)
    if own is None:
        return None
    by_name = {str(record.get("rubric_name")): own}
    other_rubrics = record["other_rubrics"] if isinstance(record.get("other_rubrics"), dict) else {}
    for name, sha256 in other_rubrics.items():
        # The name becomes a path, which must not lead out of the folder.
        if not re.fullmatch(r"[-\w]+ \d+", name):
            result.findings.append(f"{RECORD}: {name!r} in other_rubrics is not a rubric and its version")
            continue
        rubric = _read_rubric(folder, path_of_rubric(name), sha256, result)
        if rubric is not None:
            by_name[name] = rubric
    return Rubrics(own, by_name)


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
    """Check each image by itself, then what all of them give against the record and the pages."""
    rows = Rows(folder, rubrics, _severities(record, result), fingerprints, result.findings)
    rows.read([agreement.add] if agreement else [])
    result.images, tally = rows.tally.images, rows.tally
    if not result.images:  # Of nothing there is no mean, no split and no page.
        result.findings.append("no row of it can be read, so nothing further was checked")
        return
    result.findings += [
        f"{RECORD}: {key} is {record.get(key)}, but the rows give {figure}"
        for key, figure in tally.figures().items()
        if record.get(key) != figure
    ]
    leaks = fingerprints.across_splits()
    result.findings += _check_pairs(leaks.pairs, record)
    if record.get("content_sha256") != tally.content_sha256:
        result.findings.append(f"{RECORD}: content_sha256 is not the hash of the rows")
    result.findings += verify_pages.check_withdrawn(folder, record, rows.images | tally.raters)
    result.findings += verify_pages.check_card(folder, tally)
    result.findings += _check_agreement(folder, agreement, record, result)
    if (folder / LICENCES).is_file() and manifest.sha256_of(folder / LICENCES) != rows.licences.hexdigest():
        result.findings.append(f"{LICENCES}: is not the list that the rows give")
    result.rows_checked = True
    if tally.annotations["simulated"] and not record.get("is_demo"):
        result.findings.append(f"{RECORD}: simulated answers are inside, but the release is not marked as demo")
    if not result.findings:  # Else much of what the pages say would differ, and bury what is wrong.
        result.findings += _check_pages(folder, record, rubrics.own, tally, leaks, result)


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
        findings = list(verify_pages.check_reliability(folder, record))
        if agreement:
            findings += [f"{RECORD}: agreement.{finding}" for finding in agreement.differences(record)]
            result.remarks.append(agreement.extent(record))
    except UNLIKE as error:
        return [f"{RECORD}: agreement is of another form than a report: {error!r}"]
    return findings


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
        rejected = [one, two] in record["rejected_pairs"] or [two, one] in record["rejected_pairs"]
        stated = any(isinstance(group, list) and {one, two} <= {*map(str, group)} for group in record["connected"])
        if verdict == Verdict.SAME and not rejected and not stated:
            where = f"{one} in {split} and {two} in {other}"
            yield f"{RECORD}: images {where} are near duplicates, neither rejected nor listed as connected"
