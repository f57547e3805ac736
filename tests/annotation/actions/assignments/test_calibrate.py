"""Nobody begins before they are near enough to the panel by the organiser's rule, and again when the rubric changes."""

import copy

import pytest

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign, calibrate, compare
from annotation.actions.campaigns import open_calibration
from annotation.actions.campaigns.change_campaign import change_annotations_per_image
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.actions.rubrics.change_rubric import adopt_rubric
from annotation.actions.rubrics.draft_rubric import draft_version, publish_version
from annotation.design.calibration import Rule
from annotation.errors import BadInput, Conflict
from annotation.models import Anchor, Campaign, Event
from tests.harness.factories import judge, make_campaign, make_content, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LEVELS = (2, 3.5, 5, 6.5, 8, 9)


def make_panel():
    panel = make_campaign("panel", people=tuple(make_user(name) for name in ("pia", "quin", "ravi")), images=6)
    levels = {image.pk: level for image, level in zip(panel.images.order_by("pk"), LEVELS, strict=True)}
    for membership in panel.memberships.annotators().select_related("user"):
        lean = {"pia": -0.5, "quin": 0, "ravi": 0.5}[membership.user.username]
        while assignment := assign.next_assignment(panel, membership.user):
            annotation = make_content(levels[assignment.image_id] + lean)
            annotate.commit_annotation(assignment, annotation, by=membership.user)


@pytest.fixture(autouse=True)
def panel(recall):
    """A finished panel of three over six images, half a point apart from each other; there before all else."""
    recall(make_panel)
    return Campaign.objects.get()


@pytest.fixture
def calibrated(campaign, panel, olga):
    """The campaign, asking for a calibration on six anchors."""
    open_calibration.open_calibration(campaign, panel, rule=Rule(1.5, 0.5), anchors=6, by=olga)
    campaign.refresh_from_db()
    return campaign


def calibrate_as(campaign, person, score_at):
    """Let somebody judge all anchors; `score_at` turns the panel's level into their score."""
    home = campaign.calibration.campaign
    while assignment := assign.next_assignment(home, person):
        anchor = campaign.calibration.anchors.get(image=assignment.image_id)
        level = sorted(anchor.scores["overall_gestalt"].values())[1]
        annotate.commit_annotation(assignment, make_content(score_at(level)), by=person)


def test_no_image_is_handed_out_before_the_anchors_are_judged(calibrated, alice):
    assert assign.next_assignment(calibrated, alice) is None
    assert assign.explain_no_assignment(calibrated, alice) == "calibration"
    calibrate_as(calibrated, alice, lambda level: level)
    assert assign.next_assignment(calibrated, alice) is not None
    passed = Event.objects.get(verb="calibration.passed")
    assert passed.details == {"user": alice.pk, "distance": 0, "rank": 1}


def test_who_judges_upside_down_is_not_let_in_until_the_organiser_says_so(calibrated, alice, olga):
    calibrate_as(calibrated, alice, lambda level: 10 - level)
    standing = calibrate.standing_of(calibrated.calibration, alice.pk)
    assert standing.rank == pytest.approx(-1)
    assert assign.next_assignment(calibrated, alice) is None
    open_calibration.let_annotator_through(calibrated.memberships.get(user=alice), by=olga)
    assert assign.next_assignment(calibrated, alice) is not None


def test_the_organiser_may_ask_somebody_anew_and_keeps_the_earlier_answers(calibrated, alice, olga):
    calibrate_as(calibrated, alice, lambda level: 10 - level)
    assert open_calibration.ask_anchors_anew(calibrated.memberships.get(user=alice), by=olga) == 6
    assert calibrate.standing_of(calibrated.calibration, alice.pk).judged == 0
    calibrate_as(calibrated, alice, lambda level: level)
    assert assign.next_assignment(calibrated, alice) is not None
    assert calibrated.calibration.campaign.annotations.count() == 12


def test_a_milder_rule_lets_in_who_waits(calibrated, alice, olga):
    calibrate_as(calibrated, alice, lambda level: min(10, level + 1))
    assert assign.next_assignment(calibrated, alice) is None
    open_calibration.change_calibration_rule(calibrated, Rule(farthest=3), by=olga)
    assert assign.next_assignment(calibrated, alice) is not None


def test_answers_to_anchors_count_nowhere_else(calibrated, alice):
    calibrate_as(calibrated, alice, lambda level: level)
    assert calibrated.annotations.count() == 0
    assert calibrated.entries.progress_of(alice, calibrated)["done"] == 0


def test_a_panel_member_is_held_against_the_others_only(calibrated, panel, olga):
    pia = panel.memberships.get(user__username="pia").user
    reference = calibrate.panel_reference(calibrated.calibration, pia.pk)
    assert all(len(scores["holistic"]) == 2 for scores in reference.values())


def test_a_new_person_is_invited_to_calibrate_too(calibrated):
    dave = make_user("dave")
    invite_people(calibrated, [dave], by=None)
    assert calibrated.calibration.campaign.memberships.filter(user=dave, annotator=True).exists()


def adopt_edit(campaign, semantic):
    content = copy.deepcopy(campaign.rubric_version.content)
    content["attributes"][0]["definition"]["en"] += " And more."
    version = publish_version(
        draft_version(campaign.rubric_version, content), semantic=["attributes"] if semantic else []
    )
    adopt_rubric(campaign, version, by=None)
    campaign.refresh_from_db()


def test_a_wording_edit_leaves_calibrations_as_they_are(calibrated, alice):
    calibrate_as(calibrated, alice, lambda level: level)
    assert assign.next_assignment(calibrated, alice) is not None
    adopt_edit(calibrated, semantic=False)
    assert assign.next_assignment(calibrated, alice) is not None


def test_a_semantic_edit_asks_everyone_to_calibrate_again(calibrated, alice):
    calibrate_as(calibrated, alice, lambda level: level)
    assert assign.next_assignment(calibrated, alice) is not None
    adopt_edit(calibrated, semantic=True)
    assert assign.next_assignment(calibrated, alice) is None
    assert assign.next_assignment(calibrated.calibration.campaign, alice) is not None


def test_the_panel_may_be_taken_anew_and_the_earlier_reference_is_kept(calibrated, panel, olga):
    assert open_calibration.take_panel_scores_anew(calibrated, by=olga) == 6
    assert Anchor.objects.count() == 12
    assert len(calibrated.calibration.anchors.in_force()) == 6


def test_what_cannot_be_a_calibration_is_refused_with_the_reason(campaign, panel, olga):
    with pytest.raises(BadInput, match="7 are asked for, but panel has 6 images"):
        open_calibration.open_calibration(campaign, panel, rule=Rule(), anchors=7, by=olga)
    with pytest.raises(BadInput, match="anchors: 5 or more"):
        open_calibration.open_calibration(campaign, panel, rule=Rule(), anchors=4, by=olga)
    with pytest.raises(BadInput, match="farthest"):
        open_calibration.open_calibration(campaign, panel, rule=Rule(farthest=0), anchors=5, by=olga)
    with pytest.raises(BadInput, match="portraits has 0 images"):
        open_calibration.open_calibration(panel, campaign, rule=Rule(), anchors=5, by=olga)
    assert campaign.calibration is None


def test_a_second_calibration_and_other_answers_per_anchor_are_refused(calibrated, panel, olga):
    with pytest.raises(Conflict, match="has a calibration already"):
        open_calibration.open_calibration(calibrated, panel, rule=Rule(), anchors=5, by=olga)
    with pytest.raises(BadInput, match="everybody judges the anchors"):
        change_annotations_per_image(calibrated.calibration.campaign, 3, by=olga)


def test_everybody_has_a_place_at_each_anchor(calibrated, alice, bob, carol):
    for person in (alice, bob, carol):
        calibrate_as(calibrated, person, lambda level: level)
    assert calibrated.calibration.campaign.progress() == {"images": 6, "complete": 6, "annotations": 18, "wanted": 18}
    assert judge(calibrated, bob).state == "done"


def levels_for(campaign, person):
    return [level.scores["overall_gestalt"] for level in compare.list_anchor_levels(campaign, person)]


def test_anchors_may_be_compared_with_once_they_are_judged_from_the_lowest_to_the_highest(calibrated, alice, bob):
    assert levels_for(calibrated, alice) == []
    home = calibrated.calibration.campaign
    assert levels_for(home, alice) == [], "they are the images being judged"
    judge(home, alice)
    assert len(levels_for(calibrated, alice)) == 1
    assert levels_for(calibrated, bob) == []
    calibrate_as(calibrated, alice, lambda level: level)
    assert levels_for(calibrated, alice) == list(LEVELS)
    assert {level.raters for level in compare.list_anchor_levels(calibrated, alice)} == {3}


def test_an_anchor_asked_anew_is_not_shown_before_it_is_judged_again(calibrated, alice, olga):
    calibrate_as(calibrated, alice, lambda level: level)
    open_calibration.ask_anchors_anew(calibrated.memberships.get(user=alice), by=olga)
    assert levels_for(calibrated, alice) == []


def test_the_organiser_names_the_anchors_of_another_campaign(calibrated, alice, olga):
    campaign, carl = make_campaign("fresh", people=(alice,)), make_user("carl")
    invite_people(campaign, [carl], by=olga)
    open_calibration.choose_anchor_set(campaign, calibrated.calibration, by=olga)
    assert levels_for(campaign, carl) == list(LEVELS)
    assert levels_for(campaign, alice) == [], "alice has yet to judge them"
    open_calibration.choose_anchor_set(campaign, None, by=olga)
    assert levels_for(campaign, carl) == []
    assert [event.details["anchors_of"] for event in Event.objects.filter(verb="calibration.anchors_named")] == [
        "portraits-calibration",
        None,
    ]


def test_no_level_is_told_of_an_image_that_is_or_may_be_judged_nor_of_its_near_duplicate(calibrated, panel, olga):
    carl = make_user("carl")
    campaign, other = make_campaign("fresh", people=(carl,), images=2), make_campaign("other", people=(carl,), images=2)
    open_calibration.choose_anchor_set(campaign, calibrated.calibration, by=olga)
    first, second, *_ = panel.images.order_by("pk")
    twin, rival = campaign.images.order_by("pk")[0], other.images.order_by("pk")[0]
    twin.group, rival.group = first.group, second.group
    twin.save()
    rival.save()
    images = [level.image for level in compare.list_anchor_levels(campaign, carl)]
    assert len(images) == 4
    assert {first, second}.isdisjoint(images)
    assert not compare.may_compare_image(carl, first)
    assert compare.may_compare_image(carl, images[0])
    assert not compare.may_compare_image(make_user("mallory"), images[0])


def test_a_panel_member_sees_no_level_of_what_the_panel_may_still_ask(calibrated, panel, olga):
    pia = panel.memberships.get(user__username="pia").user
    campaign = make_campaign("fresh", people=(pia,))
    open_calibration.choose_anchor_set(campaign, calibrated.calibration, by=olga)
    assert levels_for(campaign, pia) == []


def test_anchors_by_another_rubric_are_refused(calibrated, campaign, olga):
    other = make_campaign("other")
    other.rubric_version.slug = "another"
    with pytest.raises(BadInput, match="judged by another rubric than another"):
        open_calibration.choose_anchor_set(other, calibrated.calibration, by=olga)
