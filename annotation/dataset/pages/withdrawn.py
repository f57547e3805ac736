"""WITHDRAWN.csv: what is withdrawn for good, and since when."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from annotation.dataset.format.facts import WithdrawalEntry
from annotation.dataset.format.spreadsheet import guard_cell

NAME = "WITHDRAWN.csv"
COLUMNS = ("what", "id", "withdrawn_on", "reason")


def write_withdrawn(folder: Path, rows: Iterable[WithdrawalEntry]) -> None:
    """Write a line for each image (`id`: its SHA-256) and each rater (the pseudonym) that was withdrawn."""
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        # A reason is somebody's own words, and none may be a formula.
        writer.writerows(guard_fields(asdict(row)) for row in rows)


def guard_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its cells as the file has them."""
    return {name: guard_cell(value) for name, value in row.items()}
