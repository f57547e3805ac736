"""Read the published tables of `fixtures/agreement` as ratings in long form, with their expected values."""

import json

from annotation.agreement.ratings import Ratings
from tests.harness.installation import ROOT

FOLDER = ROOT / "fixtures" / "agreement"


def case(name):
    """Return a reference case as its file has it."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def expected(name, **wanted):
    """Return the expected values of a case by the name of the statistic, among the entries that match."""
    entries = case(name)["expected"]
    return {e["stat"]: e["value"] for e in entries if all(e.get(key) == value for key, value in wanted.items())}


def long_ratings(name):
    """Return the ratings of a case in long columns, repeats included."""
    data = case(name)["data"]
    rater = data.get("rater", list(range(len(data["y"]))))
    return Ratings.of(data["unit"], rater, data["y"], occasion=data.get("occasion"), time=data.get("t"))


def table_ratings(name_or_rows):
    """Return the ratings of a case, or of rows, with a row a unit and a column a rater."""
    rows = case(name_or_rows)["data"] if isinstance(name_or_rows, str) else name_or_rows
    filled = [(f"u{u:03}", f"r{r:03}", y) for u, row in enumerate(rows) for r, y in enumerate(row) if y is not None]
    return Ratings.of(*zip(*filled, strict=True))
