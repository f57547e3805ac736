"""Adjudicate cases: a consensus beside the annotations, never over them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import product
from string import ascii_uppercase
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.places.open_cases import examine_image
from annotation.actions.places.orders import move_to_subcategory
from annotation.actions.places.places import entry_for_update, is_complete, is_withdrawn, update_standing
from annotation.errors import AnnotationInvalid, Conflict
from annotation.models import (
    Annotation,
    AnnotationQuerySet,
    CampaignImage,
    Case,
    Consensus,
    ConsensusScore,
    Revision,
    SendBack,
)
from annotation.phrases import phrase as _
from annotation.rubric.schema import Rubric, Scale


def annotations_under_letters(case: Case, user: AbstractBaseUser) -> list[dict[str, Any]]:
    """Return all first answers on the case's image under letters, in a random order of this adjudicator's own.

    First answers are what the rules look at, and what no model has touched in the blind and reveal arms.

    Each has `letter`, `reference`, `subcategory`, `holistic` (points) and `judgements` by attribute (`score` in points,
    `critique`, its `language`, its `pins`); `sent_back` is the request that waits for whoever gave it, and `reworked`
    what they said since one, in the same form. Nothing in them tells whose they are.
    """
    scale = case.campaign.rubric.scale
    annotations = list(_lettered_annotations(case).prefetch_related("revisions__judgements"))
    waiting = SendBack.objects.waiting().filter(assignment__annotation__in=annotations)
    waiting_by_assignment: dict[Any, SendBack] = {request.assignment_id: request for request in waiting}
    # The same at each reload, another for each case and adjudicator, so that no letter comes to mean a person.
    random.Random(f"letters:{case.pk}:{user.pk}").shuffle(annotations)
    sheets = []
    for letter, annotation in zip(letters_of_raters(), annotations, strict=False):
        revisions = sorted(annotation.revisions.all(), key=lambda revision: revision.number)
        reworked = [revision for revision in revisions if revision.kind == Revision.Kind.SENT_BACK]
        sheets.append(
            {
                "letter": letter,
                "reference": _reference(case, user, annotation),
                **_sheet(revisions[0], scale),
                "sent_back": waiting_by_assignment.get(annotation.assignment_id),
                "reworked": _sheet(reworked[-1], scale) if reworked else None,
            }
        )
    return sheets


def annotation_by_reference(case: Case, user: AbstractBaseUser, reference: str) -> Annotation | None:
    """Return the annotation that this adjudicator was shown under a reference, if it is still there."""
    for annotation in _lettered_annotations(case).select_related("assignment"):
        if constant_time_compare(_reference(case, user, annotation), reference):
            return annotation
    return None


def _lettered_annotations(case: Case) -> AnnotationQuerySet:
    annotations = Annotation.objects.filter(campaign=case.campaign_id, image=case.image_id, surplus=False)
    return annotations.counted().order_by("pk")


def _reference(case: Case, user: AbstractBaseUser, annotation: Annotation) -> str:
    """Return what a page calls an annotation by: a letter may move when another comes, a key tells who came when."""
    return salted_hmac(f"letters:{case.pk}:{user.pk}", str(annotation.pk)).hexdigest()[:20]


def _sheet(revision: Revision, scale: Scale) -> dict[str, Any]:
    return {
        "subcategory": revision.subcategory,
        "holistic": revision.holistic / 100,
        "judgements": {
            judgement.attribute: {
                "score": scale.to_points(judgement.steps),
                "critique": judgement.critique,
                "language": judgement.critique_language,
                "pins": judgement.pins,
            }
            for judgement in revision.judgements.all()
        },
    }


def letters_of_raters() -> Iterator[str]:
    """Yield A to Z, then AA, AB and so on."""
    yield from ascii_uppercase
    yield from map("".join, product(ascii_uppercase, repeat=2))


@transaction.atomic
def adjudicate_case(
    case: Case,
    *,
    by: AbstractBaseUser,
    cause: str,
    reason: str,
    scores: Mapping[str, float] | None = None,
    subcategory: str = "",
    exclude: bool = False,
) -> Consensus:
    """Adjudicate a case: a consensus for the disputed attributes, a subcategory, or what becomes of a flagged image.

    `scores` maps the disputed attributes, and no others, to points. An adjudicated subcategory is in force from now
    on; a flagged image goes back into work unless it is excluded, or held by another case. Raise AnnotationInvalid
    naming the field, NotAllowed for anyone but an adjudicator who did not rate the image, Conflict when the case is
    adjudicated already or closed.
    """
    policy.require(policy.may_adjudicate, by, case)
    entry = entry_for_update(case.campaign, case.image)
    # Read anew under the lock: of two adjudicators the slower one is told, and nothing is written twice.
    case = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign__rubric_version")
        .get(pk=case.pk)
    )
    _check_not_closed(case)
    if case.state != Case.State.OPEN:
        raise Conflict(_("this case is adjudicated already; reopen it first"))
    steps = _check_scores(case, cause, reason, scores or {}, subcategory)
    consensus = Consensus.objects.create(
        case=case,
        adjudicator_id=by.pk,
        cause=cause,
        reason=reason.strip(),
        subcategory=subcategory,
        excluded=exclude,
    )
    ConsensusScore.objects.bulk_create(
        ConsensusScore(consensus=consensus, attribute=attribute, steps=score) for attribute, score in steps.items()
    )
    case.state = Case.State.ADJUDICATED
    case.save(update_fields=["state"])
    _put_in_force(entry, subcategory)
    content = {"cause": cause, "reason": consensus.reason, "scores": steps, "subcategory": subcategory}
    record_event(case.campaign, "case.adjudicated", case, by=by, content=content, details={"excluded": exclude})
    return consensus


def _check_not_closed(case: Case) -> None:
    if is_withdrawn(case.campaign, case.image):
        raise Conflict(_("this case is closed: the image was withdrawn"))
    if case.state == Case.State.CLOSED:
        raise Conflict(_("this case was closed without a decision: what led to it was taken back"))


@transaction.atomic
def reopen_case(case: Case, *, by: AbstractBaseUser, reason: str) -> None:
    """Open an adjudicated case again; its earlier consensus stays on record. Raise NotAllowed or Conflict."""
    policy.require(policy.may_adjudicate, by, case)
    entry = entry_for_update(case.campaign, case.image)
    case = Case.objects.select_for_update(of=("self",), no_key=True).select_related("campaign").get(pk=case.pk)
    _check_not_closed(case)
    if case.state != Case.State.ADJUDICATED:
        raise Conflict(_("this case is open already"))
    # What was found later is decided first: it may be about the same scores.
    if Case.objects.filter(campaign=case.campaign, image=case.image, state=Case.State.OPEN).exists():
        raise Conflict(_("a newer case on this image is open already; adjudicate that one"))
    case.state = Case.State.OPEN
    case.save(update_fields=["state"])
    # A flag that is asked about again holds the image again.
    update_standing(entry)
    record_event(case.campaign, "case.reopened", case, by=by, content={"reason": reason}, details={"reason": reason})


def _check_scores(case: Case, cause: str, reason: str, scores: Mapping[str, float], subcategory: str) -> dict[str, int]:
    rubric: Rubric = case.campaign.rubric
    # All mistakes at once, for a form to show each beside its field.
    errors: dict[str, str] = {}
    if cause not in Consensus.Cause.values:
        errors["cause"] = _(
            "%(cause)r is unknown; accepted: %(accepted)s", cause=cause, accepted=", ".join(Consensus.Cause.values)
        )
    if not reason.strip():
        errors["reason"] = _("is missing; a sentence is accepted")
    if subcategory and subcategory not in rubric.subcategories:
        errors["subcategory"] = _(
            "%(subcategory)r is unknown; accepted: %(accepted)s",
            subcategory=subcategory,
            accepted=", ".join(rubric.subcategories),
        )
    if case.rule == Case.Rule.CATEGORY and not subcategory:
        errors["subcategory"] = _("is missing; accepted: %(accepted)s", accepted=", ".join(rubric.subcategories))
    # It may hold "subcategory" or the reason of a flag too, and an attribute that a later version lacks.
    disputed = [key for key in case.disputed if key in rubric.by_key]
    for key in scores:
        if key not in disputed:
            errors[f"scores.{key}"] = _(
                "is not disputed; accepted: %(accepted)s", accepted=", ".join(disputed) or _("none")
            )
    steps: dict[str, int] = {}
    for key in disputed:
        try:
            steps[key] = rubric.scale.to_steps(scores[key])
        except KeyError:
            errors[f"scores.{key}"] = _("is missing; accepted: %(accepted)s", accepted=rubric.scale.accepted)
        except ValueError as error:
            errors[f"scores.{key}"] = error.args[0]
    if errors:
        raise AnnotationInvalid(errors)
    return steps


def _put_in_force(entry: CampaignImage, subcategory: str) -> None:
    """Put in force what was decided of an image: its subcategory, and whether it is judged any further."""
    was_excluded = entry.excluded
    if subcategory and subcategory != entry.subcategory:
        move_to_subcategory(entry, subcategory)
    update_standing(entry)
    if (
        was_excluded
        and not entry.excluded
        and is_complete(entry)
        and not entry.campaign.cases.filter(image=entry.image_id, rule__in=[Case.Rule.SPREAD, Case.Rule.CATEGORY])
    ):
        # It may have become complete while nobody was to look at it.
        examine_image(entry)
