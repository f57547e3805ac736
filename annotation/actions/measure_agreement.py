"""Measure how far experts agree, and keep the report with all that is needed to recompute it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import OuterRef, Subquery

from annotation.agreement.alpha import Level, alpha
from annotation.agreement.intervals import BANDS, Interval, raters_like_these, these_raters
from annotation.agreement.pull import pull
from annotation.agreement.ratings import Ratings
from annotation.agreement.report import details, rounded
from annotation.models import Annotation, Campaign, Judgement, Prefill, Report, Revision

from .record import digest, record

Rating = tuple[str, str, int]
Sway = tuple[str, str, int, str, float]

REPLICATES = 1000
CONFIDENCE = 0.95
METHOD = (
    "these raters: BCa bootstrap over images, {replicates} replicates, seed {seed}; raters like these: jackknife over "
    "images plus jackknife over raters on log(1 - alpha), t with raters - 1 degrees of freedom"
)
WHICH_ANSWERS = "first answers given blind or before the reveal; no assisted, surplus, repeated or imported ones"


def measure(campaign: Campaign, *, by: AbstractBaseUser | None, seed: int = 1, replicates: int = REPLICATES) -> Report:
    """Compute alpha with its interval for each attribute, the holistic score and the subcategory; keep the report."""
    ratings, sways = collect(campaign), collect_arms(campaign)
    step = campaign.rubric.scale.step
    figures = compute(ratings, [attribute.key for attribute in campaign.rubric.attributes], seed, replicates, step)
    figures |= {"arms": compare_arms(sways, step)}
    annotations = _counted(campaign)
    figures |= {
        "n_images": annotations.values("image").distinct().count(),
        "n_answers": annotations.count(),
        "n_raters": annotations.values("annotator").distinct().count(),
        "simulated_raters": annotations.filter(simulated=True).values("annotator").distinct().count(),
    }
    inputs = ratings | ({"arms": sways} if sways else {})
    return _keep(campaign, inputs, figures, by=by, seed=seed, replicates=replicates)


@transaction.atomic
def _keep(
    campaign: Campaign,
    inputs: dict[str, Any],
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
        input_hash=digest(inputs),
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


def collect_arms(campaign: Campaign) -> dict[str, list[Sway]]:
    """Return the final scores in all arms beside the shown model's, by attribute: (image, rater, steps, arm, model).

    The model's score is on 0 to 100 and known for every image it was asked about, whatever the arm; an attribute it
    gives no score is left out.
    """
    prefills = Prefill.objects.filter(model_version=campaign.shown_model_id, image__entries__campaign=campaign)
    said = {prefill.image_id: prefill for prefill in prefills.only("image", "score", "attributes")}
    if campaign.shown_model_id is None or not said:
        return {}
    overall = campaign.rubric.overall.key
    counted = Annotation.objects.filter(campaign=campaign).counted()
    last = Revision.objects.filter(annotation=OuterRef("revision__annotation")).order_by("-number").values("pk")[:1]
    final = Judgement.objects.filter(revision__annotation__in=counted, revision=Subquery(last), steps__isnull=False)
    rows = final.order_by().values_list(
        "attribute",
        "steps",
        "revision__annotation__image",
        "revision__annotation__image__sha256",
        "revision__annotation__annotator__pseudonym",
        "revision__annotation__assignment__arm",
    )
    found: dict[str, list[Sway]] = {}
    for attribute, steps, image, sha256, rater, arm in rows:
        prefill = said.get(image)
        if prefill is None:
            continue
        score = prefill.attributes.get(attribute, {}).get("score")
        if attribute == overall and prefill.score is not None:
            score = prefill.score
        if score is not None:
            found.setdefault(attribute, []).append((sha256, rater, int(steps or 0), arm, float(score)))
    return {attribute: sorted(rows) for attribute, rows in sorted(found.items())}


def compare_arms(sways: dict[str, list[Sway]], step: float) -> dict[str, Any]:
    """Return the pull toward the model in the reveal and the assisted arm, by attribute; final scores in points."""
    found: dict[str, Any] = {}
    for attribute, rows in sways.items():
        images, raters, steps, arms, model = zip(*rows, strict=True)
        table = Ratings.of(images, raters, [step * value for value in steps])
        # The rows are sorted as the ratings are, by image and rater; their scores from 0 to 100 become points.
        scores = np.array(model) / 10
        found[attribute] = {
            shown: rounded(asdict(pull(table, arms, scores, shown)))
            for shown in ("reveal", "assisted")
            if shown in arms
        }
    return found


def compute(
    ratings: dict[str, list[Rating]], attributes: Iterable[str], seed: int, replicates: int, step: float = 0.5
) -> dict[str, Any]:
    """Return the figures of a report: the same ratings and the same seed give the same figures."""

    def measured(field: str, level: Level) -> dict[str, Any]:
        unit = {"holistic": 0.01, "subcategory": 1.0}.get(field, step)
        return _measure_field(ratings.get(field, []), level, seed, replicates, unit)

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


def _measure_field(ratings: list[Rating], level: Level, seed: int, replicates: int, unit: float) -> dict[str, Any]:
    images, raters, values = zip(*ratings, strict=True) if ratings else ((), (), ())
    table = Ratings.of(images, raters, [unit * value for value in values])
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
        "probability_above": dict(zip(map(str, BANDS), rounded(wide.above), strict=False)),
        "details": details(table, level, seed=seed) if ratings else None,
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
