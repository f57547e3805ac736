"""Write images with their answers to Parquet shards that `datasets` opens with pictures decoded.

Row groups of at most 100 images keep memory bounded for writer and reader. One batch is one row group, so that the
same rows give the same bytes. Pictures are stored as they are: compressed already, all different.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotation.errors import ReleaseRefused

from .records import ImageRecord

ROW_GROUP_IMAGES = 100
ROW_GROUP_BYTES = 64 * 2**20
SHARD_BYTES = 500 * 10**6
PICTURE = "image.bytes"

MEAN = pa.struct([("mean", pa.float64()), ("n", pa.int32()), ("se", pa.float64())])
JUDGEMENT = pa.struct(
    [
        ("score", pa.float64()),
        ("critique", pa.string()),
        ("language", pa.string()),
        ("score_origin", pa.string()),
        ("critique_origin", pa.string()),
        ("edit_distance", pa.int32()),
    ]
)


def schema(attributes: Iterable[str]) -> pa.Schema:
    """Return the columns of the main table for a rubric's attributes, with what `datasets` needs to know of them.

    Categories are text, not class numbers: a number would mean another subcategory once the rubric gains one.
    """
    keys = list(attributes)
    answer = pa.struct(
        [
            ("rater", pa.string()),
            ("arm", pa.string()),
            ("kind", pa.string()),
            ("counted", pa.bool_()),
            ("simulated", pa.bool_()),
            ("surplus", pa.bool_()),
            ("repeat", pa.bool_()),
            ("imported", pa.bool_()),
            ("rubric_version", pa.string()),
            ("subcategory", pa.string()),
            ("holistic", pa.float64()),
            ("seconds", pa.int32()),
            ("judgements", pa.struct([(key, JUDGEMENT) for key in keys])),
        ]
    )
    columns = pa.schema(
        [
            ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            ("sha256", pa.string()),
            ("picture_sha256", pa.string()),
            ("width", pa.int32()),
            ("height", pa.int32()),
            ("category", pa.string()),
            ("subcategory", pa.string()),
            ("gt_score", pa.float64()),
            ("holistic", MEAN),
            ("scores", pa.struct([(key, MEAN) for key in keys])),
            ("answers", pa.list_(answer)),
            ("licence", pa.string()),
            ("author", pa.string()),
            ("source", pa.string()),
            ("title", pa.string()),
            ("note", pa.string()),
            ("group", pa.string()),
            ("split", pa.string()),
            ("split_reason", pa.string()),
        ]
    )
    features = {column.name: _feature(column.type) for column in columns} | {"image": {"_type": "Image"}}
    return columns.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})


Row = dict[str, Any]
Pairs = Iterable[tuple[ImageRecord, Row]]


def write_split(folder: Path, split: str, columns: pa.Schema, pairs: Pairs, shard_bytes: int = SHARD_BYTES) -> None:
    """Write images and their rows to `data/{split}-00000-of-0000N.parquet`, a new shard whenever one is full.

    Raise ReleaseRefused when a picture cannot be read, or its bytes are not those it was imported with.
    """
    data = folder / "data"
    data.mkdir(exist_ok=True)
    shards: list[Path] = []
    writer = None
    room = 0
    try:
        for batch, size in _batches(pairs):
            if writer is None or size > room:
                if writer is not None:
                    writer.close()
                shards.append(data / f"{split}-{len(shards):05d}.parquet")
                writer, room = _open(shards[-1], columns), shard_bytes
            writer.write_table(pa.Table.from_pylist(batch, schema=columns), row_group_size=ROW_GROUP_IMAGES)
            room -= size
    finally:
        if writer is not None:
            writer.close()
    for number, shard in enumerate(shards):
        shard.rename(data / f"{split}-{number:05d}-of-{len(shards):05d}.parquet")


def _open(path: Path, columns: pa.Schema) -> Any:
    leaves = [leaf for column in columns for leaf in _leaves(column.name, column.type)]
    others = [leaf for leaf in leaves if leaf != PICTURE]
    return pq.ParquetWriter(
        path,
        columns,
        compression={leaf: "NONE" if leaf == PICTURE else "ZSTD" for leaf in leaves},
        use_dictionary=others,
        write_statistics=others,
    )


def read(path: Path) -> Iterator[Row]:
    """Return the rows of a shard one by one, holding one row group at a time."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            yield from file.read_row_group(number).to_pylist()


def columns_of(path: Path) -> pa.Schema:
    """Return the columns of a shard."""
    return pq.read_schema(path)


def _batches(pairs: Pairs) -> Iterator[tuple[list[Row], int]]:
    """Gather rows with pictures until a row group is full, in images or in bytes; add the bytes of its pictures."""
    batch: list[Row] = []
    size = 0
    for record, row in pairs:
        picture = _load(record)
        if batch and (len(batch) == ROW_GROUP_IMAGES or size + len(picture) > ROW_GROUP_BYTES):
            yield batch, size
            batch, size = [], 0
        batch.append({"image": {"bytes": picture, "path": record.file_name}, **row})
        size += len(picture)
    if batch:
        yield batch, size


def _load(record: ImageRecord) -> bytes:
    try:
        data = record.load()
    except OSError as error:
        raise ReleaseRefused(f"the picture of image {record.sha256} cannot be read: {error}") from error
    if hashlib.sha256(data).hexdigest() != record.picture_sha256:
        raise ReleaseRefused(f"the stored picture of image {record.sha256} has changed since it was imported")
    return data


def _feature(kind: pa.DataType) -> Any:
    """Describe a type the way `datasets` does; a list stands in brackets, which versions 3 and later read."""
    if pa.types.is_struct(kind):
        return {inner.name: _feature(inner.type) for inner in kind}
    if pa.types.is_list(kind):
        return [_feature(kind.value_type)]
    names = {pa.float64(): "float64", pa.int32(): "int32", pa.bool_(): "bool", pa.string(): "string"}
    return {"dtype": names.get(kind, "binary"), "_type": "Value"}


def _leaves(name: str, kind: pa.DataType) -> list[str]:
    """Return the paths of the leaf columns as Parquet names them."""
    if pa.types.is_struct(kind):
        return [leaf for inner in kind for leaf in _leaves(f"{name}.{inner.name}", inner.type)]
    if pa.types.is_list(kind):
        return _leaves(f"{name}.list.element", kind.value_type)
    return [name]
