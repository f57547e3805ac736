"""Say what differs between two releases, and which version number that calls for.

The rule is that of Croissant 1.1 (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, "version"):
PATCH, the same data in other packaging; MINOR, old records are as they were and new ones or new columns came; MAJOR,
records were edited, removed, or moved between splits. A further answer on an old image edits its record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.format import parquet
from annotation.dataset.format.columns import leaves
from annotation.errors import ReleaseUnreadable

from .record import UNLIKE, UNREADABLE, read_record

MAJOR, MINOR, PATCH = "major", "minor", "patch"
STATISTICS = ("agreement", "images", "splits", "subcategories", "annotations", "first_annotations_by_arm", "raters")
SHA256 = re.compile("[0-9a-f]{64}")
MOST_OF_A_REASON = 200  # characters


@dataclass
class Difference:
    """What differs between two releases, images by SHA-256: `changed` with their columns, `moved` with both splits."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    moved: dict[str, list[str]] = field(default_factory=dict)
    columns_added: list[str] = field(default_factory=list)
    columns_removed: list[str] = field(default_factory=list)
    columns_changed: list[str] = field(default_factory=list)
    statistics: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def level(self) -> str:
        """Return which number of the version has to rise."""
        if self.removed or self.changed or self.moved or self.columns_removed or self.columns_changed:
            return MAJOR
        return MINOR if self.added or self.columns_added else PATCH

    @property
    def reason(self) -> str:
        """Say in a clause why that number has to rise."""
        kinds = (
            (self.removed, "images removed"),
            (self.changed, "images whose records changed"),
            (self.moved, "images moved to another split"),
            ([*self.columns_removed, *self.columns_changed], "columns removed or of another type"),
            (self.added, "images added"),
            (self.columns_added, "columns added"),
        )
        return ", ".join(f"{len(items)} {words}" for items, words in kinds if items) or "the same data"

    def to_json(self) -> dict[str, Any]:
        """Return the lists, how long they are, and the level."""
        lists = dict(vars(self))
        return {"level": self.level, "counts": {name: len(value) for name, value in lists.items()}, **lists}


def diff(old: Path, new: Path) -> Difference:
    """Compare two releases row by row, holding no more than a row group of each. Raise ReleaseUnreadable."""
    return compare(old, new, read_record(new))


def compare(old: Path, new: Path, new_record: Mapping[str, Any]) -> Difference:
    """Compare a release with the tables of another one, whose record is `new_record`. Raise ReleaseUnreadable."""
    old_record = read_record(old)
    difference = Difference()
    try:
        _compare_tables(old, new, difference)
    except (*UNLIKE, *UNREADABLE, MemoryError) as error:
        reason = f"{type(error).__name__}: {error}"[:MOST_OF_A_REASON]
        raise ReleaseUnreadable(f"{old} and {new} cannot be compared: {reason}") from error
    a, b = (dict(_flat({key: record.get(key) for key in STATISTICS})) for record in (old_record, new_record))
    difference.statistics = {
        key: [a.get(key), b.get(key)] for key in sorted(a.keys() | b.keys()) if a.get(key) != b.get(key)
    }
    return difference


def _compare_tables(old: Path, new: Path, difference: Difference) -> None:
    types = _columns(old), _columns(new)
    _compare_columns(*types, difference)
    # A column that one of them lacks is a change of columns, and not of every record.
    common_type = _common_type(pa.struct(list(types[0])), pa.struct(list(types[1])))
    for split in SPLITS:
        _compare_rows(_rows(old, split, types[0]), _rows(new, split, types[1]), common_type, difference)
    _find_moved(old, new, difference)


def _columns(folder: Path) -> pa.Schema:
    shards = [shard for split in SPLITS for shard in parquet.shards_of(folder / "data", split)]
    if not shards:
        raise ReleaseUnreadable(f"{folder} holds no data")
    columns = parquet.columns_of(shards[0])
    return columns.remove(columns.get_field_index("image"))  # Its hash stands for it.


def _compare_columns(old: pa.Schema, new: pa.Schema, difference: Difference) -> None:
    old_columns, new_columns = leaves(old), leaves(new)
    difference.columns_added = sorted(set(new_columns) - set(old_columns))
    difference.columns_removed = sorted(set(old_columns) - set(new_columns))
    difference.columns_changed = sorted(set(old_columns) & set(new_columns) & set(_of_other_type(old, new)))


def _of_other_type(old: Any, new: Any, prefix: str = "") -> Iterator[str]:
    types = {column.name: column.type for column in new}
    for column in old:
        a, b, name = column.type, types.get(column.name), f"{prefix}{column.name}"
        if b is None or a == b:
            continue
        if pa.types.is_list(a) and pa.types.is_list(b):
            a, b, name = a.value_type, b.value_type, f"{name}.list.element"
        if pa.types.is_struct(a) and pa.types.is_struct(b):
            yield from _of_other_type(a, b, f"{name}.")
        else:
            yield name


def _rows(folder: Path, split: str, columns: pa.Schema) -> Iterator[parquet.Row]:
    """Yield the rows of a split, each with a hash that comes behind the one before."""
    last = ""
    for shard in parquet.shards_of(folder / "data", split):
        for number, row in enumerate(parquet.read(shard, columns.names), 1):
            sha256, place = row["sha256"], f"{shard}, row {number}"
            if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
                raise ReleaseUnreadable(f"{place}: sha256: a SHA-256 is accepted, not {sha256!r}")
            if sha256 <= last:
                raise ReleaseUnreadable(f"{place}: sha256: rows in the order of it are accepted, not one behind {last}")
            last = sha256
            yield row


def _compare_rows(
    old: Iterator[parquet.Row], new: Iterator[parquet.Row], common_type: Any, difference: Difference
) -> None:
    """Walk along both tables, which are sorted by `sha256` within a split."""
    a, b = next(old, None), next(new, None)
    while a is not None or b is not None:
        if b is None or (a is not None and a["sha256"] < b["sha256"]):
            assert a is not None
            difference.removed.append(a["sha256"])
            a = next(old, None)
        elif a is None or b["sha256"] < a["sha256"]:
            difference.added.append(b["sha256"])
            b = next(new, None)
        else:
            columns = [name for name, kind in common_type.items() if _select(a[name], kind) != _select(b[name], kind)]
            if columns:
                difference.changed[a["sha256"]] = columns
            a, b = next(old, None), next(new, None)


def _find_moved(old: Path, new: Path, difference: Difference) -> None:
    """Take for moved what is gone from one split and came to another."""
    both = set(difference.added) & set(difference.removed)
    difference.added = sorted(set(difference.added) - both)
    difference.removed = sorted(set(difference.removed) - both)
    if both:
        places = [
            {row["sha256"]: split for split in SPLITS for shard in parquet.shards_of(folder / "data", split)
             for row in parquet.read(shard, ["sha256"]) if row["sha256"] in both}
            for folder in (old, new)
        ]  # fmt: skip
        difference.moved = {image: [places[0][image], places[1][image]] for image in sorted(both)}


def _common_type(old: Any, new: Any) -> Any:
    """Return what two types have in common: a mapping for structs, a list of one for lists, None for values."""
    if pa.types.is_struct(old) and pa.types.is_struct(new):
        kinds = {inner.name: inner.type for inner in new}
        return {inner.name: _common_type(inner.type, kinds[inner.name]) for inner in old if inner.name in kinds}
    if pa.types.is_list(old) and pa.types.is_list(new):
        return [_common_type(old.value_type, new.value_type)]
    return None


def _select(value: Any, common_type: Any) -> Any:
    """Return a value without the fields that only one of the two releases has."""
    if isinstance(common_type, dict) and isinstance(value, dict):
        return {name: _select(value[name], kind) for name, kind in common_type.items()}
    if isinstance(common_type, list) and isinstance(value, list):
        return [_select(item, common_type[0]) for item in value]
    return value


def _flat(data: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key))
    elif data is not None:
        yield prefix, data
