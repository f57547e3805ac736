"""Read the list of images that an organiser excludes from a release, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from annotation.actions.images.find_images import ImagesByName
from annotation.errors import ReleaseRefused, SourceRefused
from annotation.imports.absent import is_absent, is_error
from annotation.imports.tables import decode_table, read_table
from annotation.models import Campaign
from annotation.phrases import phrase as _
from annotation.rubric.reading import is_storable

COLUMNS = ["image", "reason"]
LONGEST_REASON = 500


def read_exclusions(campaigns: Iterable[Campaign], file: IO[bytes], name: str) -> dict[str, str]:
    """Return why each image in a table is excluded, by SHA-256; `name` is what the file is called.

    Raise ReleaseRefused with file, row, field and what is accepted.
    """
    reasons: dict[str, str] = {}
    rows: dict[str, int] = {}
    images = ImagesByName(*campaigns)
    for number, record in _records(file, name):
        image, reason = images.find(record["image"]), record["reason"]
        if isinstance(image, str):
            raise _refusal(name, number, "image", image)
        if image.sha256 in reasons:
            earlier_row = rows[image.sha256]
            raise _refusal(
                name, number, "image", _("stands in row %(earlier)s already; once is accepted", earlier=earlier_row)
            )
        if is_absent(reason) or is_error(reason) or len(reason) > LONGEST_REASON or not is_storable(reason):
            accepted = _("a reason of 1 to %(most)s characters is accepted", most=LONGEST_REASON)
            raise _refusal(name, number, "reason", accepted)
        reasons[image.sha256], rows[image.sha256] = reason, number
    return dict(sorted(reasons.items()))


def write_exclusions(reasons: Mapping[str, str]) -> str:
    """Return such a list again as text that can be read back."""
    lines = (f'{sha256},"{reason.replace(chr(34), chr(34) * 2)}"' for sha256, reason in reasons.items())
    return "\n".join([",".join(COLUMNS), *lines]) if reasons else ""


def _records(file: IO[bytes], name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row by column, with its number; texts have single spaces, as cells may hold line breaks."""

    def rename(header: list[str]) -> list[str]:
        columns = [column.strip().lower() for column in header]
        if sorted(columns) != COLUMNS:
            raise _refusal(name, 1, "header", _("the columns image and reason are accepted"))
        return columns

    try:
        text, _encoding = decode_table(name, file.read())
        for number, record in read_table(name, text, rename):
            yield number, {column: " ".join(cell.split()) for column, cell in record.items()}
    except SourceRefused as refusal:
        raise ReleaseRefused(_("the list is not understood: %(problem)s", problem=str(refusal))) from refusal


def _refusal(file: str, row: int, field: str, reason: str) -> ReleaseRefused:
    return ReleaseRefused(
        _("%(file)s, row %(row)s, %(field)s: %(reason)s", file=file, row=row, field=field, reason=reason)
    )
