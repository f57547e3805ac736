"""Plan a campaign before launch: what reliability, what precision, how many hours (plain Python).

The reliability of the mean of k answers is Spearman and Brown's: k r / (1 + (k - 1) r). The width of the interval of
the intraclass correlation is Bonett's: Bonett, D. G. (2002). Sample size requirements for estimating intraclass
correlations with desired precision. Statistics in Medicine 21, 1331-1335.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Any

from annotation.errors import BadInput
from annotation.phrases import phrase as _

# Where to start when nothing is known: single-rater reliability found elsewhere.
ANCHORS = {"lay voters (AVA)": 0.20, "screened crowd (KonIQ-10k)": 0.47}
TARGETS = (0.8, 0.9)
WIDTHS = (0.2, 0.1)


@dataclass(frozen=True)
class Plan:
    """What is planned: `icc` is the expected reliability of one answer, `minutes` the time for one."""

    images: int
    annotations_per_image: int
    experts: int
    icc: float
    minutes: float

    def __post_init__(self) -> None:
        for name, lowest in (("images", 2), ("annotations_per_image", 1), ("experts", 1)):
            if getattr(self, name) < lowest:
                raise BadInput(
                    _(
                        "%(name)s: %(least)s or more is accepted, not %(given)s",
                        name=name,
                        least=lowest,
                        given=getattr(self, name),
                    )
                )
        if self.annotations_per_image > self.experts:
            raise BadInput(
                _(
                    "annotations_per_image: at most the number of experts (%(experts)s) is accepted, not %(given)s; "
                    "nobody judges an image twice",
                    experts=self.experts,
                    given=self.annotations_per_image,
                )
            )
        # At either end the formulas divide by zero, or ask for no answers at all.
        if not 0 < self.icc < 1:
            raise BadInput(_("icc: between 0 and 1 is accepted, not %(given)s", given=f"{self.icc:g}"))
        if not 0 < self.minutes <= 24 * 60:
            raise BadInput(
                _("minutes: more than 0 and at most a day is accepted, not %(given)s", given=f"{self.minutes:g}")
            )


def reliability_of_mean(icc: float, k: float) -> float:
    """Return the reliability of the mean of k answers (Spearman-Brown)."""
    return k * icc / (1 + (k - 1) * icc)


def annotations_for(icc: float, target: float) -> int:
    """Return the least k whose mean reaches the target reliability."""
    # Rounded first: 16.000000000000004 is sixteen answers, not seventeen.
    return max(1, ceil(round(target * (1 - icc) / (icc * (1 - target)), 9)))


def interval_width(icc: float, k: int, images: int, confidence: float = 0.95) -> float | None:
    """Return the full width of the interval of the ICC (Bonett 2002), None for a single answer an image."""
    if k < 2:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return sqrt(8 * z**2 * (1 - icc) ** 2 * (1 + (k - 1) * icc) ** 2 / (k * (k - 1) * (images - 1)))


def images_for(icc: float, k: int, width: float, confidence: float = 0.95) -> int:
    """Return how many images give the ICC an interval of that full width (Bonett 2002)."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return ceil(8 * z**2 * (1 - icc) ** 2 * (1 + (k - 1) * icc) ** 2 / (k * (k - 1) * width**2) + 1)


def _images_for(plan: Plan) -> dict[str, int] | None:
    """Return how many images each width of the interval takes; None for a single answer an image."""
    if plan.annotations_per_image < 2:
        return None
    return {f"{width:.2f}": images_for(plan.icc, plan.annotations_per_image, width) for width in WIDTHS}


def outlook(plan: Plan) -> dict[str, Any]:
    """Return what the plan leads to, as data that JSON can carry; figures have six significant digits."""
    annotations = plan.images * plan.annotations_per_image
    hours = annotations * plan.minutes / 60
    width = interval_width(plan.icc, plan.annotations_per_image, plan.images)
    return {
        **asdict(plan),
        "annotations": annotations,
        "hours": _significant(hours),
        "hours_per_expert": _significant(hours / plan.experts),
        "reliability_of_mean": _significant(reliability_of_mean(plan.icc, plan.annotations_per_image)),
        "interval_width": None if width is None else _significant(width),
        "images_for": _images_for(plan),
        "annotations_for": {f"{target:.2f}": annotations_for(plan.icc, target) for target in TARGETS},
        "anchors": ANCHORS,
        "method": "Spearman-Brown for the mean; Bonett (2002) for the full width of the 95 % interval of the ICC",
    }


def _significant(value: float) -> float:
    return float(f"{value:.6g}")
