"""Say whether a score means the same in every category, and which anchor images would adjudicate what answers cannot.

A rater who is stricter with calligraphy than with photographs shows here. A shift that all share does not: it looks
like worse images. Only images of known standing, judged by everybody in each category, tell the two apart.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from annotation.agreement.raters.invariance import METHOD, CategoryShift, category_shifts
from annotation.agreement.raters.severity import spreads

from .panel import Fields, Panel
from .table import round_figures

MOST_SHIFTS = 30  # A field; those with the smallest p are shown.
NOTABLE = 0.5  # Points; a shift of this size should not go unseen.
SIGNIFICANT = 0.05
MOST_ANCHORS = 200
SAME = "no rater is stricter in one category than in the others, as far as these answers tell"
DIFFERS = "{n} of {tested} shifts differ from zero: there a score does not mean the same in every category"
UNKNOWN = "too few answers with another rater's beside them to compare categories"
ANCHORS = (
    "a shift that all raters share looks like worse images; it would show on {n} anchor images or more in each "
    "category that every rater judges and a reference panel has placed (a shift of {size:g} points, with power .8)"
)

Row = dict[str, Any]


def meanings(panel: Panel, fields: Fields) -> list[Row]:
    """Return by field: how many shifts differ from zero, how far raters differ in them, the shifts, and anchors."""
    kinds = fields.rubric.subcategories
    rows = []
    for name in fields.scores:
        ratings = fields.ratings(name, panel.own_annotations())
        if not ratings.n:
            continue
        categories = [kinds[panel.subcategories[image]].category for image in ratings.units]
        shifts = category_shifts(ratings, categories) if len(set(categories)) > 1 else ()
        noise = [spread.value for spread in spreads(ratings.first_occasion()) if spread.value]
        rows.append(round_figures(_row(name, shifts, float(np.median(noise)) if noise else None)))
    return rows


def _row(name: str, shifts: tuple[CategoryShift, ...], noise: float | None) -> Row:
    tests = [shift for shift in shifts if shift.p is not None]
    differences = [shift for shift in tests if (shift.p or 0.0) < SIGNIFICANT]
    anchors = anchors_needed(noise)
    verdict = DIFFERS.format(n=len(differences), tested=len(tests)) if differences else SAME if tests else UNKNOWN
    tests.sort(key=lambda shift: (shift.p or 0.0, shift.rater, shift.category))
    columns = ("rater", "category", "n", "value", "low", "high", "p")
    return {
        "field": name,
        "tested": len(tests),
        "differing": len(differences),
        "spread": _spread(tests),
        "anchors_per_category": anchors,
        "note": verdict,
        "anchors_note": "" if anchors is None else ANCHORS.format(n=anchors, size=NOTABLE),
        "method": METHOD,
        "shifts": [{key: getattr(shift, key) for key in columns} for shift in tests[:MOST_SHIFTS]],
    }


def anchors_needed(noise: float | None) -> int | None:
    """Return how many anchors a category show a notable shift: two means of n against each other, two-sided .05."""
    if not noise:
        return None
    # The normal quantiles of a two-sided .05 and of a power of .8.
    return min(MOST_ANCHORS, max(3, ceil(2 * ((1.959964 + 0.841621) * noise / NOTABLE) ** 2)))


def _spread(shifts: list[CategoryShift]) -> float | None:
    """Return the standard deviation of the true shifts, by moments: what is left of theirs without their errors."""
    # A 95 % interval is 2 * 1.96 standard errors wide.
    estimates = [(shift.value, (shift.high - shift.low) / 3.92) for shift in shifts
             if shift.value is not None and shift.high is not None and shift.low is not None]  # fmt: skip
    if len(estimates) < 2:
        return None
    values, errors = np.array(estimates).T
    return float(np.sqrt(max(0.0, np.mean(values**2 - errors**2))))
