"""Gather what a report of agreement rests on, as it was at a stated moment.

Answers, withdrawals and models' answers are append-only, so that a cut-off for each suffices to find them again; what
can change meanwhile and is small (who is eligible for what, adjudicated subcategories) is kept in the query itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from annotation.actions.answers.annotate import SEALED_BY
from annotation.actions.events.record import lock_chain
from annotation.agreement.report.panel import Panel, RaterAnnotation, Scores
from annotation.models import Annotation, Campaign, Event, Judgement, Prefill, Revision
from annotation.models.annotations import AnnotationQuerySet
from annotation.rubric.schema import Rubric

Cut = Mapping[str, Any]
# A report rests on nothing that was said after an annotation was sent back.
SEALING_VERBS = tuple(verb for kind, verb in SEALED_BY.items() if kind != Revision.Kind.SENT_BACK)
TAKEN_BACK = ("withdrawn", "rubric.adopted")
CHANGES = (*SEALING_VERBS, *TAKEN_BACK)


@transaction.atomic
def take_cut_off(campaign: Campaign) -> dict[str, Any]:
    """Return the cut-off of this moment; the chain is locked, as answers are numbered in the order of their events."""
    # Without the lock a revision of a lower number could be committed later, and slip in below the cut-off.
    chain = lock_chain(campaign)
    # Only what differs from the images' own, as this is kept with every report.
    entries = campaign.entries.exclude(subcategory=F("image__subcategory"))
    people = campaign.memberships.once_annotators().values_list("user__pseudonym", "categories")
    return {
        "event": chain.length,
        "revision": _newest(Revision.objects.filter(annotation__campaign=campaign)),
        "withdrawal": _newest(campaign.withdrawals),
        "prefill": _newest(Prefill.objects.filter(model_version=campaign.shown_model_id)),
        # What is asked again is marked in place and has no number of its own, so it is told by its time.
        "at": timezone.now().isoformat(),
        "rubric_version": campaign.rubric_version_id,
        "model": campaign.shown_model_id,
        "expertise": {name: "+".join(sorted(categories)) or "all" for name, categories in people},
        "subcategories": dict(entries.order_by("pk").values_list("image__sha256", "subcategory")),
    }


def _newest(rows: Any) -> int:
    newest: int | None = rows.aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def changes_since(campaign: Campaign, cut_off: Cut | None) -> QuerySet[Event]:
    """Return the events since a cut-off by which an answer came, was withdrawn or asked again; the newest first."""
    number = cut_off["event"] if cut_off else 0
    events = Event.objects.filter(chain__campaign=campaign, number__gt=number, verb__in=CHANGES)
    return events.order_by("-number")


def same_annotations(campaign: Campaign, one: Cut, other: Cut) -> bool:
    """Tell whether no answer came, was withdrawn or asked again between two cut-offs, whichever is the earlier."""
    first, last = sorted((one["event"], other["event"]))
    return not changes_since(campaign, {"event": first}).filter(number__lte=last).exists()


def annotations_counted_at(campaign: Campaign, as_of: Cut) -> AnnotationQuerySet:
    """Return the annotations that counted at a cut-off: inside k, unexposed, neither asked again nor withdrawn."""
    withdrawals = campaign.withdrawals.filter(pk__lte=as_of["withdrawal"])
    return (
        Annotation.objects.filter(campaign=campaign)
        .inside(datetime.fromisoformat(as_of["at"]))
        .unexposed()
        .exclude(annotator__in=withdrawals.filter(person__isnull=False).values("person"))
        .exclude(image__in=withdrawals.filter(image__isnull=False).values("image"))
    )


def gather_panel(campaign: Campaign, rubric: Rubric, as_of: Cut, rubric_versions: Sequence[int] = ()) -> Panel:
    """Return the answers that counted at a cut-off, with what was known of their images and raters.

    Where `rubric_versions` are named, only answers by these are in.
    """
    rows = annotations_counted_at(campaign, as_of)
    if rubric_versions:
        rows = rows.filter(rubric_version__number__in=rubric_versions)
    # Sorted, as the hash of the input must not depend on the order in which a database gives rows.
    annotations = tuple(sorted(_annotations(rows, rubric, as_of["revision"])))
    raters = {annotation.rater for annotation in annotations}
    images = rows.order_by().values_list("image__sha256", "image__subcategory").distinct()
    programs = rows.order_by().filter(simulated=True).values_list("annotator__pseudonym", flat=True)
    return Panel(
        annotations,
        subcategories=dict(images) | as_of["subcategories"],
        model=_model_scores(campaign, rubric, as_of),
        expertise={name: group for name, group in as_of["expertise"].items() if name in raters},
        simulated=tuple(sorted(set(programs))),
    )


def _annotations(annotations: AnnotationQuerySet, rubric: Rubric, last: int) -> list[RaterAnnotation]:
    """Return each annotation's first and final answer among the revisions up to the last one.

    What was said after it was sent back is neither: somebody's word had come between.
    """
    steps = _steps(annotations, rubric, last)
    rows = (
        Revision.objects.filter(annotation__in=annotations, pk__lte=last)
        .exclude(kind=Revision.Kind.SENT_BACK)
        .order_by("annotation", "number")
        .values_list(
            "pk",
            "annotation",
            "subcategory",
            "holistic",
            "created_at",
            "annotation__image__sha256",
            "annotation__annotator__pseudonym",
            "annotation__assignment__arm",
            "annotation__rubric_version__number",
        )
    )
    panel_annotations: dict[int, RaterAnnotation] = {}
    for pk, annotation_id, subcategory, holistic, at, image, rater, arm, version in rows:
        scores = Scores(subcategory, holistic, steps.get(pk, ()))
        first_of_annotation = panel_annotations.get(annotation_id)
        moment = _utc(at)
        first = RaterAnnotation(image, rater, arm, moment, version, scores, scores)
        panel_annotations[annotation_id] = first_of_annotation._replace(final=scores) if first_of_annotation else first
    return list(panel_annotations.values())


def _steps(annotations: AnnotationQuerySet, rubric: Rubric, last: int) -> dict[int, tuple[int | None, ...]]:
    """Return the scores of each revision in the rubric's order of attributes."""
    places = {key: place for place, key in enumerate(rubric.by_key)}
    rows: dict[int, list[int | None]] = {}
    judgements = Judgement.objects.filter(revision__annotation__in=annotations, revision__lte=last).order_by()
    for revision, attribute, steps in judgements.values_list("revision", "attribute", "steps"):
        # Answers by an earlier version may have attributes that this one lacks.
        if attribute in places:
            rows.setdefault(revision, [None] * len(places))[places[attribute]] = steps
    return {revision: tuple(row) for revision, row in rows.items()}


def _model_scores(campaign: Campaign, rubric: Rubric, as_of: Cut) -> dict[str, dict[str, float]]:
    """Return the shown model's scores in points, by image and attribute; its overall score is the overall judgement's.

    Known for every image it was asked about, whatever the arm.
    """
    if as_of["model"] is None:
        return {}
    prefills = Prefill.objects.filter(
        model_version=as_of["model"], pk__lte=as_of["prefill"], image__entries__campaign=campaign
    )
    low, reach = rubric.scale.minimum, rubric.scale.maximum - rubric.scale.minimum
    scores_by_image: dict[str, dict[str, float]] = {}
    for sha256, overall, attributes in prefills.order_by().values_list("image__sha256", "score", "attributes"):
        scores = {key: attributes.get(key, {}).get("score") for key in rubric.by_key}
        if overall is not None:
            scores[rubric.overall.key] = overall
        points = {key: low + score * reach / 100 for key, score in scores.items() if score is not None}
        if points:
            scores_by_image[sha256] = points
    return scores_by_image


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
