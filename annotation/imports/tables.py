"""Read a table as spreadsheets and programs write it: any usual delimiter, any encoding that is certain."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator

from annotation.errors import SourceRefused

from .encoding import decode_text
from .files import table_rows

SAVE_AS_CSV = "save it as CSV (in Excel: Save As, CSV UTF-8)"
NO_TEXT = {
    b"PK\x03\x04": f"is a workbook (Excel, Numbers, OpenDocument) or a zip, not text; {SAVE_AS_CSV}",
    b"\xd0\xcf\x11\xe0": f"is a workbook of an old Excel, not text; {SAVE_AS_CSV}",
    b"PAR1": "is Parquet; write it as CSV or JSON lines",
    b"%PDF": f"is a PDF; {SAVE_AS_CSV}",
    b"{\\rtf": "is formatted text (RTF); save it as plain text",
}
# Gives our names of the columns of a header, or refuses them.
RenameColumns = Callable[[list[str]], list[str]]


def decode_table(name: str, data: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding. Raise SourceRefused saying what it is instead."""
    for beginning, problem in NO_TEXT.items():
        if data.startswith(beginning):
            raise SourceRefused(f"{name}: {problem}")
    try:
        text, encoding = decode_text(data)
    except ValueError as error:
        raise SourceRefused(f"{name}: UTF-8 text is accepted; {error}") from error
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise SourceRefused(f"{name}: is a page of HTML or XML, not a table; {SAVE_AS_CSV}")
    return text, encoding


def read_table(name: str, text: str, rename: RenameColumns) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row that is not empty by our columns, with its number: from 1 as spreadsheets count, the header's.

    Raise SourceRefused naming the file and the row.
    """
    number = 0
    try:
        table = table_rows(text)
        number, header = next(table, (1, []))
        # Spreadsheets leave empty columns at the right, and rows of empty cells at the end.
        while len(header) > 1 and not header[-1].strip():
            header.pop()
        columns = rename(header)
        for number, cells in table:
            while len(cells) > len(header) and not cells[-1].strip():
                cells.pop()
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise SourceRefused(
                    f"{name}, row {number}: {len(header)} fields are accepted, as in the header, not {len(cells)}"
                )
            yield number, dict(zip(columns, cells, strict=True))
    except csv.Error as error:
        raise SourceRefused(f"{name}, after row {number}: is not CSV: {error}") from error
