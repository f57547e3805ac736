"""Let simulated experts answer through the same doors as people; only a demo campaign takes them."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.assignments.assign import hand_out_image
from annotation.actions.assignments.lock_work import lock_membership
from annotation.actions.places.places import entry_for_update
from annotation.design.simulation import SimulatedExpert, anchored_scores, draw_content, first_scores, subcategory
from annotation.models import Assignment, Campaign, Image

from .annotate import commit_annotation, revise_annotation


def annotate_images(
    campaign: Campaign, user: AbstractBaseUser, expert: SimulatedExpert, images: Iterable[Image]
) -> int:
    """Answer the images this simulated person has not answered yet, and return how many those were.

    Raise NotAllowed for a person who is not simulated, or a campaign that is no demo.
    """
    policy.require(policy.may_be_simulated, user, campaign)
    judged_ids = set(campaign.annotations.filter(annotator=user.pk).values_list("image_id", flat=True))
    new_images = [image for image in images if image.pk not in judged_ids]
    for image in new_images:
        _annotate_one(campaign, user, expert, image)
    return len(new_images)


# Each image by itself, as people answer: a demo that is broken off goes on where it stopped.
@transaction.atomic
def _annotate_one(campaign: Campaign, user: AbstractBaseUser, expert: SimulatedExpert, image: Image) -> None:
    version = campaign.rubric_version
    rubric = version.rubric
    membership = lock_membership(campaign.slug, user)
    entry = entry_for_update(campaign, image)
    assignment = hand_out_image(entry, membership, timezone.now())
    own = first_scores(expert, rubric, image.sha256)
    own_subcategory = subcategory(expert, rubric, image.sha256, entry.subcategory)
    model_scores = _shown_scores(assignment)
    scores = anchored_scores(expert, rubric, own, model_scores)
    data = draw_content(expert, rubric, version.number, image.sha256, own_subcategory, scores)
    assignment = commit_annotation(assignment, data, by=user)
    if assignment.state == Assignment.State.COMMITTED:
        scores = anchored_scores(expert, rubric, own, _shown_scores(assignment))
        data = draw_content(expert, rubric, version.number, image.sha256, own_subcategory, scores)
        # Where no score moved, the key drawn from the scores is the first answer's, and would be refused.
        data["key"] = str(assignment.pk)
        revise_annotation(assignment, data, by=user)


def _shown_scores(assignment: Assignment) -> dict[str, float | None]:
    prefill = policy.visible_prefill_values(assignment)
    scale = assignment.campaign.rubric.scale
    scores = prefill.scores if prefill else {}
    return {key: None if steps is None else scale.to_points(steps) for key, steps in scores.items()}
