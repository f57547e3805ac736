"""Publish a further version of a rubric, and bring a campaign to it; a semantic edit asks touched answers again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation.errors import BadInput, Conflict
from annotation.models import Assignment, AssignmentQuerySet, Campaign, CampaignImage, QueueItem, RubricVersion
from annotation.rubric_changes import Edit, compare, mark, touches_answers

from .assign import entry_for_update, free_place
from .record import record


@transaction.atomic
def draft_version(rubric: RubricVersion, content: Any) -> RubricVersion:
    """Keep a draft of the next version; a draft that is there already takes the new content.

    Raise RubricInvalid when it cannot be parsed, BadInput when it belongs to another rubric.
    """
    if not isinstance(content, dict) or content.get("slug") != rubric.slug:
        raise BadInput(f"slug: {rubric.slug!r} is accepted; another rubric is not a version of this one")
    newest = RubricVersion.objects.filter(slug=rubric.slug).latest("number")
    draft = newest if newest.published_at is None else RubricVersion(slug=rubric.slug, number=newest.number + 1)
    draft.content = content
    draft.save()
    return draft


@transaction.atomic
def publish_version(draft: RubricVersion, *, semantic: Sequence[str] = ()) -> RubricVersion:
    """Publish a draft, which freezes it, with its edits marked wording or semantic.

    `semantic` names the edits that change the meaning, by path or the beginning of one. Raise Conflict when it is
    published already or changes nothing, BadInput for a path that was not edited.
    """
    draft = RubricVersion.objects.select_for_update().get(pk=draft.pk)
    if draft.published_at is not None:
        raise Conflict(f"rubric {draft} is published already")
    edits = mark(edits_since(draft), list(semantic))
    if not edits:
        raise Conflict(f"rubric {draft} changes nothing")
    draft.edits = [edit.to_json() for edit in edits]
    draft.published_at = timezone.now()
    draft.save()
    return draft


def edits_since(version: RubricVersion) -> list[Edit]:
    """Return how a version differs from the published one before it."""
    before = (
        RubricVersion.objects.filter(slug=version.slug, number__lt=version.number, published_at__isnull=False)
        .order_by("number")
        .last()
    )
    return [] if before is None else compare(before.content, version.content)


@transaction.atomic
def adopt(campaign: Campaign, version: RubricVersion, *, by: AbstractBaseUser | None) -> int:
    """Bring a campaign to a newer version, and return how many answers are asked for again.

    After wording edits the answers stay. After a semantic edit each counted answer is superseded: it is kept, its
    place is free again, and the image goes back into its annotator's order, where the earlier answer is shown as
    such; and whoever was calibrated calibrates again. Raise Conflict for a draft, an older version or another rubric.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    present = campaign.rubric_version
    if version.published_at is None or version.slug != present.slug or version.number <= present.number:
        raise Conflict(f"campaign {campaign.slug} has rubric {present}; only a later published version can follow")
    between = RubricVersion.objects.filter(
        slug=present.slug, number__gt=present.number, number__lte=version.number, published_at__isnull=False
    )
    edits = [Edit(**edit) for step in between.order_by("number") for edit in step.edits]
    campaign.rubric_version = version
    campaign.save(update_fields=["rubric_version"])
    if touches_answers(edits):
        again = ask_again(campaign, campaign.assignments.all())
    else:
        again = 0
        campaign.participations.filter(calibrated_for=present).update(calibrated_for=version)
    calibration = campaign.calibration
    if calibration and calibration.campaign.rubric_version.number < version.number:
        adopt(calibration.campaign, version, by=by)
    details = {"from": present.number, "to": version.number, "asked_again": again}
    record(campaign, "rubric.adopted", campaign, by=by, content=version.content_hash, details=details)
    return again


def ask_again(campaign: Campaign, assignments: AssignmentQuerySet) -> int:
    """Supersede the counted answers among assignments, put their images first again, and return how many.

    Unfinished work is answered by the rubric in force anyway.
    """
    rows = assignments.filter(
        state__in=[Assignment.State.COMMITTED, Assignment.State.DONE], repeat=False, superseded=False
    )
    answered = list(rows.select_related("campaign", "image").order_by("image", "pk"))
    for assignment in answered:
        entry = entry_for_update(campaign, assignment.image)
        if not assignment.surplus:
            free_place(entry)
        assignment.superseded = True
        assignment.state = Assignment.State.DONE
        assignment.finished_at = assignment.finished_at or timezone.now()
        assignment.save(update_fields=["superseded", "state", "finished_at"])
        _put_first(campaign, entry, assignment)
    return len(answered)


def _put_first(campaign: Campaign, entry: CampaignImage, assignment: Assignment) -> None:
    participation = campaign.participations.filter(user=assignment.annotator_id, active=True).first()
    if participation:
        QueueItem.objects.get_or_create(participation=participation, entry=entry, defaults={"position": 0})
