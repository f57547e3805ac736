"""Measure how far experts agree, and keep the report with all that is needed to recompute it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation.agreement.alpha import Level, alpha
from annotation.agreement.intervals import Interval, raters_like_these, these_raters
from annotation.agreement.ratings import Ratings
from annotation.models import Annotation, Campaign, Judgement, Report, Revision

from .record import digest, record

Rating = tuple[str, str, int]

REPLICATES = 1000
CONFIDENCE = 0.95
METHOD = (
    "these raters: BCa bootstrap over images, {replicates} replicates, seed {seed}; raters like these: jackknife over "
    "images plus jackknife over raters on log(1 - alpha), t with raters - 1 degrees of freedom"
)
WHICH_ANSWERS = "first answers given blind or before the reveal; no assisted, surplus, repeated or imported ones"


def measure(campaign: Campaign, *, by: AbstractBaseUser | None, seed: int = 1, replicates: int = REPLICATES) -> Report:
    """Compute alpha with its interval for each attribute, the holistic score and the subcategory; keep the report."""
    ratings = collect(campaign)
    figures = compute(ratings, [attribute.key for attribute in campaign.rubric.attributes], seed, replicates)
    annotations = _counted(campaign)
    figures |= {
        "n_images": annotations.values("image").distinct().count(),
        "n_answers": annotations.count(),
        "n_raters": annotations.values("annotator").distinct().count(),
        "simulated_raters": annotations.filter(simulated=True).values("annotator").distinct().count(),
    }
    return _keep(campaign, ratings, figures, by=by, seed=seed, replicates=replicates)


@transaction.atomic
def _keep(
    campaign: Campaign,
    ratings: dict[str, list[Rating]],
    figures: dict[str, Any],
    *,
    by: AbstractBaseUser | None,
    seed: int,
    replicates: int,
) -> Report:
    report = Report.objects.create(
        campaign=campaign,
        query={"answers": WHICH_ANSWERS, "replicates": replicates, "confidence": CONFIDENCE},
        engine_version=engine_version(),
        seed=seed,
        input_hash=digest(ratings),
        figures=figures,
        requested_by_id=by.pk if by else None,
    )
    record(campaign, "report.computed", report, by=by, content=figures, details={"input": report.input_hash})
    return report


def collect(campaign: Campaign) -> dict[str, list[Rating]]:
    """Return the ratings headline reliability rests on, by field: (image, rater, value), sorted.

    Scores are in steps, the holistic score in hundredths, the subcategory as its position in the rubric.
    """
    judgements = (
        Judgement.objects.headline(campaign)
        .values_list(
            "attribute",
            "revision__annotation__image__sha256",
            "revision__annotation__annotator__pseudonym",
            "steps",
        )
        .order_by()
    )
    ratings: dict[str, list[Rating]] = {}
    for attribute, image, rater, steps in judgements:
        if steps is not None:
            ratings.setdefault(attribute, []).append((image, rater, steps))
    positions = {key: position for position, key in enumerate(campaign.rubric.subcategories)}
    first = (
        Revision.objects.filter(number=1, annotation__in=_counted(campaign))
        .values_list("annotation__image__sha256", "annotation__annotator__pseudonym", "holistic", "subcategory")
        .order_by()
    )
    for image, rater, holistic, subcategory in first:
        if holistic is not None:
            ratings.setdefault("holistic", []).append((image, rater, holistic))
        ratings.setdefault("subcategory", []).append((image, rater, positions[subcategory]))
    return {field: sorted(rows) for field, rows in sorted(ratings.items())}


def compute(ratings: dict[str, list[Rating]], attributes: Iterable[str], seed: int, replicates: int) -> dict[str, Any]:
    """Return the figures of a report: the same ratings and the same seed give the same figures."""

    def measured(field: str, level: Level) -> dict[str, Any]:
        return _measure_field(ratings.get(field, []), level, seed, replicates)

    return {
        "method": f"Krippendorff's alpha on {WHICH_ANSWERS}; {METHOD.format(replicates=replicates, seed=seed)}",
        "seed": seed,
        "replicates": replicates,
        "confidence": CONFIDENCE,
        "attributes": {key: measured(key, "interval") for key in attributes},
        "holistic": measured("holistic", "interval"),
        "subcategory": measured("subcategory", "nominal"),
    }


def engine_version() -> str:
    """Name the versions of what computes the figures."""
    parts = [f"connoisseur {settings.VERSION}"]
    return "; ".join(parts + [f"{name} {version(name)}" for name in ("numpy", "scipy")])


def _measure_field(ratings: list[Rating], level: Level, seed: int, replicates: int) -> dict[str, Any]:
    images, raters, values = zip(*ratings, strict=True) if ratings else ((), (), ())
    table = Ratings.of(images, raters, values)
    result = alpha(table, level)
    narrow = these_raters(table, level, seed=seed, replicates=replicates, confidence=CONFIDENCE)
    wide = raters_like_these(table, level, confidence=CONFIDENCE)
    return {
        "level": level,
        "alpha": None if result.value is None else significant(result.value),
        "interval": _limits(narrow),
        "interval_raters_like_these": _limits(wide),
        "n_images": result.n_units,
        "n_answers": result.n_ratings,
        "n_raters": result.n_raters,
        "note": result.note or narrow.note,
        "note_raters_like_these": wide.note,
    }


def _limits(interval: Interval) -> list[float] | None:
    if interval.low is None or interval.high is None:
        return None
    return [significant(interval.low), significant(interval.high)]


def significant(value: float) -> float:
    """Round to six significant digits, as every figure that is written."""
    return float(f"{value:.6g}")


def _counted(campaign: Campaign) -> Any:
    return Annotation.objects.filter(campaign=campaign).counted().untouched_by_model()
