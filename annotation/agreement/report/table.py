"""Put everything that can be said of one table of ratings into one object that JSON can carry.

The same object stands behind the `reliability` command and each field of the agreement page. Figures have six
significant digits; what does not apply is null, with the reason in `notes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from annotation.agreement.coefficients import alpha as alphas
from annotation.agreement.coefficients import intervals, kappa, ranks
from annotation.agreement.coefficients.alpha import NUMERIC, Level, Pairable
from annotation.agreement.coefficients.two_intervals import TwoIntervals, over_units, two_intervals
from annotation.agreement.raters import severity
from annotation.agreement.raters.retest import retest
from annotation.agreement.raters.screening import bt500
from annotation.agreement.ratings import Ratings
from annotation.agreement.variance import decision
from annotation.agreement.variance.components import Components, crossed_components
from annotation.agreement.variance.icc import Icc, iccs, intra_rater

from .design import Design, describe, exact_agreement, raw_agreement
from .further import further

MOST_UNITS_FOR_JACKKNIFE = 500  # Above so many units W gets no interval.
LONGEST_PAIRS = 200  # Above so many raters the matrix of pairs is left out.
TARGETS = (0.8, 0.9)
BLIND_TO_RATERS = ("ICC(1)", "ICC(1,k)")
SEE_TWO_WAY = "knows no raters: for raters like these see ICC(A,1), which says the same of raters drawn at random"
SHORT = {
    "ICC(1)": "1",
    "ICC(1,k)": "1k",
    "ICC(A,1)": "A1",
    "ICC(C,1)": "C1",
    "ICC(A,k)": "Ak",
    "ICC(C,k)": "Ck",
    "ICC(Q,k)": "Qk",
}


def report(ratings: Ratings, level: Level, *, seed: int = 1, replicates: int = 1000) -> dict[str, Any]:
    """Return design, raw agreement, coefficients with intervals, components, raters, decision study and notes."""
    notes: list[str] = []
    headline = _alpha(ratings, level, seed, replicates, notes)
    sections = details(ratings, level, seed=seed)
    figures: dict[str, Any] = round_figures(
        {"level": level, "seed": seed, "replicates": replicates, "krippendorff_alpha": headline, **sections}
        | {"further": further(ratings, level)}
    )
    return figures | {"notes": list(dict.fromkeys(filter(None, [*sections["notes"], *notes])))}


def details(ratings: Ratings, level: Level, *, seed: int = 1) -> dict[str, Any]:
    """Return all of a report but alpha."""
    design = describe(ratings)
    notes = list(design.notes)
    sections = {
        "design": _design(design, ratings),
        "raw_agreement": _raw(ratings),
        **_kappas(ratings, level, notes),
        **_models(ratings, level, seed, notes),
        "raters": _raters(ratings, level),
        "screening": _screening(ratings, level),
        "repeats": _repeats(ratings, level, seed),
    }
    figures: dict[str, Any] = round_figures(sections)
    return figures | {"notes": list(dict.fromkeys(filter(None, notes)))}


def round_figures(value: Any) -> Any:
    """Return data with every figure rounded to six significant digits, and none that JSON cannot carry."""
    if isinstance(value, dict):
        return {str(name): round_figures(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [round_figures(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return round_figures(value.tolist())
    if isinstance(value, float | np.floating):
        # JSON knows neither NaN nor infinity.
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _design(design: Design, ratings: Ratings) -> dict[str, Any]:
    pairs = design.pairs if design.raters <= LONGEST_PAIRS else None
    return {
        "raters": design.raters,
        "units": design.units,
        "ratings": design.ratings,
        "units_with_two": design.units_with_two,
        "per_unit": {
            "min": design.per_unit_min,
            "median": design.per_unit_median,
            "harmonic_mean": design.per_unit_harmonic,
        },
        "repeats": design.repeats,
        "connected": design.is_connected,
        "pairs": None if pairs is None else {"raters": list(ratings.raters), "units_in_common": pairs},
    }


def _alpha(ratings: Ratings, level: Level, seed: int, replicates: int, notes: list[str]) -> dict[str, Any]:
    coefficient = alphas.alpha(ratings, level)
    narrow_interval = intervals.these_raters(ratings, level, seed=seed, replicates=replicates)
    wide_interval = intervals.raters_like_these(ratings, level)
    notes += [
        coefficient.note,
        "" if coefficient.note else narrow_interval.note,
        "" if coefficient.note else wide_interval.note,
    ]
    return {
        "value": coefficient.value,
        "level": level,
        "n_units": coefficient.n_units,
        "n_ratings": coefficient.n_ratings,
        "interval_these_raters": _limits(narrow_interval),
        "interval_raters_like_these": _limits(wide_interval),
        "probability_above": {
            "these_raters": dict(zip(map(str, intervals.BANDS), narrow_interval.above, strict=False)),
            "raters_like_these": dict(zip(map(str, intervals.BANDS), wide_interval.above, strict=False)),
        },
        "method": f"Krippendorff (2011). These raters: {narrow_interval.method}. "
        f"Raters like these: {wide_interval.method}.",
    }


def _limits(interval: intervals.Interval) -> list[float] | None:
    return None if interval.low is None or interval.high is None else [interval.low, interval.high]


def _kappas(ratings: Ratings, level: Level, notes: list[str]) -> dict[str, Any]:
    """Return AC1 for nominal data, AC2 with quadratic weights else; Fleiss' kappa for nominal data; W for the rest."""
    try:
        counts = kappa.Counts.of(ratings)
    except ValueError as error:
        notes.append(f"AC and Fleiss: {error}")
        return {"gwet_ac1": None, "gwet_ac2": None, "fleiss_kappa": None, "kendall_w": None}
    nominal = level == "nominal"
    ac = kappa.gwet(counts, "identity" if nominal else "quadratic")
    fleiss = kappa.fleiss(counts) if nominal else None
    if not nominal:
        notes.append("Fleiss' kappa and AC1 are for nominal data")
    prevalence = (counts.table / counts.size[:, None]).mean(axis=0)
    is_short = len(counts.values) <= LONGEST_PAIRS
    return {
        "gwet_ac1": _kappa(ac, ratings, kappa.gwet) if nominal else None,
        "gwet_ac2": None if nominal else _kappa(ac, ratings, _ac2) | {"weights": "quadratic"},
        "fleiss_kappa": None if fleiss is None else _kappa(fleiss, ratings, kappa.fleiss),
        "kendall_w": None if nominal else _concordance(ratings),
        "prevalence": dict(zip((f"{value:g}" for value in counts.values), prevalence, strict=True))
        if is_short
        else None,
    }


def _ac2(counts: kappa.Counts) -> kappa.Kappa:
    return kappa.gwet(counts, "quadratic")


def _kappa(coefficient: kappa.Kappa, ratings: Ratings, form: Callable[[kappa.Counts], kappa.Kappa]) -> dict[str, Any]:
    pair = two_intervals(
        ratings, coefficient.value, coefficient.error, lambda subset: form(kappa.Counts.of(subset)).value
    )
    row = {"value": coefficient.value, "standard_error": coefficient.error, "n_units": coefficient.n_units}
    return row | _intervals(pair) | {"note": coefficient.note or pair.note}


def _intervals(pair: TwoIntervals) -> dict[str, Any]:
    return {
        "interval_these_raters": pair.these_raters,
        "interval_raters_like_these": pair.raters_like_these,
        "method": pair.method,
    }


def _raw(ratings: Ratings) -> dict[str, Any]:
    """Return raw agreement, and both intervals of the share of pairs that agree exactly."""
    agreement = raw_agreement(ratings)
    # A share of pairs cannot fall below 0, as a coefficient corrected for chance can.
    pair = two_intervals(
        ratings, agreement.exact, agreement.error, exact_agreement, by="standard error of the unit means", lowest=0
    )
    return asdict(agreement) | _intervals(pair) | {"note": pair.note}


def _concordance(ratings: Ratings) -> dict[str, Any]:
    """Return Kendall's W; its intervals on tables that are small enough to leave out each unit in turn."""
    concordance = ranks.kendall(ratings)

    def compute(subset: Ratings) -> float | None:
        return ranks.kendall(subset).corrected

    is_small = concordance.corrected is not None and len(ratings.units) <= MOST_UNITS_FOR_JACKKNIFE
    pair = two_intervals(
        ratings,
        concordance.corrected,
        over_units(ratings, compute) if is_small else None,
        compute,
        by="jackknife over units",
        lowest=0,
    )
    return {
        "value": concordance.corrected,
        "chi_squared": concordance.chi_squared,
        **_intervals(pair),
        "note": concordance.note or pair.note,
    }


def _models(ratings: Ratings, level: Level, seed: int, notes: list[str]) -> dict[str, Any]:
    """Return ICCs, components and decision study of interval data; null at other levels."""
    if level not in NUMERIC:
        notes.append("ICCs, variance components and decision study are for interval and ratio data")
        return {"icc": None, "variance_components": None, "decision_study": None}
    first = crossed_components(ratings.first_occasion())
    # Without repeats both are the same model, and its search is the slow part.
    with_repeats = crossed_components(ratings) if describe(ratings).repeats else first
    notes += [first.note, with_repeats.note]
    intraclass = iccs(ratings, seed=seed)
    study = decision.decide(first, seed=seed)
    return {
        "icc": {SHORT[name]: _icc(coefficient) for name, coefficient in intraclass.items()}
        | {"method": next(iter(intraclass.values())).method},
        "variance_components": _components(with_repeats),
        "decision_study": {
            "steps": [asdict(step) for step in study.steps],
            "raters_for": {str(target): study.raters_for(target) for target in TARGETS},
            "method": study.method,
            "note": study.note,
        },
    }


def _icc(coefficient: Icc) -> dict[str, Any]:
    """Return a coefficient; `interval` is the one for raters like these.

    That of ICC(1), to which raters are part of the noise, holds for these raters only.
    """
    ends, these_raters, note = _ends(coefficient.low, coefficient.high), coefficient.these_raters, coefficient.note
    if coefficient.name in BLIND_TO_RATERS:
        ends, these_raters, note = None, ends and (ends[0], ends[1]), "; ".join(filter(None, (note, SEE_TWO_WAY)))
    # So few raters say too little of others, for a correlation as for alpha.
    elif ends and coefficient.n_raters < intervals.FEWEST_RATERS:
        ends, note = None, "; ".join(filter(None, (note, intervals.TOO_FEW_RATERS)))
    return {
        "value": coefficient.value,
        "interval": ends,
        "interval_these_raters": these_raters,
        "k": coefficient.k,
        "note": note,
    }


def _components(model: Components) -> dict[str, Any]:
    parts = {"unit": model.unit, "rater": model.rater, "residual": model.residual}
    if model.interaction is not None:
        parts["unit_rater"] = model.interaction
    errors = {name: model.error(name) for name in model.names}
    return {
        **parts,
        "standard_errors": errors,
        "mean": model.mean,
        "method": model.method,
        "note": model.note,
    }


def _ends(low: float | None, high: float | None) -> list[float] | None:
    return None if low is None or high is None else [low, high]


def _raters(ratings: Ratings, level: Level) -> list[dict[str, Any]]:
    """Return for each rater what sets them apart: numbers always, severity, spread and drift on interval data."""
    pairs = Pairable.of(ratings)
    first = ratings.first_occasion()
    counts = np.bincount(first.rater, minlength=len(first.raters))
    left_out = alphas.without_each_rater(pairs, level) if pairs.units and not pairs.is_constant else {}
    rows: list[dict[str, Any]] = [
        {"rater": name, "n": int(counts[code]), "alpha_without": left_out.get(code)}
        for code, name in enumerate(first.raters)
    ]
    if level == "nominal":
        return rows
    correlations = {each.rater: each for each in ranks.with_rest(ratings)}
    for row in rows:
        correlation = correlations[row["rater"]]
        row |= {"correlation_with_rest": correlation.pearson, "n_with_rest": correlation.n}
    if level not in NUMERIC:
        return rows
    severities = {each.rater: each for each in severity.severities(ratings).raters}
    spreads = {each.rater: each for each in severity.spreads(first)}
    drifts = {each.rater: each for each in severity.drifts(ratings)} if ratings.time is not None else {}
    for row in rows:
        name = row["rater"]
        estimate = severities.get(name)
        row["severity"] = estimate and estimate.severity
        row["severity_error"] = estimate and estimate.error
        row["residual_spread"] = spreads[name].value if name in spreads else None
        row["drift"] = asdict(drifts[name]) if name in drifts else None
    return rows


def _screening(ratings: Ratings, level: Level) -> dict[str, Any] | None:
    """Return what BT.500 says of the raters; null for labels, whose distances mean nothing."""
    if level == "nominal":
        return None
    outcome = bt500(ratings)
    shares = dict(zip(ratings.first_occasion().raters, outcome.share, strict=True))
    return {
        "rejected": list(outcome.rejected),
        "share_outside": shares,
        "method": outcome.method,
        "note": outcome.note,
    }


def _repeats(ratings: Ratings, level: Level, seed: int) -> dict[str, Any] | None:
    if level == "nominal" or ratings.n == ratings.first_occasion().n:
        return None
    row = asdict(retest(severity.repeat_pairs(ratings)))
    intra = intra_rater(ratings, seed=seed)
    return row | {"intra_rater_icc": intra.value, "intra_rater_interval": _ends(intra.low, intra.high)}
