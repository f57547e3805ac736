"""Write LICENSES.csv: under which terms each image stands, who made it and where it is from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

NAME = "LICENSES.csv"
COLUMNS = ("sha256", "split", "licence", "author", "source", "title", "note")
HEAD = ",".join(COLUMNS) + "\n"


def licence_line(row: Mapping[str, Any]) -> str:
    """Return the line of one image from its row."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(row[column] for column in COLUMNS)
    return buffer.getvalue()
