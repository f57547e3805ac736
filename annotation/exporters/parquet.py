"""Write rows to Parquet shards that `datasets` opens, and read them back, a row group at a time.

Row groups of at most 100 images keep memory bounded for writer and reader. One batch is one row group, so that the
same rows give the same bytes. Pictures are stored as they are: compressed already, all different.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from .columns import PICTURE, leaves

ROW_GROUP_IMAGES = 100
ROW_GROUP_ROWS = 1000  # in views, which hold no pictures
ROW_GROUP_BYTES = 64 * 2**20
SHARD_BYTES = 500 * 10**6

Row = dict[str, Any]


class ShardWriter:
    """Write the rows of one split to `{folder}/{split}-00000-of-0000N.parquet`, a new shard whenever one is full."""

    def __init__(self, folder: Path, split: str, columns: pa.Schema, *, rows: int, shard_bytes: int) -> None:
        self._folder, self._split, self._columns = folder, split, columns
        self._most_rows, self._shard_bytes = rows, shard_bytes
        self._batch: list[Row] = []
        self._size = self._room = 0
        self._shards: list[Path] = []
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._flush()
        if self._writer is not None:
            self._writer.close()
        for number, shard in enumerate(self._shards):
            shard.rename(self._folder / f"{self._split}-{number:05d}-of-{len(self._shards):05d}.parquet")

    def add(self, row: Row, size: int = 0) -> None:
        """Write a row; `size` is that of its picture in bytes."""
        if len(self._batch) == self._most_rows or (self._batch and self._size + size > ROW_GROUP_BYTES):
            self._flush()
        self._batch.append(row)
        self._size += size

    def _flush(self) -> None:
        if not self._batch:
            return
        if self._writer is None or self._size > self._room:
            self._open_next()
        table = pa.Table.from_pylist(self._batch, schema=self._columns)
        self._writer.write_table(table, row_group_size=self._most_rows)
        self._room -= self._size or table.nbytes
        self._batch, self._size = [], 0

    def _open_next(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._folder.mkdir(exist_ok=True)
        self._shards.append(self._folder / f"{self._split}-{len(self._shards):05d}.parquet")
        paths = leaves(self._columns)
        others = [path for path in paths if path != PICTURE]
        self._writer = pq.ParquetWriter(
            self._shards[-1],
            self._columns,
            compression={path: "NONE" if path == PICTURE else "ZSTD" for path in paths},
            use_dictionary=others,
            write_statistics=others,
        )
        self._room = self._shard_bytes


def shards_of(folder: Path, split: str) -> list[Path]:
    """Return the shards of a split in order."""
    return sorted(folder.glob(f"{split}-*.parquet"))


def read(path: Path, columns: list[str] | None = None) -> Iterator[Row]:
    """Return the rows of a shard one by one, all columns or those named, holding one row group at a time."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            yield from file.read_row_group(number, columns=columns).to_pylist()


def columns_of(path: Path) -> pa.Schema:
    """Return the columns of a shard."""
    return pq.read_schema(path)
