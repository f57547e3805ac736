"""Tell what programs write where there is nothing."""

from __future__ import annotations

from typing import Any

# R, pandas, NumPy, SPSS, SQL and its dumps, Excel and Google Sheets.
# fmt: off
ABSENT = frozenset((
    "na", "n/a", "#n/a", "#n/a!", "#na", "<na>", "nan", "-nan", "1.#qnan", "-1.#ind", "null", "#null!", "(null)",
    "none", "nil", "nat", "\\n", ".",
))
# A spreadsheet shows these where it took a text for a formula, or could not work one out: what stood there is lost.
ERRORS = frozenset((
    "#name?", "#value!", "#ref!", "#div/0!", "#num!", "#spill!", "#calc!", "#error!", "#getting_data",
))
# fmt: on


def is_absent(value: Any) -> bool:
    """Tell whether a cell says that there is nothing: empty, or what a program writes for it."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in ABSENT | {""})


def is_error(value: Any) -> bool:
    """Tell whether a cell holds an error of a spreadsheet in place of what was written there."""
    return isinstance(value, str) and value.strip().casefold() in ERRORS
