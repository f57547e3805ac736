"""Read the list of images that an organiser excludes from a release, each with its reason."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import TextIOWrapper
from typing import IO

from annotation.actions.images.find_images import ImagesByName
from annotation.errors import ReleaseRefused
from annotation.models import Campaign
from annotation.phrases import phrase as _
from annotation.rubric.reading import is_storable

COLUMNS = ["image", "reason"]
LONGEST_REASON = 500

Row = tuple[int, list[str]]


def read_exclusions(campaigns: Iterable[Campaign], file: IO[bytes], name: str) -> dict[str, str]:
    """Return why each image in a CSV is excluded, by SHA-256; `name` is what the file is called.

    Raise ReleaseRefused with file, line, field and what is accepted.
    """
    rows, images = _rows(file, name), ImagesByName(*campaigns)
    line, header = next(rows, (1, []))
    if sorted(header) != COLUMNS:
        raise _refusal(name, line, "header", _("the columns image and reason are accepted"))
    reasons: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            raise _refusal(name, line, "row", _("two fields are accepted, not %(count)s", count=len(cells)))
        row = dict(zip(header, cells, strict=True))
        image, reason = images.find(row["image"]), row["reason"]
        if isinstance(image, str):
            raise _refusal(name, line, "image", image)
        if image.sha256 in reasons:
            earlier_line = lines[image.sha256]
            raise _refusal(
                name, line, "image", _("stands in line %(earlier)s already; once is accepted", earlier=earlier_line)
            )
        if not 0 < len(reason) <= LONGEST_REASON or not is_storable(reason):
            accepted = _("a reason of 1 to %(most)s characters is accepted", most=LONGEST_REASON)
            raise _refusal(name, line, "reason", accepted)
        reasons[image.sha256], lines[image.sha256] = reason, line
    return dict(sorted(reasons.items()))


def write_exclusions(reasons: Mapping[str, str]) -> str:
    """Return such a list again as text that can be read back."""
    lines = (f'{sha256},"{reason.replace(chr(34), chr(34) * 2)}"' for sha256, reason in reasons.items())
    return "\n".join([",".join(COLUMNS), *lines]) if reasons else ""


def _rows(file: IO[bytes], name: str) -> Iterator[Row]:
    """Yield the line each row begins in, and its cells with single spaces; empty rows are passed over."""
    # Spreadsheets put a byte order mark before UTF-8, and cells may hold line breaks.
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    reader, line = csv.reader(text, strict=True), 1
    try:
        for cells in reader:
            if any(cells):
                yield line, [" ".join(cell.split()) for cell in cells]
            # Quoted cells span lines, so counting rows would name the wrong one.
            line = reader.line_num + 1
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReleaseRefused(
            _("%(file)s, line %(line)s: CSV in UTF-8 is accepted: %(error)s", file=name, line=line, error=str(error))
        ) from error
    finally:
        if not text.closed:  # The file is closed by whoever opened it, maybe by now.
            text.detach()


def _refusal(file: str, line: int, field: str, reason: str) -> ReleaseRefused:
    return ReleaseRefused(
        _("%(file)s, line %(line)s, %(field)s: %(reason)s", file=file, line=line, field=field, reason=reason)
    )
