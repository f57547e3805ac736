"""Draw ratings with known truth: components, severities, noise, drift, repeats, arms and anchoring (NumPy, no Django).

For studies of the statistics. The demo's experts, who judge real images through a rubric and write critiques, are in
`annotation.design.simulation`.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.ratings import Codes, Ratings, Values

ARMS = ("blind", "reveal", "assisted")
SCALES = ("continuous", "half-points", "nominal")
COLUMNS = ("unit", "rater", "occasion", "value", "time", "arm", "model", "category")


@dataclass(frozen=True)
class Plan:
    """What to draw. Standard deviations, severities and drift are in points of a scale from 0 to 10.

    `severity` and `noise_of` name raters by position and override what is drawn; `drift_of` is in points per 100
    ratings. `anchoring` is the share of the way toward the model's score in the arms that show it, `model_sd` the
    model's own error; `arms` are shares of blind, reveal and assisted. `panels` > 1 splits raters and units into parts
    that share nobody. `slip` is how often a nominal answer is drawn at random.
    """

    units: int = 100
    raters: int = 8
    k: int = 3
    unit_sd: float = 1.5
    rater_sd: float = 0.5
    interaction_sd: float = 0.0
    noise_sd: float = 1.0
    mean: float = 5.5
    severity: Sequence[tuple[int, float]] = ()
    noise_of: Sequence[tuple[int, float]] = ()
    drift_of: Sequence[tuple[int, float]] = ()
    anchoring_of: Sequence[tuple[int, float]] = ()
    repeats: float = 0.0
    arms: tuple[float, float, float] = (1.0, 0.0, 0.0)
    anchoring: float = 0.0
    model_sd: float = 1.0
    panels: int = 1
    scale: str = "continuous"
    categories: int = 5
    slip: float = 0.2

    def check(self) -> None:
        """Raise ValueError, naming the field and what is accepted, where the plan cannot be drawn."""
        if self.scale not in SCALES:
            raise ValueError(f"scale: one of {', '.join(SCALES)} is accepted, not {self.scale!r}")
        smallest = self.raters // self.panels if self.panels > 0 else 0
        if not 1 <= self.k <= smallest:
            raise ValueError(f"k: a number from 1 to the {smallest} raters of a panel is accepted, not {self.k}")
        if self.units < self.panels:
            raise ValueError(f"units: at least one a panel is accepted, not {self.units}")
        for name in ("unit_sd", "rater_sd", "interaction_sd", "noise_sd", "model_sd"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: a number from 0 is accepted, not {getattr(self, name)}")
        for name in ("repeats", "slip", "anchoring"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: a share from 0 to 1 is accepted, not {getattr(self, name)}")
        if min(self.arms) < 0 or not np.isclose(sum(self.arms), 1):
            raise ValueError(f"arms: three shares that sum to 1 are accepted, not {self.arms}")
        if self.scale == "nominal" and self.categories < 2:
            raise ValueError(f"categories: a number from 2 is accepted, not {self.categories}")
        for name in ("severity", "noise_of", "drift_of", "anchoring_of"):
            for position, _ in getattr(self, name):
                if not 0 <= position < self.raters:
                    raise ValueError(f"{name}: a rater from 0 to {self.raters - 1} is accepted, not {position}")


@dataclass(frozen=True)
class SimulatedRatings:
    """Drawn ratings, for each its arm and the model's score of its unit, and the truth behind them.

    `quality` is each unit's true score, `severity` each rater's; `model` and `category` have a row a unit.
    """

    ratings: Ratings
    arm: NDArray[np.str_]
    model: Values
    category: Codes
    quality: Values
    severity: Values

    def model_of_rating(self) -> Values:
        """Return the model's score of each rating's unit."""
        return self.model[self.ratings.unit]

    def write(self, file: IO[str]) -> None:
        """Write long-form CSV, a row a rating in order of unit, rater and occasion."""
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        r = self.ratings
        assert r.time is not None
        for j in range(r.n):
            unit = r.unit[j]
            names = (r.units[unit], r.raters[r.rater[j]], r.occasions[r.occasion[j]])
            cells = (f"{r.value[j]:.6g}", f"{r.time[j]:.6g}", self.arm[j])
            rows.writerow([*names, *cells, f"{self.model[unit]:.6g}", int(self.category[unit])])


def simulate(plan: Plan, *, seed: int) -> SimulatedRatings:
    """Draw the plan. Raise ValueError where it cannot be drawn.

    Each unit is rated by k raters of its panel at random; each rater works through their units in an order of their
    own, one rating a minute, and repeats come after all first ratings. A repeat is judged blind.
    """
    plan.check()
    random = np.random.default_rng(seed)
    unit, rater = _assign(plan, random)
    quality = plan.mean + plan.unit_sd * random.normal(size=plan.units)
    severity = plan.rater_sd * random.normal(size=plan.raters)
    model = plan.mean + (quality - plan.mean) + plan.model_sd * random.normal(size=plan.units)
    category = random.integers(plan.categories, size=plan.units)
    # Overridden only after the draw, so that plans that differ in this alone share all the rest.
    severity = _override(severity, plan.severity)
    noise = _override(np.full(plan.raters, plan.noise_sd), plan.noise_of)
    drift = _override(np.zeros(plan.raters), plan.drift_of)
    anchoring = _override(np.full(plan.raters, plan.anchoring), plan.anchoring_of)
    taste = plan.interaction_sd * random.normal(size=len(unit))
    arm = random.choice(ARMS, size=len(unit), p=plan.arms)
    repeat_rows = np.flatnonzero(random.random(len(unit)) < plan.repeats)
    rows = np.concatenate([np.arange(len(unit)), repeat_rows])
    is_repeat = np.arange(len(rows)) >= len(unit)
    place = _order(rater[rows], is_repeat, random)
    unit, rater, taste, arm = unit[rows], rater[rows], taste[rows], np.where(is_repeat, "blind", arm[rows])
    own_score = quality[unit] - severity[rater] + taste + drift[rater] * place / 100
    own_score = own_score + noise[rater] * random.normal(size=len(rows))
    share = np.where(arm == "blind", 0.0, anchoring[rater])
    value = own_score + share * (model[unit] - own_score)
    if plan.scale == "half-points":
        value = np.clip(np.round(value * 2) / 2, 0, 10)
    elif plan.scale == "nominal":
        is_slip = random.random(len(rows)) < plan.slip
        value = np.where(is_slip, random.integers(plan.categories, size=len(rows)), category[unit]).astype(float)
    order = np.lexsort((is_repeat, rater, unit))
    # Names of one width sort as the numbers do.
    width = len(str(max(plan.units, plan.raters)))
    ratings = Ratings(
        unit[order], rater[order], is_repeat[order].astype(np.int64), value[order],
        tuple(f"u{u:0{width}}" for u in range(plan.units)), tuple(f"r{r:0{width}}" for r in range(plan.raters)),
        ("1", "2") if len(repeat_rows) else ("1",), place[order] / 1440,
    )  # fmt: skip
    rater_codes = np.unique(rater)
    return SimulatedRatings(
        ratings.where(np.ones(ratings.n, dtype=bool)), arm[order], model, category, quality, severity[rater_codes]
    )


def _assign(plan: Plan, random: np.random.Generator) -> tuple[Codes, Codes]:
    """Return the unit and rater of each first rating: k raters of the unit's panel, drawn without replacement."""
    panel_of_unit = np.arange(plan.units) % plan.panels
    size = plan.raters // plan.panels
    draw_order = np.argsort(random.random((plan.units, size)), axis=1)[:, : plan.k]
    rater = draw_order + (panel_of_unit * size)[:, None]
    return np.repeat(np.arange(plan.units), plan.k), rater.ravel().astype(np.int64)


def _order(rater: Codes, is_repeat: NDArray[np.bool_], random: np.random.Generator) -> Values:
    """Return each rating's place in its rater's sequence, from 0: first ratings in random order, then repeats."""
    order = np.lexsort((random.random(len(rater)), is_repeat, rater))
    counts = np.bincount(rater)
    place = np.empty(len(rater))
    place[order] = np.concatenate([np.arange(n) for n in counts])
    return place


def _override(values: Values, overrides: Sequence[tuple[int, float]]) -> Values:
    result = values.copy()
    for position, value in overrides:
        result[position] = value
    return result
