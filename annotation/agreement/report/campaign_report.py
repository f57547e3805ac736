"""Put all figures of a report on a campaign together: the same panel, query and seed give the same figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.agreement.raters.severity import DRIFT_METHOD, SEVERITY_METHOD, SPREAD_METHOD
from annotation.rubric.schema import Rubric

from . import comparability, contrasts, descriptives, scopes
from .exclusions import exclusion_figures
from .fields import CONFIDENCE, METHOD, measure_field
from .panel import HOLISTIC, SUBCATEGORY, Fields, Panel

WHICH_ANNOTATIONS = (
    "first answers given blind or before the reveal; no assisted, surplus, exposed, repeated, superseded "
    "or imported ones"
)
SECTIONS = (
    "scopes", "meaning", "by_annotations", "arms", "halo", "blind_panel", "model_against_humans", "without", "drift",
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
class ReportContents:
    """What a report is to contain: which sections, which scopes, how periods are cut, who is left out beside."""

    sections: Sequence[str] = SECTIONS
    scopes: Sequence[str] = scopes.DIMENSIONS
    period: str = ""
    exclusions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seed: int = 1
    replicates: int = 1000


def figures(panel: Panel, rubric: Rubric, contents: ReportContents) -> dict[str, Any]:
    """Return the figures of a report."""
    fields, own_annotations = Fields(rubric), panel.own_annotations()
    measurements = {
        name: measure_field(
            fields.ratings(name, own_annotations),
            fields.level(name),
            seed=contents.seed,
            replicates=contents.replicates,
        )
        for name in fields.all
    }
    further = _sections(panel, fields, measurements, contents)
    raters = {annotation.rater for annotation in own_annotations}
    slim = {name: _slim(field_figures, name) for name, field_figures in measurements.items()}
    return _head(contents) | {
        "n_images": len({annotation.image for annotation in own_annotations}),
        "n_annotations": len(own_annotations),
        "n_raters": len(raters),
        "simulated_raters": len(raters.intersection(panel.simulated)),
        "attributes": {name: slim[name] for name in fields.attributes},
        HOLISTIC: slim[HOLISTIC],
        SUBCATEGORY: slim[SUBCATEGORY],
        **further,
    }


def _head(contents: ReportContents) -> dict[str, Any]:
    method = METHOD.format(replicates=contents.replicates, seed=contents.seed)
    return {
        "method": f"Krippendorff's alpha on {WHICH_ANNOTATIONS}; {method}",
        "seed": contents.seed,
        "replicates": contents.replicates,
        "confidence": CONFIDENCE,
    }


def _sections(
    panel: Panel, fields: Fields, measurements: Mapping[str, Any], contents: ReportContents
) -> dict[str, Any]:
    """Return the further sections that are wanted, each under its name."""
    draws = {"seed": contents.seed, "replicates": min(contents.replicates, SCOPE_REPLICATES)}
    period = contents.period or scopes.period_of(panel)
    # Made on call, as a section that is not wanted may be the slowest.
    makers: Mapping[str, Callable[[], Any]] = {
        "scopes": lambda: scopes.measure_scopes(panel, fields, contents.scopes, period=period, **draws),
        "meaning": lambda: comparability.meanings(panel, fields),
        "by_annotations": lambda: contrasts.by_annotations(panel, fields, **draws),
        "arms": lambda: contrasts.anchoring_by_arm(panel, fields),
        "halo": lambda: contrasts.halo_rows(panel, fields),
        "blind_panel": lambda: contrasts.blind_panel(panel, fields, **draws),
        "model_against_humans": lambda: descriptives.model_against_humans(panel, fields, **draws),
        "without": lambda: exclusion_figures(panel, fields, measurements, contents.exclusions, **draws),
        "drift": lambda: descriptives.drift(measurements),
        "distributions": lambda: descriptives.distributions(panel, fields),
        "widest": lambda: descriptives.widest(panel, fields),
    }
    sections = {name: makers[name]() for name in SECTIONS if name in contents.sections}
    alphas = METHOD.format(**draws)
    methods = {**METHODS, "by_annotations": alphas, "blind_panel.fields": alphas}
    if "scopes" not in sections:
        return sections | {"methods": methods}
    parts = scopes.method(period)
    return sections | {"methods": methods | {"scopes": f"{parts}; {alphas}"}, "scopes_method": parts}


def _slim(field_figures: dict[str, Any], name: str) -> dict[str, Any]:
    """Leave out what stands elsewhere: drift in its own section, the matrix of pairs with the holistic score."""
    details = field_figures["details"]
    if not details:
        return field_figures
    design = details["design"] if name == HOLISTIC else details["design"] | {"pairs": None}
    raters = [{key: value for key, value in row.items() if key != "drift"} for row in details["raters"]]
    return field_figures | {"details": details | {"design": design, "raters": raters}}
