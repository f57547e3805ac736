"""Set up a calibration and look after it: anchors from a panel's images, the rule, who is let through or asked anew."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from annotation import policy
from annotation.actions.assignments.calibrate import Scores, admit_annotator, calibration_of, first_annotations
from annotation.actions.events.record import record_event
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.rubrics.change_rubric import ask_assignments_again
from annotation.design import calibration as arithmetic
from annotation.design.calibration import HOLISTIC, Candidate, Rule
from annotation.errors import BadInput, Conflict
from annotation.models import Anchor, Calibration, Campaign, Image, Membership, Preset
from annotation.phrases import phrase as _
from annotation.roles import VIEW

from .consent import copy_consent
from .open_campaign import LONGEST_SLUG, begin_campaign, copy_memberships, invite_people, open_campaign

FEWEST_ANCHORS = 5
PANEL_SIZE = 3
ENDING = "-calibration"
EVERYBODY = 1_000  # Places an anchor image has: one for whoever takes part.


@transaction.atomic
def open_calibration(
    campaign: Campaign, panel: Campaign, *, rule: Rule, anchors: int = 12, by: AbstractBaseUser | None
) -> Calibration:
    """Ask everyone in the campaign to judge anchors first, chosen from the panel's images and spread over its levels.

    An anchor has answers from three of the panel or more, given without a model, and is no image of the campaign
    nor a near-duplicate of one. Raise Conflict when there is a calibration already, BadInput for another rubric or too
    few such images, saying how many there are.
    """
    policy.require(policy.may_organise, by, campaign)
    # Anchors are shown with what the panel said of them, which not every organiser may read.
    policy.require(policy.may_audit, by, panel)
    campaign = Campaign.objects.select_for_update(no_key=True).select_related("rubric_version").get(pk=campaign.pk)
    _check_panel(campaign, panel)
    scores = panel_scores(panel, campaign)
    _check_number_of_anchors(anchors, scores, campaign, panel)
    images = choose_anchors(scores, anchors)
    anchor_campaign = _create_anchor_campaign(campaign, images, by=by)
    calibration = Calibration.objects.create(campaign=anchor_campaign, panel=panel, **_limits(rule))
    _keep_anchors(calibration, scores, images)
    campaign.calibration = calibration
    campaign.save(update_fields=["calibration"])
    details = {"panel": panel.slug, "anchors": len(images), **_limits(rule)}
    record_event(campaign, "calibration.opened", calibration, by=by, content=details, details=details)
    return calibration


def _check_panel(campaign: Campaign, panel: Campaign) -> None:
    """Raise Conflict when there is a calibration already, BadInput for a panel by another rubric."""
    if campaign.calibration_id is not None:
        raise Conflict(_("campaign %(campaign)s has a calibration already", campaign=campaign.slug))
    if panel.rubric_version_id != campaign.rubric_version_id:
        raise BadInput(
            _(
                "panel: judged by rubric %(given)s, not by %(accepted)s",
                given=panel.rubric_version,
                accepted=campaign.rubric_version,
            )
        )


def _check_number_of_anchors(anchors: int, scores: Mapping[Image, Scores], campaign: Campaign, panel: Campaign) -> None:
    """Raise BadInput for too few anchors, and for more than the panel has images that can be one."""
    if anchors < FEWEST_ANCHORS:
        raise BadInput(
            _(
                "anchors: %(fewest)s or more are accepted, not %(given)s",
                fewest=FEWEST_ANCHORS,
                given=anchors,
            )
        )
    if len(scores) < anchors:
        raise BadInput(
            _(
                "anchors: %(anchors)s are asked for, but %(panel)s has %(count)s images with answers from "
                "%(people)s people that are not in %(campaign)s as well",
                anchors=anchors,
                panel=panel.slug,
                count=len(scores),
                people=PANEL_SIZE,
                campaign=campaign.slug,
            )
        )


def _create_anchor_campaign(campaign: Campaign, images: list[Image], *, by: AbstractBaseUser | None) -> Campaign:
    """Create and open the campaign in which everyone of another one judges its anchors."""
    anchor_campaign = begin_campaign(
        f"{campaign.slug[: LONGEST_SLUG - len(ENDING)]}{ENDING}",
        title=f"{campaign.title[:180]}: calibration",
        rubric_version=campaign.rubric_version,
        by=by,
        preset=Preset.BLIND_PANEL,
        annotations_per_image=EVERYBODY,
        # Newcomers differ from each other before they are calibrated, and no case should come of that.
        case_spread=None,
        repeat_share=0,
        # Feedback follows each answer: one corrected afterwards would be the panel's own.
        correction_minutes=0,
        seed=campaign.seed,
        is_demo=campaign.is_demo,
    )
    copy_consent(anchor_campaign, campaign, by=by)
    add_images(anchor_campaign, images, by=by)
    # Who judges comes by invitation below, without the categories they have in the campaign.
    copy_memberships(campaign, anchor_campaign, VIEW)
    invite_people(
        anchor_campaign,
        [membership.user for membership in campaign.memberships.annotators().select_related("user")],
        by=by,
    )
    open_campaign(anchor_campaign, by=by)
    return anchor_campaign


@transaction.atomic
def change_calibration_rule(campaign: Campaign, rule: Rule, *, by: AbstractBaseUser | None) -> None:
    """Set how near to the panel one has to be from now on; who has begun already may go on."""
    policy.require(policy.may_organise, by, campaign)
    calibration = calibration_of(campaign)
    for name, limit in _limits(rule).items():
        setattr(calibration, name, limit)
    calibration.save(update_fields=list(_limits(rule)))
    record_event(campaign, "calibration.rule_changed", calibration, by=by, content=_limits(rule), details=_limits(rule))


@transaction.atomic
def choose_anchor_set(campaign: Campaign, source: Calibration | None, *, by: AbstractBaseUser | None) -> None:
    """Name the calibration whose anchor images people may lay beside the campaign's; None goes back to its own.

    Raise BadInput for anchors that were judged by another rubric.
    """
    policy.require(policy.may_organise, by, campaign)
    if source is not None:
        policy.require(policy.may_audit, by, source.panel)
    if source is not None and source not in anchor_sets(campaign):
        raise BadInput(_("anchors: judged by another rubric than %(rubric)s", rubric=campaign.rubric_version.slug))
    campaign.anchors_of = source
    campaign.save(update_fields=["anchors_of"])
    details = {"anchors_of": None if source is None else source.campaign.slug}
    record_event(campaign, "calibration.anchors_named", campaign, by=by, content=details, details=details)


def anchor_sets(campaign: Campaign) -> QuerySet[Calibration]:
    """Return the calibrations whose anchors were judged by the campaign's rubric, in whatever version."""
    calibrations = Calibration.objects.filter(campaign__rubric_version__slug=campaign.rubric_version.slug)
    return calibrations.select_related("campaign", "panel")


@transaction.atomic
def take_panel_scores_anew(campaign: Campaign, *, by: AbstractBaseUser | None) -> int:
    """Take the panel's answers as they stand now as the reference, and return for how many anchors there were enough.

    The earlier reference is kept. For a panel that was asked again, such as after a semantic change of the rubric.
    """
    policy.require(policy.may_organise, by, campaign)
    calibration = calibration_of(campaign)
    policy.require(policy.may_audit, by, calibration.panel)
    scores = panel_scores(calibration.panel, campaign)
    # An anchor that too few have judged again keeps its earlier reference.
    images = [anchor.image for anchor in calibration.anchors.in_force() if anchor.image in scores]
    _keep_anchors(calibration, scores, images)
    details = {"anchors": len(images), "rubric": str(calibration.panel.rubric_version)}
    record_event(campaign, "calibration.panel_taken", calibration, by=by, content=details, details=details)
    return len(images)


@transaction.atomic
def let_annotator_through(membership: Membership, *, by: AbstractBaseUser | None) -> None:
    """Let somebody begin who does not meet the rule; it holds until the rubric changes its meaning."""
    policy.require(policy.may_organise, by, membership.campaign)
    admit_annotator(membership)
    details = {"user": membership.user_id}
    record_event(membership.campaign, "calibration.let_through", membership, by=by, content=details, details=details)


@transaction.atomic
def ask_anchors_anew(membership: Membership, *, by: AbstractBaseUser | None) -> int:
    """Hand the anchors to somebody again, and return how many; the earlier answers are kept."""
    policy.require(policy.may_organise, by, membership.campaign)
    calibration = calibration_of(membership.campaign)
    count = ask_assignments_again(
        calibration.campaign, calibration.campaign.assignments.filter(annotator=membership.user_id)
    )
    membership.calibrated_for = None
    membership.save(update_fields=["calibrated_for"])
    details = {"user": membership.user_id, "anchors": count}
    record_event(membership.campaign, "calibration.asked_anew", membership, by=by, content=details, details=details)
    return count


def panel_scores(panel: Campaign, campaign: Campaign) -> dict[Image, Scores]:
    """Return what the panel said of each image that can be an anchor for a campaign: points by attribute and rater."""
    annotations = panel.annotations.counted().untouched_by_model()
    groups = set(campaign.images.values_list("group", flat=True))
    return {
        image: scores
        for image, scores in first_annotations(annotations, panel).items()
        # No near duplicates of the campaign's: they would be judged with the panel's level still in mind.
        if len(scores[HOLISTIC]) >= PANEL_SIZE and image.group_id not in groups
    }


def choose_anchors(scores_by_image: Mapping[Image, Scores], size: int) -> list[Image]:
    """Choose images spread over the levels and subcategories."""
    candidates = [
        Candidate(image.sha256, fmean(scores[HOLISTIC].values()), image.subcategory)
        for image, scores in scores_by_image.items()
    ]
    by_hash = {image.sha256: image for image in scores_by_image}
    return [by_hash[candidate.image] for candidate in arithmetic.choose(candidates, size)]


def _keep_anchors(calibration: Calibration, scores: Mapping[Image, Scores], images: list[Image]) -> None:
    version = calibration.panel.rubric_version
    Anchor.objects.bulk_create(
        Anchor(calibration=calibration, image=image, rubric_version=version, scores=scores[image]) for image in images
    )


def _limits(rule: Rule) -> dict[str, int | None]:
    """Return the rule as it is stored, in hundredths. Raise BadInput for what no rule can be."""
    if rule.farthest is not None and not 0 < rule.farthest <= 10:
        raise BadInput(
            _("farthest: more than 0 and at most 10 SD is accepted, not %(given)s", given=f"{rule.farthest:g}")
        )
    if rule.least_rank is not None and not 0 <= rule.least_rank <= 1:
        raise BadInput(_("least_rank: 0 to 1 is accepted, not %(given)s", given=f"{rule.least_rank:g}"))
    limits = {"farthest": rule.farthest, "least_rank": rule.least_rank}
    # Whole numbers, so that a limit comes back from the database just as it was set.
    return {name: None if limit is None else round(limit * 100) for name, limit in limits.items()}
