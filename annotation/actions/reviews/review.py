"""Open cases by rule and adjudicate them: a consensus beside the annotations, never over them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from string import ascii_uppercase
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.errors import AnnotationInvalid, Conflict
from annotation.models import Annotation, CampaignImage, Case, Consensus, ConsensusScore, Judgement, Revision
from annotation.phrases import phrase as _
from annotation.rubric.schema import Rubric

HOLDING = ("broken", "inappropriate", "duplicate")


def flag_image(entry: CampaignImage, reason: str) -> None:
    """Open a case because an annotator put the image aside for a reason that concerns everybody."""
    if reason == "wrong_category":
        open_case(entry, Case.Rule.CATEGORY, [reason])
    elif reason in HOLDING:
        entry.held = True
        entry.save(update_fields=["held"])
        open_case(entry, Case.Rule.FLAG, [reason])


def examine_image(entry: CampaignImage) -> Case | None:
    """Open a case when the first answers inside k lie too far apart or no subcategory has a majority."""
    campaign = entry.campaign
    conditions = {"annotation__campaign": campaign, "annotation__image": entry.image_id, "annotation__surplus": False}
    first = Revision.objects.filter(
        number=1, annotation__assignment__repeat=False, annotation__assignment__superseded=False, **conditions
    )
    votes = Counter(first.values_list("subcategory", flat=True))
    # Exactly half of the votes is no majority: the others may all be for one other subcategory.
    if len(votes) > 1 and votes.most_common(1)[0][1] * 2 <= votes.total():
        return open_case(entry, Case.Rule.CATEGORY, ["subcategory"])
    if campaign.case_spread is None:
        return None
    scores: dict[str, list[int]] = {}
    for attribute, steps in Judgement.objects.filter(revision__in=first).values_list("attribute", "steps"):
        if steps is not None:
            scores.setdefault(attribute, []).append(steps)
    disputed = sorted(
        key for key, steps_given in scores.items() if max(steps_given) - min(steps_given) >= campaign.case_spread
    )
    return open_case(entry, Case.Rule.SPREAD, disputed) if disputed else None


def open_case(entry: CampaignImage, rule: str, disputed: list[str]) -> Case:
    """Open a case on an image, or return the one that is open already."""
    case, created = Case.objects.get_or_create(
        campaign=entry.campaign,
        image=entry.image,
        state=Case.State.OPEN,
        defaults={"rule": rule, "disputed": disputed},
    )
    if created:
        details = {"rule": str(rule), "disputed": disputed}
        record_event(entry.campaign, "case.opened", case, by=None, content=details, details=details)
    return case


def annotations_under_letters(case: Case, user: AbstractBaseUser) -> list[dict[str, Any]]:
    """Return all first answers on the case's image under letters, in a random order of this adjudicator's own.

    First answers are what the rules look at, and what no model has touched in the blind and reveal arms.

    Each has `letter`, `subcategory`, `holistic` (points) and `judgements` by attribute (`score` in points,
    `critique`, its `language`, its `pins`). Nothing in them tells whose they are.
    """
    scale = case.campaign.rubric.scale
    annotations = Annotation.objects.filter(campaign=case.campaign_id, image=case.image_id, surplus=False)
    firsts = [
        annotation.revisions.prefetch_related("judgements").earliest("number")
        for annotation in annotations.counted().order_by("pk")
    ]
    # The same at each reload, another for each case and adjudicator, so that no letter comes to mean a person.
    random.Random(f"letters:{case.pk}:{user.pk}").shuffle(firsts)
    return [
        {
            "letter": letter,
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
        for letter, revision in zip(letters_of_raters(), firsts, strict=False)
    ]


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
    on; a flagged image goes back into work unless it is excluded. Raise AnnotationInvalid naming the field, NotAllowed
    for anyone but an adjudicator who did not rate the image, Conflict when the case is adjudicated already.
    """
    policy.require(policy.may_adjudicate, by, case)
    # Read anew under the lock: of two adjudicators the slower one is told, and nothing is written twice.
    case = Case.objects.select_for_update(of=("self",)).select_related("campaign__rubric_version").get(pk=case.pk)
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
    _put_in_force(case, subcategory, exclude)
    content = {"cause": cause, "reason": consensus.reason, "scores": steps, "subcategory": subcategory}
    record_event(case.campaign, "case.adjudicated", case, by=by, content=content, details={"excluded": exclude})
    return consensus


@transaction.atomic
def reopen_case(case: Case, *, by: AbstractBaseUser, reason: str) -> None:
    """Open an adjudicated case again; its earlier consensus stays on record. Raise NotAllowed or Conflict."""
    policy.require(policy.may_adjudicate, by, case)
    case = Case.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=case.pk)
    if case.state != Case.State.ADJUDICATED:
        raise Conflict(_("this case is open already"))
    # An image has one open case at most; `open_case` counts on it.
    if Case.objects.filter(campaign=case.campaign, image=case.image, state=Case.State.OPEN).exists():
        raise Conflict(_("a newer case on this image is open already; adjudicate that one"))
    case.state = Case.State.OPEN
    case.save(update_fields=["state"])
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


def _put_in_force(case: Case, subcategory: str, exclude: bool) -> None:
    entry = CampaignImage.objects.select_for_update().get(campaign=case.campaign_id, image=case.image_id)
    entry.subcategory = subcategory or entry.subcategory
    entry.excluded = exclude
    # An image that stays in goes back to work; one that is excluded is not to be judged any further.
    entry.held = exclude
    entry.save(update_fields=["subcategory", "excluded", "held"])
