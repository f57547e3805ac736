"""The one way in which the web application sends CSV: as a download, with every cell guarded."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from annotation.dataset.format.spreadsheet import guard_row

BYTE_ORDER_MARK = "\ufeff"


def csv_response(
    file_name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, byte_order_mark: bool = False
) -> HttpResponse:
    """Send rows under their header as a file; spreadsheets know UTF-8 by the mark, programs stumble over it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    if byte_order_mark:
        response.write(BYTE_ORDER_MARK)
    writer = csv.writer(response)
    writer.writerow(guard_row(header))
    writer.writerows(map(guard_row, rows))
    return response
