"""A withdrawn image at every address it ever had: gone at once, for everybody, from caches too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation.actions.assignments import assign
from annotation.actions.jobs import references
from annotation.actions.jobs.batches import hand_out_batches, requests_for
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import resume_run, start_run
from annotation.actions.releases.withdraw import withdraw_image
from annotation.errors import Conflict
from annotation.models import Campaign, Image, Run
from mlworker.queue.batches import results_for
from tests.harness.factories import give_tiles, judge, make_content
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ADDRESSES = ("display/", "thumbnail/", "full/", "tiles/0/0/0/")


@pytest.fixture
def image(campaign: Campaign, alice: User) -> Image:
    """The image that alice has on her screen."""
    assignment = assign.next_assignment(campaign, alice)
    assert assignment is not None
    give_tiles(assignment.image)
    return assignment.image


@pytest.mark.parametrize("reason", ["depicted", "error"])
@pytest.mark.parametrize("name", ["alice", "olga", "arthur"])
def test_every_size_and_tile_is_gone_for_whoever_saw_it_though_their_browser_kept_it(
    client: Client, image: Image, request: pytest.FixtureRequest, name: str, reason: str
):
    client.force_login(request.getfixturevalue(name))
    pages = [f"/images/{image.pk}/{address}" for address in ADDRESSES]
    etags = [client.get(page).headers["ETag"] for page in pages]
    kept = [client.get(page, headers={"If-None-Match": etag}) for page, etag in zip(pages, etags, strict=True)]
    assert {answer.status_code for answer in kept} == {304}
    # Kept, and asked about before each use.
    assert {answer.headers["Cache-Control"] for answer in kept} == {"private, no-cache"}
    withdraw_image(image, by=None, reason=reason)
    for page, etag in zip(pages, etags, strict=True):
        for headers in ({}, {"If-None-Match": etag}):
            answer: Any = client.get(page, headers=headers)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "private, no-store")
            assert b"withdrawn" in answer.content if "thumbnail" in page else answer.content == b""


@pytest.mark.parametrize("name", ["bob", "mallory"])
def test_whoever_never_saw_it_does_not_learn_that_it_was_there(
    client: Client, image: Image, request: pytest.FixtureRequest, name: str
):
    withdraw_image(image, by=None, reason="depicted")
    client.force_login(request.getfixturevalue(name))
    assert {client.get(f"/images/{image.pk}/{address}").status_code for address in ADDRESSES} == {404}


def test_a_signed_address_opens_nothing_any_more(client: Client, image: Image):
    token = references.sign_image(image)
    withdraw_image(image, by=None, reason="error")
    assert client.get(f"/images/{token}/").status_code == 404


def test_no_model_is_asked_about_it_and_what_one_still_says_is_not_kept(
    campaign: Campaign, image: Image, settings: Any
):
    settings.PREFILL_BATCHES_AHEAD = 1
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    [batch] = hand_out_batches(run)
    results = results_for(requests_for(batch))
    withdraw_image(image, by=None, reason="error")
    assert len(requests_for(batch)) == 2
    store_results(batch, results)
    run.refresh_from_db()
    assert (run.state, run.counts()["done"], image.prefills.count()) == ("done", 2, 0)
    assert run.items.failed().get().error == "the image was withdrawn"
    with pytest.raises(Conflict, match="has a result for each of its images"):
        resume_run(run, by=None)
    assert start_run(campaign, Run.Kind.PREFILL, "baseline", by=None).counts()["total"] == 2


def test_a_page_that_has_it_open_is_told_to_take_it_away(client: Client, campaign: Campaign, image: Image, alice: User):
    client.force_login(alice)
    assignment = image.assignments.get()
    withdraw_image(image, by=None, reason="depicted")
    for verb, body in (("heartbeat", {}), ("commit", make_content()), ("draft", {"draft": {}, "version": 0})):
        send = client.put if verb == "draft" else client.post
        answer = send(f"/api/v1/assignments/{assignment.pk}/{verb}/", body, content_type="application/json")
        assert (answer.status_code, "assignment" in answer.json()) == (410, False), verb
        assert "this image was withdrawn" in answer.json()["error"]


def test_no_correction_is_offered_on_it(client: Client, campaign: Campaign, alice: User):
    assignment = judge(campaign, alice)
    withdraw_image(assignment.image, by=None, reason="depicted")
    client.force_login(alice)
    assert str(assignment.pk) not in client.get("/workspace/portraits/recent/").content.decode()
