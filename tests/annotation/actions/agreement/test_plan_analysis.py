"""A plan is frozen before the first answer, and every report says whether it follows it."""

import pytest

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.agreement.plan_analysis import freeze_plan
from annotation.actions.releases.publish_release import publish_release
from annotation.errors import BadInput, Conflict
from annotation.models import Event
from annotation.models.append_only import WrittenOnce
from tests.harness.factories import judge

pytestmark = pytest.mark.django_db

PLAN = {"sections": ["scopes", "without"], "scopes": ["category"], "replicates": 100, "seed": 7, "note": "Above .667?"}


def test_a_plan_is_frozen_for_ever_and_recorded(campaign, olga):
    plan = freeze_plan(campaign, PLAN, by=olga)
    assert plan.content["scopes"] == ["category"]
    assert plan.content["exclusions"] == {"raters": {}, "images": {}}
    assert Event.objects.get(verb="plan.frozen").actor == olga
    plan.content = {}
    with pytest.raises(WrittenOnce):
        plan.save()


def test_a_later_plan_replaces_an_earlier_one_which_stays_on_record(campaign, olga):
    freeze_plan(campaign, PLAN, by=olga)
    freeze_plan(campaign, {}, by=olga)
    assert [plan.number for plan in campaign.analysis_plans.all()] == [2, 1]


def test_after_the_first_answer_no_plan_is_taken(campaign, alice, olga):
    judge(campaign, alice, 5)
    with pytest.raises(Conflict, match="frozen before the first answer, and that came on 20"):
        freeze_plan(campaign, PLAN, by=olga)
    assert not campaign.analysis_plans.exists()


SECTIONS = (
    "scopes, meaning, by_annotations, arms, halo, blind_panel, model_against_humans, without, drift, "
    "distributions, widest"
)
DIMENSIONS = "category, subcategory, period, expertise, rubric_version"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sections": ["magic"]}, f"sections: magic is not accepted; accepted: {SECTIONS}"),
        ({"sections": ["magic", "halo", "luck"]}, f"sections: magic, luck is not accepted; accepted: {SECTIONS}"),
        ({"scopes": ["colour"]}, f"scopes: colour is not accepted; accepted: {DIMENSIONS}"),
        ({"period": "weeks"}, "period: weeks is not accepted; accepted: months, halves"),
        ({"replicates": 5}, "replicates: 5 is not accepted; accepted: 100 to 10000"),
        ({"replicates": 10_001}, "replicates: 10001 is not accepted; accepted: 100 to 10000"),
        ({"replicates": "many"}, "replicates: many is not accepted; accepted: 100 to 10000"),
        ({"seed": -1}, "seed: -1 is not accepted; accepted: 0, 1, 2, ..."),
        ({"seed": "one"}, "seed: one is not accepted; accepted: 0, 1, 2, ..."),
        ({"seed": 1.5}, "seed: 1.5 is not accepted; accepted: 0, 1, 2, ..."),
        ({"exclusions": {"people": {}}}, "exclusions: people is not accepted; accepted: raters, images"),
    ],
)
def test_what_cannot_be_planned_names_the_field_and_what_is_accepted(campaign, change, message):
    with pytest.raises(BadInput) as refusal:
        freeze_plan(campaign, PLAN | change, by=None)
    assert str(refusal.value) == message


def test_whoever_nobody_knows_cannot_be_left_out(campaign, alice, bob):
    people = ", ".join(sorted(campaign.memberships.once_annotators().values_list("user__pseudonym", flat=True)))
    with pytest.raises(BadInput) as refusal:
        freeze_plan(campaign, {"exclusions": {"raters": {"R1": "late"}}}, by=None)
    assert str(refusal.value) == f"exclusions.raters: R1 is unknown; there are: {people}"
    images = ", ".join(sorted(campaign.images.values_list("sha256", flat=True))[:20])
    with pytest.raises(BadInput) as refusal:
        freeze_plan(campaign, {"exclusions": {"images": {"ab": "blurred"}}}, by=None)
    assert str(refusal.value) == f"exclusions.images: ab is unknown; there are: {images}"


def test_whoever_is_left_out_needs_a_reason(campaign, alice):
    with pytest.raises(BadInput, match=rf"^exclusions\.raters: {alice.pseudonym} lacks its reason$"):
        freeze_plan(campaign, {"exclusions": {"raters": {alice.pseudonym: " "}}}, by=None)


def test_a_report_follows_the_plan_of_itself(campaign, alice, bob, olga):
    freeze_plan(campaign, PLAN, by=olga)
    for person in (alice, bob):
        judge(campaign, person, 5)
    report = measure_agreement(campaign, by=None)
    assert report.seed == 7
    assert report.query["plan"] == 1
    assert report.query["departures"] == []
    assert {row["by"] for row in report.figures["scopes"]} == {"category"}
    assert "halo" not in report.figures


def test_a_report_that_departs_from_the_plan_says_in_what(campaign, alice, bob, olga):
    freeze_plan(campaign, PLAN, by=olga)
    for person in (alice, bob):
        judge(campaign, person, 5)
    exclusions = {"raters": {bob.pseudonym: "ill that day"}}
    report = measure_agreement(campaign, by=None, replicates=20, exclusions=exclusions)
    assert [(row["field"], row["planned"], row["done"]) for row in report.query["departures"]] == [
        ("exclusions", {"raters": {}, "images": {}}, {"raters": {bob.pseudonym: "ill that day"}, "images": {}}),
        ("replicates", 100, 20),
    ]
    assert report.figures["without"]["raters"] == [{"rater": bob.pseudonym, "by": "named", "reason": "ill that day"}]
    assert report.figures["n_raters"] == 2


def test_without_a_plan_a_report_says_so(campaign):
    query = measure_agreement(campaign, by=None, replicates=10).query
    assert (query["plan"], query["departures"]) == (None, [])


def test_a_release_states_the_plan_of_its_report(campaign, alice, bob, olga, tmp_path):
    freeze_plan(campaign, PLAN, by=olga)
    for person in (alice, bob):
        judge(campaign, person, 5)
    release = publish_release(campaign, "0.1.0", out=tmp_path, by=olga)
    text = (tmp_path / "portraits-0.1.0" / "PROTOCOL.md").read_text()
    assert release.report.query["plan"] == 1
    assert "Plan 1 was frozen on" in text
    assert "follows it." in text
