"""Work out how unsure a model is that was asked in a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from annotation.models import Run

UNSURE_SHOWN = 10


@dataclass(frozen=True)
class Uncertainty:
    """The figures of a run's prefills, one of these as an `example`, and those that are least sure, all by key."""

    figures: Mapping[str, float | None]
    example: int | None
    unsure: list[int]


def measure_uncertainty(run: Run) -> Uncertainty:
    """Return how unsure the model is."""
    prefills = run.prefills()
    unsure = prefills.filter(spread__isnull=False).order_by("-spread", "pk")
    first = prefills.order_by("pk").values_list("pk", flat=True).first()
    return Uncertainty(prefills.uncertainty(), first, list(unsure.values_list("pk", flat=True)[:UNSURE_SHOWN]))
