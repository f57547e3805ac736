"""Hours worked, on the page and as CSV; and the test-retest page."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from annotation.actions.agreement.measure_retest import collect_retest_pairs, measure_retest
from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.figures.hours import measure_hours
from annotation.actions.releases.withdraw import withdraw_person
from annotation.models import Annotation, Assignment, Campaign, Revision
from tests.harness.factories import force_arm, judge, make_campaign, make_content, make_user, prefill_all
from tests.harness.tampering import triggers_dropped
from webapp.accounts.models import User
from webapp.organiser.campaigns.hours_pages import hours_by_person

pytestmark = pytest.mark.django_db


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def work(campaign: Campaign, person: User, *seconds: int) -> None:
    """Let a person judge one image for each number of seconds."""
    for spent in seconds:
        assignment = assign.next_assignment(campaign, person)
        assert assignment is not None
        annotate.commit_annotation(assignment, make_content() | {"seconds": spent}, by=person)


def repeat(campaign: Campaign, person: User, original: Assignment, score: float) -> Assignment:
    """Let a person judge an image of theirs again, as a hidden repeat."""
    again = Assignment.objects.create(
        campaign=campaign,
        image=original.image,
        annotator=person,
        arm="blind",
        repeat=True,
        position=100,
        lease_until=timezone.now() + timedelta(minutes=30),
    )
    return annotate.commit_annotation(again, make_content(score), by=person)


def test_time_is_summed_by_person(campaign: Campaign, alice: User, bob: User):
    work(campaign, alice, 60, 120, 1620)
    work(campaign, bob, 90)
    rows = {row.person.username: row for row in hours_by_person(campaign, measure_hours(campaign))}
    assert list(rows) == ["alice", "bob"]
    assert (rows["alice"].did.annotations, rows["alice"].hours, rows["alice"].did.median_seconds) == (3, 0.5, 120)
    assert (rows["bob"].did.annotations, rows["bob"].did.seconds, rows["bob"].did.days) == (1, 90, 1)


def test_time_after_the_reveal_belongs_to_the_same_image(alice: User):
    campaign = make_campaign(people=(alice,))
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    assignment = assign.next_assignment(campaign, alice)
    assert assignment is not None
    annotate.commit_annotation(assignment, make_content(5) | {"seconds": 100}, by=alice)
    annotate.revise_annotation(assignment, make_content(6) | {"seconds": 40}, by=alice)
    (row,) = hours_by_person(campaign, measure_hours(campaign))
    assert (row.did.annotations, row.did.seconds, row.did.median_seconds) == (1, 140, 140)


def test_repeats_are_work_and_imported_answers_are_not(campaign: Campaign, alice: User):
    repeat(campaign, alice, judge(campaign, alice), 6)
    Annotation.objects.create(
        campaign=campaign,
        image=campaign.images.all()[2],
        annotator=alice,
        rubric_version=campaign.rubric_version,
        imported=True,
    )
    (row,) = hours_by_person(campaign, measure_hours(campaign))
    assert row.did.annotations == 2


def test_work_in_another_campaign_is_not_counted_here(campaign: Campaign, alice: User):
    work(make_campaign("other", people=(alice,)), alice, 60)
    assert hours_by_person(campaign, measure_hours(campaign)) == []


def test_days_are_counted_once(campaign: Campaign, alice: User):
    work(campaign, alice, 60, 60, 60)
    first = Revision.objects.first()
    assert first is not None
    with triggers_dropped():
        Revision._base_manager.filter(pk=first.pk).update(created_at=first.created_at - timedelta(days=3))
    (row,) = hours_by_person(campaign, measure_hours(campaign))
    assert row.did.days == 2


def test_the_page_shows_everyone_and_the_sum(organiser: Client, campaign: Campaign, alice: User, bob: User):
    work(campaign, alice, 1800)
    work(campaign, bob, 1800)
    page = read(organiser, "/organiser/portraits/hours/")
    assert alice.pseudonym in page
    assert '<td class="number">2</td><td class="number">1.00</td>' in page


def test_a_campaign_without_answers_says_what_comes(organiser: Client, campaign: Campaign):
    assert "Nobody has answered anything yet" in read(organiser, "/organiser/portraits/hours/")


def test_the_csv_holds_the_same_and_starts_no_formula(organiser: Client):
    campaign = make_campaign(people=(sign := make_user("+1+1"),))
    work(campaign, sign, 1800)
    answer = organiser.get("/organiser/portraits/hours.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="portraits-hours.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfperson,")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row == {
        "person": "'+1+1",
        "pseudonym": sign.pseudonym,
        "simulated": "no",
        "annotations": "1",
        "hours": "0.50",
        "median_seconds_per_image": "1800",
        "days_active": "1",
        "withdrawn": "no",
    }


def test_whoever_withdrew_has_worked_all_the_same_and_is_marked(organiser: Client, campaign: Campaign, alice: User):
    work(campaign, alice, 1800)
    withdraw_person(campaign, alice, by=None)
    assert '<span class="badge warn">withdrawn</span>' in read(organiser, "/organiser/portraits/hours/")
    answer = organiser.get("/organiser/portraits/hours.csv")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["hours"], row["withdrawn"]) == ("0.50", "yes")


# Test-retest.


def test_a_pair_is_the_first_answer_and_its_hidden_repeat(campaign: Campaign, alice: User, bob: User):
    original = judge(campaign, alice, 6)
    judge(campaign, alice, 2)
    judge(campaign, bob, 9)
    repeat(campaign, alice, original, 7.5)
    pairs = collect_retest_pairs(campaign)
    assert list(pairs) == [alice.pseudonym]
    assert pairs[alice.pseudonym]["composition_design"] == [(6, 7.5)]
    assert pairs[alice.pseudonym]["holistic"] == [(6, 7.5)]


def test_an_assisted_answer_makes_no_pair(alice: User):
    campaign = make_campaign(people=(alice,))
    original = judge(campaign, alice, 6)
    Assignment.objects.filter(pk=original.pk).update(arm="assisted")
    repeat(campaign, alice, original, 7)
    assert collect_retest_pairs(campaign) == {}


def test_an_answer_superseded_by_a_new_rubric_makes_no_pair(campaign: Campaign, alice: User):
    original = judge(campaign, alice, 6)
    repeat(campaign, alice, original, 7)
    Assignment.objects.filter(pk=original.pk).update(superseded=True)
    assert collect_retest_pairs(campaign) == {}


def test_after_the_reveal_the_first_answer_is_the_one_that_counts(alice: User):
    campaign = make_campaign(people=(alice,))
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    original = judge(campaign, alice, 5)
    annotate.revise_annotation(original, make_content(9), by=alice)
    repeat(campaign, alice, original, 5.5)
    assert collect_retest_pairs(campaign)[alice.pseudonym]["holistic"] == [(5, 5.5)]


def test_five_pairs_give_figures_and_fewer_the_reason(client: Client, arthur: User, alice: User, bob: User):
    campaign = make_campaign(people=(alice, bob), images=5)
    for _ in range(5):
        repeat(campaign, alice, judge(campaign, alice, 6), 6.5)
    repeat(campaign, bob, judge(campaign, bob, 6), 6)
    figures = {person.pseudonym: person for person in measure_retest(campaign)}
    assert figures[alice.pseudonym].by_field["holistic"].shift == pytest.approx(0.5)
    client.force_login(arthur)
    page = read(client, "/audit/portraits/retest/")
    assert "1 pair: fewer than five repeats; five are needed" in page
    assert alice.pseudonym in page
    assert "alice" not in page


@pytest.mark.parametrize(("share", "words"), [(0, "has no hidden repeats"), (5, "No hidden repeat has been answered")])
def test_without_pairs_the_page_says_why(client: Client, arthur: User, campaign: Campaign, share: int, words: str):
    Campaign.objects.update(repeat_share=share)
    client.force_login(arthur)
    assert words in read(client, "/audit/portraits/retest/")
