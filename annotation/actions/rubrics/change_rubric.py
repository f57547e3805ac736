"""Bring a campaign to a later version of its rubric; a semantic edit asks touched answers again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.places.orders import begin_order_anew
from annotation.actions.places.places import count_places, entry_for_update
from annotation.errors import Conflict
from annotation.models import Assignment, AssignmentQuerySet, Campaign, RubricVersion
from annotation.phrases import phrase as _
from annotation.rubric.changes import SEMANTIC, Edit, compare, touches_annotations


@dataclass(frozen=True)
class Adoption:
    """What adopting a version means: its edits, and how many answers are asked for again.

    `unknown` are subcategories of the campaign's images that the version lacks; with any, it cannot be adopted.
    """

    version: RubricVersion
    edits: list[Edit]
    asked_again: int
    unknown: list[str]


def preview_adoption(campaign: Campaign, version: RubricVersion) -> Adoption:
    """Return what adopting a version would mean now. Raise Conflict for one that cannot follow."""
    current = campaign.rubric_version
    if version.published_at is None or version.slug != current.slug or version.number <= current.number:
        raise Conflict(
            _(
                "campaign %(campaign)s has rubric %(present)s; only a later published version can follow",
                campaign=campaign.slug,
                present=current,
            )
        )
    edits = edits_between(current, version)
    count = counted_annotations(campaign.assignments.all()).count() if touches_annotations(edits) else 0
    subcategories = campaign.entries.order_by().values_list("subcategory", flat=True).distinct()
    unknown = sorted(set(subcategories) - set(version.rubric.subcategories))
    return Adoption(version, edits, count, unknown)


def edits_between(before: RubricVersion, after: RubricVersion) -> list[Edit]:
    """Return the edits of all published versions after one, up to another, as their authors marked them."""
    steps = RubricVersion.objects.after(before).filter(number__lte=after.number)
    return [Edit(**edit) for step in steps for edit in step.edits]


def net_edits(before: RubricVersion, after: RubricVersion) -> list[Edit]:
    """Return how two published versions differ, an edit semantic when one of the steps between them marked it so."""
    # Marked by hand step by step, which a comparison of the two ends cannot know.
    kinds: dict[str, str] = {}
    for edit in edits_between(before, after):
        if kinds.get(edit.path) != SEMANTIC:
            kinds[edit.path] = edit.kind
    return [replace(edit, kind=kinds.get(edit.path, edit.kind)) for edit in compare(before.content, after.content)]


@transaction.atomic
def adopt_rubric(campaign: Campaign, version: RubricVersion, *, by: AbstractBaseUser | None) -> int:
    """Bring a campaign to a newer version, and return how many answers are asked for again.

    After wording edits the answers stay. After a semantic edit each counted answer is superseded: it is kept, its
    place is free again, and the image goes back into its annotator's order, where the earlier answer is shown as
    such; and whoever was calibrated calibrates again. Raise Conflict for a draft, an older version or another rubric,
    and for one that lacks a subcategory of the campaign's images.
    """
    policy.require(policy.may_organise, by, campaign)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    current = campaign.rubric_version
    change = preview_adoption(campaign, version)
    if change.unknown:
        raise Conflict(
            _(
                "campaign %(campaign)s has images of %(unknown)s, which rubric %(version)s lacks",
                campaign=campaign.slug,
                unknown=", ".join(change.unknown),
                version=version,
            )
        )
    chosen = [membership for membership in campaign.memberships.annotators() if membership.categories]
    eligible = [membership.eligible_subcategories() for membership in chosen]
    campaign.rubric_version = version
    campaign.save(update_fields=["rubric_version"])
    for membership, before in zip(chosen, eligible, strict=True):
        # Where subcategories moved between categories, others may judge them now.
        if membership.eligible_subcategories() != before:
            begin_order_anew(membership)
    if touches_annotations(change.edits):
        count = ask_assignments_again(campaign, campaign.assignments.all())
    else:
        count = 0
        # Who is calibrated is so for one version; without this a mended comma would ask all of them again.
        campaign.memberships.filter(calibrated_for=current).update(calibrated_for=version)
    calibration = campaign.calibration
    # Anchors judged by the old meaning would let nobody through: the rule asks for the campaign's own version.
    if calibration and calibration.campaign.rubric_version.number < version.number:
        adopt_rubric(calibration.campaign, version, by=by)
    details = {"from": current.number, "to": version.number, "asked_again": count}
    record_event(campaign, "rubric.adopted", campaign, by=by, content=version.content_hash, details=details)
    return count


def ask_assignments_again(campaign: Campaign, assignments: AssignmentQuerySet) -> int:
    """Supersede the counted answers among assignments, put their images first again, and return how many.

    Unfinished work is answered by the rubric in force anyway.
    """
    rows = counted_annotations(assignments)
    # By image: each entry stays locked to the end, so everybody takes them in one order, lest two wait for each other.
    annotated = list(rows.select_related("campaign", "image").order_by("image", "pk"))
    for assignment in annotated:
        entry = entry_for_update(campaign, assignment.image)
        assignment.superseded, assignment.superseded_at = True, timezone.now()
        assignment.state = Assignment.State.DONE
        # One committed and not yet reviewed is over too: its annotator gets the image anew.
        assignment.finished_at = assignment.finished_at or assignment.superseded_at
        assignment.save(update_fields=["superseded", "superseded_at", "state", "finished_at"])
        count_places(entry)
    return len(annotated)


def counted_annotations(assignments: AssignmentQuerySet) -> AssignmentQuerySet:
    """Keep the assignments whose answer a semantic edit asks for again."""
    annotated = [Assignment.State.COMMITTED, Assignment.State.DONE]
    return assignments.filter(state__in=annotated, repeat=False, superseded=False)
