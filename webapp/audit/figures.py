"""Put the figures of a report into rows for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotation.rubric import Rubric, localise

# The reasons annotation/agreement and measure_agreement write, in English, into a report: marked here to be translated.
NOTES = (
    gettext_noop("no image has answers from two experts yet"),
    gettext_noop("all answers are the same; alpha needs variation"),
    gettext_noop("too few images with two answers for an interval; five are needed"),
    gettext_noop("fewer than four experts: how experts differ cannot be told from so few"),
    gettext_noop("all experts agree on every image: how experts differ cannot be told"),
    gettext_noop("without one of the experts or images alpha is 1 or undefined"),
)


@dataclass(frozen=True)
class Row:
    """Hold what a report says about one field; `low` and `high` are None without an interval."""

    name: str
    level: str
    alpha: float | None
    low: float | None
    high: float | None
    n_images: int
    n_answers: int
    n_raters: int
    note: str


def rows_of(figures: Mapping[str, Any], rubric: Rubric, language: str) -> list[Row]:
    """Return a row for each attribute in the rubric's order, then the holistic score and the subcategory."""
    measured: Mapping[str, Any] = figures["attributes"]
    rows = [
        _row(localise(attribute.name, language), measured[key])
        for key, attribute in rubric.by_key.items()
        if key in measured
    ]
    rows.append(_row(_("Holistic score (weighted sum)"), figures["holistic"]))
    rows.append(_row(_("Subcategory"), figures["subcategory"]))
    return rows


def _row(name: str, figure: Mapping[str, Any]) -> Row:
    low, high = figure["interval"] or (None, None)
    counts = {count: figure[count] for count in ("n_images", "n_answers", "n_raters")}
    return Row(name, _level(figure["level"]), figure["alpha"], low, high, note=_(figure["note"]), **counts)


def _level(level: str) -> str:
    names = {"nominal": _("nominal"), "ordinal": _("ordinal"), "interval": _("interval"), "ratio": _("ratio")}
    return names[level]
