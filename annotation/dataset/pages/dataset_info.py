"""The part of the card by which `datasets` knows columns, splits and sizes before it fetches anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.contents.tally import Tally
from annotation.dataset.contents.views import VIEWS
from annotation.dataset.format.columns import main_columns
from annotation.dataset.format.parquet import ShardSize
from annotation.rubric.schema import Rubric

Feature = dict[str, Any]


def dataset_info(rubric: Rubric, tally: Tally, sizes: Mapping[str, ShardSize]) -> list[dict[str, Any]]:
    """Return what is known of each view that has rows; `sizes` are those of the Parquet files by name."""
    tables = {"data": ("default", main_columns), **{view.name: (view.name, view.columns) for view in VIEWS}}
    return [
        _of_table(folder, name, columns(rubric.by_key), tally, sizes)
        for folder, (name, columns) in tables.items()
        if tally.rows[folder].total()
    ]


def _of_table(
    folder: str, name: str, columns: pa.Schema, tally: Tally, sizes: Mapping[str, ShardSize]
) -> dict[str, Any]:
    splits = []
    for split in SPLITS:
        if tally.rows[folder][split]:
            unpacked = sum(size.unpacked for path, size in sizes.items() if path.startswith(f"{folder}/{split}-"))
            splits.append({"name": split, "num_bytes": unpacked, "num_examples": tally.rows[folder][split]})
    return {
        "config_name": name,
        "features": [{"name": column.name, **_feature(column.type, column.name)} for column in columns],
        "splits": splits,
        "download_size": sum(size.packed for path, size in sizes.items() if path.startswith(f"{folder}/")),
        "dataset_size": sum(split["num_bytes"] for split in splits),
    }


def _feature(kind: pa.DataType, name: str = "") -> Feature:
    """Return a type in the words that `datasets` has for it in YAML."""
    if name == "image" and pa.types.is_struct(kind):
        return {"dtype": "image"}
    if pa.types.is_struct(kind):
        return {"struct": [{"name": inner.name, **_feature(inner.type)} for inner in kind]}
    if pa.types.is_list(kind):
        inner = _feature(kind.value_type)
        # Of plain values only the type is named, of objects their fields.
        return {"list": inner.get("dtype") or inner["struct"]}
    return {"dtype": NAMES.get(str(kind), str(kind))}


NAMES = {"double": "float64", "float": "float32"}
