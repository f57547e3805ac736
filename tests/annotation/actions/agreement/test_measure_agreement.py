import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.agreement.inputs import gather_panel, take_cut_off
from annotation.actions.agreement.measure_agreement import compute_figures, measure_agreement
from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.agreement.report.panel import Fields
from annotation.models import Campaign, Event, Report
from tests.harness.factories import force_arm, judge, make_campaign, make_content, prefill_all, somebody

pytestmark = pytest.mark.django_db

SCORES = [(8, 8, 7), (3, 2, 3), (6, 5, 5.5), (9, 9.5, 9), (1, 2, 1.5), (5, 5, 6)]


def make_judged():
    alice, bob, carol = map(somebody, ("alice", "bob", "carol"))
    campaign = make_campaign(people=(alice, bob, carol), images=6)
    order = {image.pk: row for image, row in zip(campaign.images.order_by("pk"), SCORES, strict=True)}
    for column, person in enumerate((alice, bob, carol)):
        for _ in range(6):
            assignment = assign.next_assignment(campaign, person)
            annotate.commit_annotation(assignment, make_content(order[assignment.image_id][column]), by=person)


@pytest.fixture
def judged_campaign(recall):
    recall(make_judged)
    return Campaign.objects.get()


@pytest.mark.engine
def test_a_report_holds_alpha_with_interval_n_and_method_for_every_field(judged_campaign, olga):
    report = measure_agreement(judged_campaign, by=olga, replicates=200)
    figures = report.figures
    assert list(figures["attributes"]) == list(judged_campaign.rubric.by_key)
    row = figures["attributes"]["overall_gestalt"]
    assert row["level"] == "interval"
    assert 0.9 < row["alpha"] < 1
    assert row["interval"][0] < row["alpha"] <= row["interval"][1]
    assert (row["n_images"], row["n_annotations"], row["n_raters"]) == (6, 18, 3)
    assert "bootstrap over images" in figures["method"]
    assert row["interval_raters_like_these"] is None
    assert "fewer than four experts" in row["note_raters_like_these"]
    assert figures["subcategory"]["alpha"] is None
    assert "needs variation" in figures["subcategory"]["note"]
    assert (figures["n_images"], figures["n_annotations"], figures["simulated_raters"]) == (6, 18, 0)


def test_the_same_answers_and_seed_give_the_same_figures(judged_campaign):
    one, two = (measure_agreement(judged_campaign, by=None, seed=5, replicates=100) for _ in range(2))
    assert one.figures == two.figures
    assert one.input_hash == two.input_hash
    assert measure_agreement(judged_campaign, by=None, seed=6, replicates=100).figures != one.figures


def test_figures_can_be_recomputed_from_the_query(judged_campaign):
    report = measure_agreement(judged_campaign, by=None, replicates=100)
    figures, input_hash = compute_figures(judged_campaign, report.query, report.seed)
    assert json.loads(json.dumps(figures)) == report.figures
    assert input_hash == report.input_hash


def test_only_first_answers_before_any_model_count(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=2)
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    for person in (alice, bob):
        assignment = judge(campaign, person, 6)
        annotate.revise_annotation(assignment, make_content(9), by=person)
    force_arm(campaign, assisted=100)
    judge(campaign, carol, 2)
    ratings = Fields(campaign.rubric).ratings(
        "overall_gestalt", gather_panel(campaign, campaign.rubric, take_cut_off(campaign)).own_annotations()
    )
    assert sorted(ratings.value) == [6, 6]


def test_an_empty_campaign_says_why_nothing_can_be_computed(campaign):
    row = measure_agreement(campaign, by=None).figures["attributes"]["overall_gestalt"]
    assert row["alpha"] is None
    assert row["note"] == "no image has answers from two experts yet"


@pytest.mark.engine
def test_reports_are_kept_and_recorded(judged_campaign, olga):
    report = measure_agreement(judged_campaign, by=olga, replicates=50)
    event = Event.objects.get(verb="report.computed")
    assert event.subject == f"report:{report.pk}"
    assert event.actor == olga


def test_the_command_prints_one_json_object(judged_campaign):
    out = StringIO()
    call_command("agreement", judged_campaign.slug, json=True, stdout=out)
    output = json.loads(out.getvalue())
    assert output["campaign"] == judged_campaign.slug
    assert output["report"] == Report.objects.get().pk
    assert output["attributes"]["overall_gestalt"]["n_annotations"] == 18


def test_the_command_names_the_campaigns_there_are(campaign):
    with pytest.raises(CommandError, match="'nowhere' is unknown; there are: portraits"):
        call_command("agreement", "nowhere")


@pytest.mark.engine
def test_the_number_of_queries_does_not_grow_with_the_answers(judged_campaign, django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        measure_agreement(judged_campaign, by=None, replicates=10)
