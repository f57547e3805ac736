"""Write rows to Parquet shards that `datasets` opens, and read them back, a row group at a time.

Row groups of at most 100 images keep memory bounded for writer and reader. One batch is one row group, so that the
same rows give the same bytes. Images are stored as they are: compressed already, all different.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .columns import IMAGE, TEXT, leaves

ROW_GROUP_IMAGES = 100
ROW_GROUP_ROWS = 1000  # in views, which hold no images
ROW_GROUP_BYTES = 64 * 2**20
PROSE = ("critique", "prefill")
VALUES_AT_A_TIME = 8  # are copied into a page before it is asked whether it is full: images make large ones

Row = dict[str, Any]


@dataclass(frozen=True)
class ShardSize:
    """The bytes of a shard as a file, and once its columns are unpacked."""

    packed: int
    unpacked: int


class ShardWriter:
    """One shard, which is made with the first of its rows."""

    def __init__(self, path: Path, columns: pa.Schema, *, rows: int) -> None:
        self._path, self._columns, self._most_rows = path, columns, rows
        self._batch: list[Row] = []
        self._size = 0
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def add(self, row: Row, size: int = 0) -> None:
        """Write a row; `size` is that of its image in bytes."""
        if len(self._batch) == self._most_rows or (self._batch and self._size + size > ROW_GROUP_BYTES):
            self._flush()
        self._batch.append(row)
        self._size += size

    def _flush(self) -> None:
        if not self._batch:
            return
        if self._writer is None:
            self._writer = _writer(self._path, self._columns)
        table = _table(self._batch, self._columns)
        self._writer.write_table(table, row_group_size=self._most_rows)
        self._batch, self._size = [], 0


def _table(batch: list[Row], columns: pa.Schema) -> pa.Table:
    """Return rows as a table. Images are copied in one piece, which takes a third of the time."""
    if "image" not in columns.names or columns.field("image").type == TEXT:
        return pa.Table.from_pylist(batch, schema=columns)
    image_bytes = [row["image"]["bytes"] for row in batch]
    # Arrow's binary type has offsets of 32 bits; a row group stays far below what they reach.
    ends = np.cumsum([0, *map(len, image_bytes)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(image_bytes))]
    paths = pa.array([row["image"]["path"] for row in batch], TEXT)
    kind = columns.field("image").type
    parts = [pa.Array.from_buffers(pa.binary(), len(batch), buffers), paths]
    images = pa.StructArray.from_arrays(parts, fields=list(kind))
    table = pa.Table.from_pylist(batch, schema=columns.remove(columns.get_field_index("image")))
    return table.add_column(columns.get_field_index("image"), "image", images).cast(columns)


def _writer(path: Path, columns: pa.Schema) -> Any:
    paths = leaves(columns)
    # Critiques are all different: a dictionary of them would be built for nothing.
    short_columns = [path for path in paths if path != IMAGE and path.rsplit(".", 1)[-1] not in PROSE]
    return pq.ParquetWriter(
        path,
        columns,
        compression={path: "NONE" if path == IMAGE else "ZSTD" for path in paths},
        write_batch_size=VALUES_AT_A_TIME if IMAGE in paths else None,
        use_dictionary=short_columns,
        write_statistics=short_columns,
    )


def shards_of(folder: Path, split: str) -> list[Path]:
    """Return the shards of a split in order."""
    return sorted(folder.glob(f"{split}-*.parquet"))


def read(path: Path, columns: list[str] | None = None) -> Iterator[Row]:
    """Return the rows of a shard one by one, all columns or those named, holding one row group at a time."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            yield from file.read_row_group(number, columns=columns).to_pylist()


def sizes_of(folder: Path, names: Iterable[str]) -> dict[str, ShardSize]:
    """Return the sizes of those of the files that are shards, by name."""
    paths = {name: folder / name for name in names if name.endswith(".parquet")}
    return {name: _size_of(path) for name, path in paths.items()}


def _size_of(path: Path) -> ShardSize:
    metadata = pq.read_metadata(path)
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    return ShardSize(path.stat().st_size, sum(group.total_byte_size for group in groups))


def columns_of(path: Path) -> pa.Schema:
    """Return the columns of a shard."""
    return pq.read_schema(path)
