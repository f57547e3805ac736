"""Say what further raters a unit would buy: reliability and standard error of the mean against their number.

Each unit is taken to be rated by raters of its own drawn from the same population, so that their severity counts as
error: Brennan, R. L. (2001). Generalizability theory, chapter 4 (the D study).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .components import Components
from .icc import DRAWS, METHOD, draw

NO_UNIT_VARIANCE = "units do not differ; no number of raters makes them reliable"
TOO_MANY = 10_000


@dataclass(frozen=True)
class Step:
    """What k raters a unit give: reliability (with interval), absolute and relative, and standard error."""

    k: int
    absolute: float
    low: float | None
    high: float | None
    consistency: float
    standard_error: float


@dataclass(frozen=True)
class Decision:
    """A decision study; empty where the components are undefined, with the reason in `note`."""

    steps: tuple[Step, ...]
    n_units: int
    n_raters: int
    n_ratings: int
    method: str
    unit: float = 0.0
    rater: float = 0.0
    noise: float = 0.0
    note: str = ""

    def raters_for(self, reliability: float) -> int | None:
        """Return the fewest raters a unit whose mean reaches the reliability, or None where no number does."""
        if not self.steps or self.unit == 0 or not 0 < reliability < 1:
            return None
        return _fewest(reliability / (1 - reliability) * (self.noise + self.rater) / self.unit)


def decide(components: Components, *, most: int = 10, seed: int = 1, draws: int = DRAWS) -> Decision:
    """Return what 1 to `most` raters a unit give, with Monte-Carlo intervals of the absolute reliability."""
    counts = {
        "n_units": components.n_units, "n_raters": components.n_raters, "n_ratings": components.n_ratings
    }  # fmt: skip
    method = METHOD.format(components.method, draws, seed)
    if components.unit is None or components.rater is None or components.residual is None:
        return Decision((), method=method, note=components.note, **counts)
    noise = components.residual + (components.interaction or 0.0)
    note = NO_UNIT_VARIANCE if components.unit == 0 else components.note
    samples = draw(components, seed=seed, draws=draws)
    steps = []
    for k in range(1, most + 1):
        error = (components.rater + noise) / k
        low = high = None
        if samples is not None:
            spread = samples["rater"] + samples["residual"] + samples.get("interaction", np.array(0.0))
            reliability = samples["unit"] / (samples["unit"] + spread / k)
            low, high = (float(limit) for limit in np.quantile(reliability, [0.025, 0.975]))
        steps.append(
            Step(
                k, _share(components.unit, error), low, high, _share(components.unit, noise / k), float(np.sqrt(error))
            )
        )
    return Decision(
        tuple(steps), method=method, unit=components.unit, rater=components.rater, noise=noise, note=note, **counts
    )


def _share(unit: float, error: float) -> float:
    return unit / (unit + error) if unit + error else 0.0


def _fewest(raters: float) -> int | None:
    # Rounding must not call for a rater more than a whole number.
    fewest = max(1, int(np.ceil(raters - 1e-9)))
    return fewest if fewest <= TOO_MANY else None
