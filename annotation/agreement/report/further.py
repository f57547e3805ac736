"""Figures that a single table can be asked for and that the report of a campaign does without.

They stand behind the `reliability` command only: each is a second opinion on what the headline says.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from annotation.agreement.coefficients import kappa, ranks
from annotation.agreement.coefficients.alpha import NUMERIC, Level
from annotation.agreement.coefficients.confusion import confusion
from annotation.agreement.raters.screening import unbiased_means
from annotation.agreement.raters.severity import unit_scores
from annotation.agreement.raters.subjective import subjective
from annotation.agreement.ratings import Ratings

MOST_PAIRS = 2000  # Above so many pairs of raters, or rows of units, a table says nothing that its summary does not.
MOST_UNITS = 2000
P913 = "ITU-T P.913 (2021), 12.4: one round of biases taken off"


def further(ratings: Ratings, level: Level) -> dict[str, Any]:
    """Return what applies at this level of measurement; null where a figure is undefined, with the reason beside."""
    figures = _labels(ratings) if level == "nominal" else {"mean_correlation": _mean_correlation(ratings)}
    return figures | _scores(ratings) if level in NUMERIC else figures


def _labels(ratings: Ratings) -> dict[str, Any]:
    """Return other kappas of labels, Cohen's of each pair, and which categories are taken for each other."""
    try:
        counts = kappa.Counts.of(ratings)
    except ValueError as error:
        return {"note": str(error)}
    raters = len(ratings.raters)
    return {
        "brennan_prediger": asdict(kappa.brennan_prediger(counts)),
        "conger_kappa": asdict(kappa.conger(ratings)),
        "light_kappa": kappa.light(ratings),
        "cohen_kappa_by_pair": [asdict(pair) for pair in kappa.by_pair(ratings)]
        if raters * (raters - 1) / 2 <= MOST_PAIRS
        else None,
        "fleiss_kappa_z": kappa.fleiss_z(counts),
        "fleiss_kappa_by_category": _by_category(counts),
        "confusion": asdict(confusion(ratings)),
    }


def _by_category(counts: kappa.Counts) -> dict[str, float] | None:
    """Return Fleiss' kappa by category; defined only where every unit has as many ratings."""
    if len(counts.size) == 0 or counts.size[0] < 2 or (counts.size != counts.size[0]).any() or len(counts.values) < 2:
        return None
    return dict(zip((f"{value:g}" for value in counts.values), kappa.fleiss_by_category(counts).tolist(), strict=True))


def _mean_correlation(ratings: Ratings) -> dict[str, Any]:
    pearson, spearman = ranks.mean_correlation(ratings)
    note = "" if pearson is not None else "needs every rater's rating of three units or more, none of them constant"
    return {"pearson": pearson, "spearman": spearman, "note": note}


def _scores(ratings: Ratings) -> dict[str, Any]:
    """Return three ways to a unit's score that do not take raters as they come: P.910, P.913 and mixed model."""
    first = ratings.first_occasion()
    if len(first.units) > MOST_UNITS or first.n == 0:
        note = f"a score a unit is given for 1 to {MOST_UNITS} units"
        return {"subjective_model": {"note": note}, "unbiased_means": {"note": note}, "unit_scores": {"note": note}}
    means, biases = unbiased_means(ratings)
    return {
        "subjective_model": asdict(subjective(ratings)),
        "unbiased_means": {
            "units": dict(zip(first.units, means.tolist(), strict=True)),
            "biases": dict(zip(first.raters, biases.tolist(), strict=True)),
            "method": P913,
        },
        "unit_scores": asdict(unit_scores(ratings)),
    }
