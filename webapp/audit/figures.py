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
    """Hold what a report says about one field; limits are None without an interval.

    `low` and `high` hold for these raters, `wide_low` and `wide_high` for raters like these.
    """

    name: str
    level: str
    alpha: float | None
    low: float | None
    high: float | None
    wide_low: float | None
    wide_high: float | None
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
    note = figure["note"] or figure.get("note_raters_like_these", "")
    counts = {count: figure[count] for count in ("n_images", "n_answers", "n_raters")}
    wide_low, wide_high = figure.get("interval_raters_like_these") or (None, None)
    said = _(note) if note else ""
    return Row(name, _level(figure["level"]), figure["alpha"], low, high, wide_low, wide_high, note=said, **counts)


def details_of(figures: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the report says of the holistic score beside alpha; None in reports from before it was kept."""
    found: dict[str, Any] | None = figures["holistic"].get("details")
    return found


def pairs_of(details: Mapping[str, Any] | None) -> list[tuple[str, list[int]]]:
    """Return for each rater how many images they share with each."""
    pairs = details and details["design"]["pairs"]
    return list(zip(pairs["raters"], pairs["units_in_common"], strict=True)) if pairs else []


def arms_of(figures: Mapping[str, Any], rubric: Rubric, language: str) -> list[dict[str, Any]]:
    """Return the pull toward the model by attribute and arm, in the rubric's order."""
    arms: Mapping[str, Any] = figures.get("arms") or {}
    return [
        {"name": localise(attribute.name, language), **found}
        for key, attribute in rubric.by_key.items()
        for found in arms.get(key, {}).values()
    ]


def _level(level: str) -> str:
    names = {"nominal": _("nominal"), "ordinal": _("ordinal"), "interval": _("interval"), "ratio": _("ratio")}
    return names[level]
