"""Say where people stand against a reference panel, and note who meets the rule.

The anchors are judged in a campaign of their own, blind, by the same page and the same checks as all else, so that
these answers never mix with the dataset's. Feedback comes after each answer: the distance from the panel and the rank
within the set, never right or wrong.
"""

from __future__ import annotations

from django.db import transaction

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.design import calibration as arithmetic
from annotation.design.calibration import HOLISTIC, Standing
from annotation.errors import Conflict
from annotation.models import AnnotationQuerySet, Calibration, Campaign, Image, Membership, Revision
from annotation.phrases import phrase as _

Scores = dict[str, dict[str, float]]


@transaction.atomic(savepoint=False)
def pass_calibration(membership: Membership) -> bool:
    """Tell whether the person may begin, and note it the first time they meet the rule. Call it with the row locked."""
    if not policy.lacks_calibration(membership):
        return True
    campaign = membership.campaign
    standing = standing_of(calibration_of(campaign), membership.user_id)
    if not meets_rule(membership, standing):
        return False
    admit_annotator(membership)
    details = {"user": membership.user_id, "distance": standing.distance, "rank": standing.rank}
    record_event(campaign, "calibration.passed", membership, by=membership.user, content=details, details=details)
    return True


def meets_rule(membership: Membership, standing: Standing) -> bool:
    """Tell whether somebody who stands there may begin: the rule is met, and by the campaign's own rubric."""
    calibration = calibration_of(membership.campaign)
    # Levels given by an earlier meaning say nothing of how somebody judges by this one.
    is_same_rubric = calibration.campaign.rubric_version_id == membership.campaign.rubric_version_id
    return is_same_rubric and standing.passes(calibration.rule)


def standing_of(calibration: Calibration, user_id: int) -> Standing:
    """Return where somebody stands against the panel; their own answers in the panel do not count for it."""
    panel = panel_reference(calibration, user_id)
    return arithmetic.stand(own_scores(calibration, user_id), panel, calibration.campaign.rubric.scale.step)


def panel_reference(calibration: Calibration, user_id: int) -> dict[int, dict[str, list[float]]]:
    """Return the panel's scores in points by image and attribute, without this person's own."""
    return {
        anchor.image_id: {
            # `int`, as the keys of stored JSON are texts.
            attribute: [score for rater, score in by_rater.items() if int(rater) != user_id]
            for attribute, by_rater in anchor.scores.items()
        }
        for anchor in calibration.anchors.in_force()
    }


def own_scores(calibration: Calibration, user_id: int) -> dict[int, dict[str, float]]:
    """Return somebody's scores on the anchors in points, by image and attribute."""
    annotations = calibration.campaign.annotations.counted().filter(annotator=user_id)
    return {
        image.pk: {attribute: by_rater[str(user_id)] for attribute, by_rater in scores.items()}
        for image, scores in first_annotations(annotations, calibration.campaign).items()
    }


def first_annotations(annotations: AnnotationQuerySet, campaign: Campaign) -> dict[Image, Scores]:
    """Return first answers as image → attribute → rater → points, the holistic score among the attributes."""
    scale = campaign.rubric.scale
    # First answers: the panel's from before the model was seen, here from before any feedback.
    revisions = Revision.objects.filter(number=1, annotation__in=annotations).order_by("pk")
    scores_by_image: dict[Image, Scores] = {}
    for revision in revisions.select_related("annotation__image").prefetch_related("judgements"):
        rater = str(revision.annotation.annotator_id)
        scores = scores_by_image.setdefault(revision.annotation.image, {})
        scores.setdefault(HOLISTIC, {})[rater] = revision.holistic / 100
        for judgement in revision.judgements.all():
            scores.setdefault(judgement.attribute, {})[rater] = scale.to_points(judgement.steps)
    return scores_by_image


def admit_annotator(membership: Membership) -> None:
    """Let somebody begin, until the rubric changes its meaning."""
    membership.calibrated_for = membership.campaign.rubric_version
    membership.save(update_fields=["calibrated_for"])


def calibration_of(campaign: Campaign) -> Calibration:
    """Return what the campaign asks for before the first image. Raise Conflict when it asks for nothing."""
    if campaign.calibration is None:
        raise Conflict(_("campaign %(campaign)s asks for no calibration", campaign=campaign.slug))
    return campaign.calibration
