"""A campaign that pauses or ends while somebody judges says so: what is stored, what is not, what may still be done."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import Assignment, Campaign
from tests.harness.factories import judge, make_content

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


def bring(campaign, state):
    Campaign.objects.filter(pk=campaign.pk).update(state=state)


def send(desk, assignment, verb, body):
    method = desk.put if verb == "draft" else desk.post
    return method(f"/api/v1/assignments/{assignment}/{verb}/", json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_who_asks_for_the_next_image_is_told_that_the_campaign_rests(desk, campaign, state):
    bring(campaign, state)
    response = desk.post("/api/v1/campaigns/portraits/next/")
    assert response.status_code == 200
    assert response.json()["assignment"] is None
    assert response.json()["reason"] == state
    page = desk.get("/workspace/portraits/").content.decode()
    assert f'data-text="nothing-{state}"' in page


def test_who_takes_no_part_learns_nothing_of_a_pause(client, campaign, mallory, olga):
    bring(campaign, "paused")
    for person in (mallory, olga):
        client.force_login(person)
        assert client.post("/api/v1/campaigns/portraits/next/").status_code == 404


def test_an_open_page_learns_of_a_pause_at_its_next_save_and_what_it_sends_is_stored(desk, campaign):
    assignment = desk.post("/api/v1/campaigns/portraits/next/").json()["assignment"]["id"]
    saved = send(desk, assignment, "draft", {"version": 0, "draft": {}}).json()
    assert saved == {"version": 1}
    bring(campaign, "paused")
    saved = send(desk, assignment, "draft", {"version": 1, "draft": {}}).json()
    assert (saved["version"], saved["campaign_state"]) == (2, "paused")
    assert send(desk, assignment, "heartbeat", {}).json()["campaign_state"] == "paused"
    assert send(desk, assignment, "commit", make_content()).status_code == 200
    assert Assignment.objects.get(pk=assignment).state == Assignment.State.DONE


@pytest.mark.parametrize("state", ["open", "paused"])
def test_a_correction_is_reachable_from_the_card_and_the_page_while_the_time_for_it_lasts(desk, campaign, alice, state):
    last = [judge(campaign, alice) for _ in range(3)][-1]
    bring(campaign, state)
    assert 'href="/workspace/portraits/recent/"' in desk.get("/workspace/").content.decode()
    assert f"?correct={last.pk}" in desk.get("/workspace/portraits/recent/").content.decode()
    page = desk.get(f"/workspace/portraits/?correct={last.pk}").content.decode()
    assert f'data-correct="{last.pk}"' in page
    nothing = page[page.index("data-nothing ") :]
    assert 'href="/workspace/portraits/recent/"' in nothing[: nothing.index("</section>")], "on All done"
    assert send(desk, last.pk, "correct", make_content(3)).status_code == 200


def test_when_its_time_is_over_or_the_campaign_closed_no_card_promises_a_correction(desk, campaign, alice):
    judged = judge(campaign, alice)
    bring(campaign, "closed")
    assert "/workspace/portraits/recent/" not in desk.get("/workspace/").content.decode()
    bring(campaign, "open")
    Assignment.objects.filter(pk=judged.pk).update(finished_at=timezone.now() - timedelta(hours=2))
    assert "/workspace/portraits/recent/" not in desk.get("/workspace/").content.decode()
