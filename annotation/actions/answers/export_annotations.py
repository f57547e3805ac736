"""Read all answers of a campaign as rows for other programs, one after the other, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from annotation.models import Campaign, Judgement, Revision, RubricVersion
from annotation.rubric.schema import Scale

AT_A_TIME = 500
ANNOTATION = {
    "image": "annotation__image__sha256",
    "file_name": "annotation__image__original_name",
    "rater": "annotation__annotator__pseudonym",
    "simulated": "annotation__simulated",
    "arm": "annotation__assignment__arm",
    "declared_arm": "annotation__declared_arm",
    "surplus": "annotation__surplus",
    "exposed": "annotation__exposed",
    "repeat": "annotation__assignment__repeat",
    "declared_repeat": "annotation__declared_repeat",
    "imported": "annotation__imported",
    "number": "number",
    "kind": "kind",
    "subcategory": "subcategory",
    "holistic": "holistic",
    "seconds": "seconds",
    "seconds_to_first_score": "seconds_to_first_score",
    "answered_at": "created_at",
}
KEPT = ("critique", "critique_language", "score_origin", "critique_origin", "edit_distance", "pasted")


def annotations_of(campaign: Campaign, *, with_withdrawn: bool = False) -> Iterator[dict[str, Any]]:
    """Yield each answer, first and later ones, with its judgements by attribute; scores in points, raters by pseudonym.

    What was withdrawn is left out; where it is asked for, each row has the reason in `withdrawn`, or None.
    Judgements are read for some hundred answers at a time, so that memory does not grow with the campaign.
    """
    version_ids = campaign.annotations.order_by().values_list("rubric_version", flat=True).distinct()
    rubrics = {
        key: (str(version), version.rubric) for key, version in RubricVersion.objects.in_bulk(version_ids).items()
    }
    revisions = Revision.objects.filter(annotation__campaign=campaign).order_by("pk")
    if not with_withdrawn:
        revisions = revisions.filter(annotation__in=campaign.annotations.not_withdrawn())
    reasons = _reasons_of_withdrawal(campaign) if with_withdrawn else {}
    fields = ("pk", "annotation__rubric_version", *ANNOTATION.values())
    rows = revisions.values_list(*fields).iterator(AT_A_TIME)
    while chunk := list(islice(rows, AT_A_TIME)):
        judgements = _judgements({key: rubrics[version][1].scale for key, version, *_rest in chunk})
        for key, version, *values in chunk:
            row = dict(zip(ANNOTATION, values, strict=True))
            row["arm"] = row["arm"] or row["declared_arm"] or None
            del row["declared_arm"]
            declared = row.pop("declared_repeat")
            row["repeat"] = bool(row["repeat"] or declared)
            row["holistic"] = None if row["holistic"] is None else row["holistic"] / 100
            if with_withdrawn:
                row["withdrawn"] = reasons.get(row["image"]) or reasons.get(row["rater"])
            yield row | {"rubric_version": rubrics[version][0], "judgements": judgements[key]}


def _reasons_of_withdrawal(campaign: Campaign) -> dict[str, str]:
    """Return why images, by SHA-256, and raters, by pseudonym, were withdrawn."""
    withdrawals = campaign.withdrawals.select_related("image", "person")
    return {withdrawal.tombstone.id: withdrawal.tombstone.reason for withdrawal in withdrawals}


def _judgements(scales: Mapping[int, Scale]) -> dict[int, dict[str, Any]]:
    """Return the judgements of these revisions, by revision and attribute."""
    judgements: dict[int, dict[str, Any]] = {revision: {} for revision in scales}
    # As text: most lists are empty, and decoding the JSON of every row would be wasted on them.
    rows = Judgement.objects.filter(revision__in=scales).order_by("pk").annotate(places=Cast("pins", TextField()))
    for revision, attribute, steps, places, *values in rows.values_list(
        "revision", "attribute", "steps", "places", *KEPT
    ):
        score = None if steps is None else float(scales[revision].to_points(steps))
        pins = [] if places == "[]" else json.loads(places)  # Few critiques have any.
        judgements[revision][attribute] = {"score": score, "pins": pins, **dict(zip(KEPT, values, strict=True))}
    return judgements
