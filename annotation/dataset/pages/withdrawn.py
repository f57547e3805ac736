"""WITHDRAWN.csv: what is withdrawn for good, and since when."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from annotation.dataset.format.facts import WithdrawalEntry

NAME = "WITHDRAWN.csv"
COLUMNS = ("what", "id", "withdrawn_on", "reason")


def write_withdrawn(folder: Path, rows: Iterable[WithdrawalEntry]) -> None:
    """Write a line for each image (`id`: its SHA-256) and each rater (the pseudonym) that was withdrawn."""
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, rows))
