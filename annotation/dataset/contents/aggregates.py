"""Compute the scores of an image from the rows of its answers: means, standard errors, and what was adjudicated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import fsum, sqrt
from types import MappingProxyType
from typing import Any, NamedTuple

from annotation.dataset.format.canonical import significant
from annotation.rubric.schema import Rubric

Severities = Mapping[str, Mapping[str, float]]

HOLISTIC = "holistic"
FIRST, FINAL, SENT_BACK = "first", "final", "sent_back"
BEFORE_ANY_MODEL = ("blind", "reveal")
RATERS, CONSENSUS = "raters", "consensus"
WHICH_COUNT = (
    "first answers given blind or before the reveal, one a rater and image; "
    "assisted, surplus, exposed, repeated, superseded and imported answers are listed but stay out of every mean"
)


def counts(annotation: Mapping[str, Any]) -> bool:
    """Tell whether an answer enters the means: a first answer, untouched by a model, inside k."""
    is_excluded = any(annotation[mark] for mark in ("surplus", "exposed", "repeat", "superseded", "imported"))
    return annotation["kind"] == FIRST and annotation["arm"] in BEFORE_ANY_MODEL and not is_excluded


class Mean(NamedTuple):
    """The mean of `n` scores in points with two decimals, and its standard error, None where n is below 2."""

    mean: float | None
    n: int
    se: float | None


def mean_of(scores: Iterable[float]) -> Mean:
    """Return the mean of scores in points, computed in whole hundredths so that no rounding error creeps in.

    Half hundredths go to the even neighbour. The standard error is the sample standard deviation over the root of n.
    """
    hundredths = [round(score * 100) for score in scores]
    n = len(hundredths)
    if n == 0:
        return Mean(None, 0, None)
    total = sum(hundredths)
    mean, remainder = divmod(total, n)
    mean += 2 * remainder > n or (2 * remainder == n and mean % 2 == 1)
    # In whole numbers up to the root: n times the sum of squared deviations.
    squares = n * sum(score * score for score in hundredths) - total * total
    return Mean(mean / 100, n, significant(sqrt(squares / (n * n * (n - 1))) / 100) if n > 1 else None)


def severities_of(agreement: Mapping[str, Any]) -> Severities:
    """Return how many points each rater subtracts, by attribute and "holistic", as a report of agreement states it."""
    fields = {**agreement.get("attributes", {}), HOLISTIC: agreement.get(HOLISTIC) or {}}
    return {
        key: {row["rater"]: significant(row["severity"]) for row in raters if row.get("severity") is not None}
        for key, figures in fields.items()
        if (raters := (figures.get("details") or {}).get("raters"))
    }


def corrected_mean(scores: Iterable[tuple[str, float]], severities: Mapping[str, float]) -> float | None:
    """Return the mean of scores, each by its rater, with what that rater subtracts put back; six significant digits.

    None without a score, or where the severity of a rater is not known.
    """
    corrected_scores = [score + severities[rater] if rater in severities else None for rater, score in scores]
    known_scores = [score for score in corrected_scores if score is not None]
    # Corrected beside uncorrected scores would make a mean of neither.
    if not known_scores or len(known_scores) < len(corrected_scores):
        return None
    # `fsum` does not depend on the order of the scores.
    return significant(fsum(known_scores) / len(known_scores))


def aggregate(
    annotations: Iterable[Mapping[str, Any]],
    consensus: Mapping[str, Any] | None,
    rubric: Rubric,
    severities: Severities = MappingProxyType({}),
) -> dict[str, Any]:
    """Compute `gt_score`, `gt_source`, `holistic` and `scores` of an image from its answers and what was adjudicated.

    `holistic` is the mean of the raters' holistic scores, `scores` the means of the attributes; nothing adjudicated
    enters them. `gt_score` is the released score, 0 to 10: the same mean, once each adjudicated attribute has the
    consensus score in every rater's weighted sum. So without a consensus it is `holistic.mean`. `corrected` is the
    mean with each rater's severity put back, where `severities` states it.
    """
    counted_annotations = [annotation for annotation in annotations if counts(annotation)]
    consensus_scores = adjudicated_scores(consensus)
    judgements = [annotation["judgements"] for annotation in counted_annotations]
    return {
        "gt_score": mean_of(_holistic(annotation, consensus_scores, rubric) for annotation in counted_annotations).mean,
        "gt_source": CONSENSUS if consensus_scores else RATERS,
        "holistic": _mean_with_correction(
            [(annotation["rater"], annotation["holistic"]) for annotation in counted_annotations],
            severities.get(HOLISTIC, {}),
        ),
        "scores": {
            key: _mean_with_correction(
                [
                    (annotation["rater"], by_key[key]["score"])
                    for annotation, by_key in zip(counted_annotations, judgements, strict=True)
                    if by_key[key]
                ],
                severities.get(key, {}),
            )
            for key in rubric.by_key
        },
    }


def _mean_with_correction(scores: list[tuple[str, float]], severities: Mapping[str, float]) -> dict[str, Any]:
    mean = mean_of(score for _rater, score in scores)._asdict()
    return mean | {"corrected": corrected_mean(scores, severities) if severities else None}


def adjudicated_scores(consensus: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the scores that a consensus puts in place of the raters'; one that was imported puts none."""
    scores = consensus["scores"] if consensus and not consensus["imported"] else {}
    return {key: score for key, score in scores.items() if score is not None}


def _holistic(annotation: Mapping[str, Any], consensus_scores: Mapping[str, float], rubric: Rubric) -> float:
    """Return an answer's holistic score, adjudicated attributes replaced; as it was where attributes are missing."""
    holistic: float = annotation["holistic"]
    judgements = annotation["judgements"]
    keys = [attribute.key for attribute in rubric.attributes if attribute.weight]
    if not any(key in consensus_scores for key in keys) or any(judgements[key] is None for key in keys):
        return holistic
    points = {key: consensus_scores.get(key, judgements[key]["score"]) for key in keys}
    return rubric.holistic({key: rubric.scale.to_steps(score) for key, score in points.items()}) / 100
