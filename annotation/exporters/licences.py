"""Write LICENSES.csv: under which terms each picture stands, who made it and where it is from."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAME = "LICENSES.csv"
COLUMNS = ("sha256", "split", "licence", "author", "source", "title", "note")


class LicenceWriter:
    """Write a line an image, as they come."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / NAME).open("w", encoding="utf-8", newline="")
        self._lines = csv.writer(self._file, lineterminator="\n")
        self._lines.writerow(COLUMNS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, row: Mapping[str, Any]) -> None:
        """Write the line of one image from its row."""
        self._lines.writerow(row[column] for column in COLUMNS)
