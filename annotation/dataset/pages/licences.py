"""LICENSES.csv: under which terms each image stands, who made it and where it is from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from annotation.dataset.format.spreadsheet import guard_row

NAME = "LICENSES.csv"
COLUMNS = ("sha256", "split", "licence", "author", "source", "title", "note")
HEAD = ",".join(COLUMNS) + "\n"


def licence_line(row: Mapping[str, Any]) -> str:
    """Return the line of one image from its row; titles and names are other people's, so none may be a formula."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(guard_row(row[column] for column in COLUMNS))
    return buffer.getvalue()
