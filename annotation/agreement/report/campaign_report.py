"""Put all figures of a report on a campaign together: the same panel, query and seed give the same figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.agreement.raters.severity import DRIFT_METHOD, SEVERITY_METHOD, SPREAD_METHOD
from annotation.rubric.schema import Rubric

from . import comparability as meaning
from . import contrasts, scopes
from . import descriptives as looks
from .exclusions import without
from .fields import CONFIDENCE, METHOD, measure_field
from .panel import HOLISTIC, SUBCATEGORY, Fields, Panel

WHICH_ANSWERS = (
    "first answers given blind or before the reveal; no assisted, surplus, repeated, superseded or imported ones"
)
SECTIONS = (
    "scopes", "meaning", "by_answers", "arms", "halo", "blind_panel", "model_against_humans", "without", "drift",
    "distributions", "widest",
)  # fmt: skip
# Of tables whose rows do not say it themselves.
METHODS = {
    "raters": f"{SEVERITY_METHOD}; residual spread: {SPREAD_METHOD}",
    "drift": DRIFT_METHOD.format("time, in the unit named"),
    "distributions": "answers that gave each score, from the lowest step of the scale; sd with n - 1",
    "widest": "greatest range of scores first, then standard deviation (with n - 1)",
}
SCOPE_REPLICATES = 400  # At most, for parts and contrasts: there are hundreds of them.


@dataclass(frozen=True)
class Wanted:
    """What a report is to contain: which sections, which scopes, how periods are cut, who is left out beside."""

    sections: Sequence[str] = SECTIONS
    scopes: Sequence[str] = scopes.DIMENSIONS
    period: str = ""
    exclusions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seed: int = 1
    replicates: int = 1000


def figures(panel: Panel, rubric: Rubric, wanted: Wanted) -> dict[str, Any]:
    """Return the figures of a report."""
    fields, own = Fields(rubric), panel.own()
    measured = {
        name: measure_field(
            fields.ratings(name, own), fields.level(name), seed=wanted.seed, replicates=wanted.replicates
        )
        for name in fields.all
    }
    further = _sections(panel, fields, measured, wanted)
    raters = {answer.rater for answer in own}
    slim = {name: _slim(one, name) for name, one in measured.items()}
    return _head(wanted) | {
        "n_images": len({answer.image for answer in own}),
        "n_answers": len(own),
        "n_raters": len(raters),
        "simulated_raters": len(raters.intersection(panel.simulated)),
        "attributes": {name: slim[name] for name in fields.attributes},
        HOLISTIC: slim[HOLISTIC],
        SUBCATEGORY: slim[SUBCATEGORY],
        **further,
    }


def _head(wanted: Wanted) -> dict[str, Any]:
    method = METHOD.format(replicates=wanted.replicates, seed=wanted.seed)
    return {
        "method": f"Krippendorff's alpha on {WHICH_ANSWERS}; {method}",
        "seed": wanted.seed,
        "replicates": wanted.replicates,
        "confidence": CONFIDENCE,
    }


def _sections(panel: Panel, fields: Fields, measured: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """Return the further sections that are wanted, each under its name."""
    draws = {"seed": wanted.seed, "replicates": min(wanted.replicates, SCOPE_REPLICATES)}
    period = wanted.period or scopes.period_of(panel)
    # Made on call, as a section that is not wanted may be the slowest.
    makers: Mapping[str, Callable[[], Any]] = {
        "scopes": lambda: scopes.measure_scopes(panel, fields, wanted.scopes, period=period, **draws),
        "meaning": lambda: meaning.meanings(panel, fields),
        "by_answers": lambda: contrasts.by_answers(panel, fields, **draws),
        "arms": lambda: contrasts.anchoring_by_arm(panel, fields),
        "halo": lambda: contrasts.halo_rows(panel, fields),
        "blind_panel": lambda: contrasts.blind_panel(panel, fields, **draws),
        "model_against_humans": lambda: looks.model_against_humans(panel, fields, **draws),
        "without": lambda: without(panel, fields, measured, wanted.exclusions, **draws),
        "drift": lambda: looks.drift(measured),
        "distributions": lambda: looks.distributions(panel, fields),
        "widest": lambda: looks.widest(panel, fields),
    }
    sections = {name: makers[name]() for name in SECTIONS if name in wanted.sections}
    alphas = METHOD.format(**draws)
    methods = {**METHODS, "by_answers": alphas, "blind_panel.fields": alphas}
    if "scopes" not in sections:
        return sections | {"methods": methods}
    parts = scopes.method(period)
    return sections | {"methods": methods | {"scopes": f"{parts}; {alphas}"}, "scopes_method": parts}


def _slim(measured: dict[str, Any], name: str) -> dict[str, Any]:
    """Leave out what stands elsewhere: drift in its own section, the matrix of pairs with the holistic score."""
    details = measured["details"]
    if not details:
        return measured
    design = details["design"] if name == HOLISTIC else details["design"] | {"pairs": None}
    raters = [{key: value for key, value in row.items() if key != "drift"} for row in details["raters"]]
    return measured | {"details": details | {"design": design, "raters": raters}}
