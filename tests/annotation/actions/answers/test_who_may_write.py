"""Whether a person may write to their assignment is asked at every write, whatever it was when it was handed out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns import question
from annotation.actions.campaigns.change_campaign import change_campaign_state, dismiss_person
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.errors import NotAllowed, WorkEnded
from annotation.models import Annotation, Assignment, Campaign
from annotation.roles import Role
from tests.harness.factories import force_arm, give_roles, judge, make_campaign, make_content, prefill_all

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATE_WRITES = {
    "heartbeat": lambda work, by: assign.renew_lease(work, by=by),
    "draft": lambda work, by: assign.save_draft(work, {"words": "late"}, version=0, by=by),
    "skip": lambda work, by: assign.skip_assignment(work, "broken", by=by),
    "question": lambda work, by: question.ask_question(work, "What is this?", by=by),
    "revise": lambda work, by: annotate.revise_annotation(work, make_content(), by=by),
    "correct": lambda work, by: annotate.correct_annotation(work, make_content(), by=by),
}
WRITES = LATE_WRITES | {"commit": lambda work, by: annotate.commit_annotation(work, make_content(), by=by)}


def dismiss(campaign, person):
    dismiss_person(campaign, person, by=None)


def make_auditor(campaign, person):
    give_roles(person, campaign, Role.AUDITOR)


@pytest.fixture
def works(campaign, alice):
    """What alice has finished and what she has before her."""
    return judge(campaign, alice), assign.next_assignment(campaign, alice)


@pytest.mark.parametrize("leave", [dismiss, make_auditor])
@pytest.mark.parametrize("name", WRITES)
def test_whoever_was_let_go_or_changed_role_writes_nothing(campaign, alice, works, leave, name):
    leave(campaign, alice)
    for work in works:
        with pytest.raises(NotAllowed):
            WRITES[name](work, alice)
    assert Annotation.objects.count() == 1


@pytest.mark.parametrize("name", LATE_WRITES)
def test_a_closed_campaign_takes_nothing_and_says_so(campaign, alice, works, name):
    change_campaign_state(campaign, "close", by=None)
    with pytest.raises(WorkEnded, match="campaign portraits is closed"):
        LATE_WRITES[name](works[0 if name == "correct" else 1], alice)


@pytest.mark.parametrize("verb", ["pause", "close"])
def test_nothing_is_handed_out_of_a_campaign_that_is_not_open_any_more_since_it_was_read(campaign, alice, verb):
    change_campaign_state(Campaign.objects.get(), verb, by=None)
    assert campaign.state == Campaign.State.OPEN
    with pytest.raises(NotAllowed):
        assign.next_assignment(campaign, alice)


def test_an_answer_under_way_when_a_campaign_is_closed_is_kept_as_surplus_and_shows_no_model(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    work = assign.next_assignment(campaign, alice)
    change_campaign_state(campaign, "close", by=None)
    done = annotate.commit_annotation(work, make_content(), by=alice)
    assert (done.surplus, done.state, done.shown_prefill) == (True, Assignment.State.DONE, None)
    assert not campaign.annotations.counted().exists()
    change_campaign_state(campaign, "reopen", by=None)
    assert assign.next_assignment(Campaign.objects.get(), bob), "the place went on to somebody else"


def test_a_retry_of_an_answer_that_was_stored_before_the_close_finds_it(campaign, alice):
    work, content = assign.next_assignment(campaign, alice), make_content()
    annotate.commit_annotation(work, content, by=alice)
    change_campaign_state(campaign, "close", by=None)
    assert not annotate.commit_annotation(work, content, by=alice).surplus


def test_what_was_handed_out_before_a_pause_is_taken_and_counts(campaign, alice, works):
    change_campaign_state(campaign, "pause", by=None)
    assign.save_draft(works[1], {"words": "mine"}, version=0, by=alice)
    assert not annotate.commit_annotation(works[1], make_content(), by=alice).surplus
    annotate.correct_annotation(works[0], make_content(8), by=alice)


def test_the_place_of_who_was_let_go_is_not_taken_back_and_goes_to_the_next(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    work = assign.next_assignment(campaign, alice)
    dismiss(campaign, alice)
    with pytest.raises(NotAllowed):
        assign.renew_lease(work, by=alice)
    assert judge(campaign, bob)
    invite_people(campaign, [alice], by=None)
    assert annotate.commit_annotation(work, make_content(), by=alice).surplus


def test_whoever_was_let_go_reads_neither_their_assignments_nor_questions_nor_images(campaign, alice, works, client):
    question.ask_question(works[1], "What is this?", by=alice)
    client.force_login(alice)
    pages = [f"/api/v1/assignments/{work.pk}/" for work in works] + [f"/images/{works[0].image_id}/display/"]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    second = make_campaign("second", people=(alice,))
    assert "What is this?" in client.get("/workspace/questions/").content.decode()
    dismiss(campaign, alice)
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]
    assert "What is this?" not in client.get("/workspace/questions/").content.decode()
    late = client.post(f"/api/v1/assignments/{works[1].pk}/heartbeat/", content_type="application/json")
    assert late.status_code == 404
    assert second.assignments.count() == 0


def test_the_api_says_that_a_campaign_is_closed_and_that_an_answer_came_too_late(campaign, alice, works, client):
    client.force_login(alice)
    change_campaign_state(campaign, "close", by=None)
    address = f"/api/v1/assignments/{works[1].pk}"
    beat = client.post(f"{address}/heartbeat/", content_type="application/json")
    assert (beat.status_code, beat.json()) == (
        409,
        {"error": "campaign portraits is closed; nothing is added to it any more"},
    )
    stored = client.post(f"{address}/commit/", make_content(), content_type="application/json")
    assert stored.json()["assignment"]["surplus"]


def test_a_lease_is_swept_at_its_end_in_a_campaign_that_was_reopened(campaign, alice, works, bob):
    now = timezone.now() + timedelta(hours=2)
    change_campaign_state(campaign, "close", by=None)
    change_campaign_state(campaign, "reopen", by=None)
    assert assign.next_assignment(Campaign.objects.get(), bob, now=now)
    works[1].refresh_from_db()
    assert works[1].state == Assignment.State.RETURNED
