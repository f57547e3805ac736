"""The organiser's pages: what they show, what they queue, how many queries they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.assignments import assign
from annotation.actions.campaigns.open_campaign import invite_people, show_first_model
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.batches import hand_out_batches, requests_for
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import start_run
from annotation.models import Campaign, Event, ModelVersion, Report, Run, RunItem
from mlworker.contract import AttributePrefill
from mlworker.queue.batches import results_for
from tests.harness.embeddings import embedding_at, store_embeddings
from tests.harness.factories import judge, make_campaign, make_image, make_user
from webapp.accounts.models import User
from webapp.organiser.prefills.forms import models_to_ask

pytestmark = pytest.mark.django_db


def read(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_an_organiser_without_campaigns_is_told_how_to_begin(organiser: Client):
    assert "import_images FOLDER" in read(organiser, "/organiser/")


def test_counts_of_one_campaign_do_not_multiply_each_other(campaign: Campaign, alice: User, bob: User):
    judge(campaign, alice)
    judge(campaign, alice)
    judge(campaign, bob)
    make_campaign("other", images=2, people=(alice,))
    assert counts_of("portraits") == {"n_images": 3, "n_people": 3, "n_annotations": 3, "n_wanted": 9}
    assert counts_of("other") == {"n_images": 2, "n_people": 1, "n_annotations": 0, "n_wanted": 6}


def test_progress_counts_images_that_have_all_their_answers(alice: User, bob: User):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=2)
    judge(campaign, alice)
    judge(campaign, alice)
    judge(campaign, bob)
    assert campaign.progress() == {"images": 2, "complete": 1, "annotations": 3, "wanted": 4}


def test_repeats_are_no_progress(campaign: Campaign, alice: User):
    judge(campaign, alice)
    campaign.assignments.update(repeat=True)
    assert campaign.progress()["annotations"] == 0
    assert counts_of("portraits")["n_annotations"] == 0
    assert campaign.entries.tally() == {"daily_photo": (3, 0)}


def test_the_tally_counts_answers_of_this_campaign_only(campaign: Campaign, alice: User):
    other = make_campaign("other", images=0, people=(alice,))
    add_images(other, campaign.images.all(), by=None)
    judge(campaign, alice)
    assert campaign.entries.tally() == {"daily_photo": (3, 1)}
    assert other.entries.tally() == {"daily_photo": (3, 0)}


def test_the_page_shows_people_by_name_and_marks_the_simulated(organiser: Client, campaign: Campaign, alice: User):
    invite_people(campaign, [make_user("ada", simulated=True)], by=None)
    judge(campaign, alice)
    page = read(organiser, "/organiser/portraits/")
    assert 'ada <span class="badge simulated">simulated</span>' in page
    assert 'alice <span class="badge simulated">' not in page
    assert f'{alice.pseudonym}</td> <td class="number">1</td>' in page


def test_an_unknown_model_is_refused_by_name(
    organiser: Client, campaign: Campaign, django_capture_on_commit_callbacks: Callable[..., Any]
):
    with django_capture_on_commit_callbacks() as queued:
        answer = organiser.post("/organiser/portraits/prefills/", {"model": "oracle"}, follow=True)
    assert "oracle is not one of our models" in answer.content.decode()
    assert queued == []


def test_a_model_whose_settings_are_missing_says_which(
    organiser: Client,
    campaign: Campaign,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    monkeypatch.delenv("MLWORKER_OPENAI_URL", raising=False)
    with django_capture_on_commit_callbacks() as queued:
        answer = organiser.post("/organiser/portraits/prefills/", {"model": "openai"}, follow=True)
    assert "MLWORKER_OPENAI_URL is missing" in answer.content.decode()
    assert queued == []


def test_asking_a_model_queues_one_run(
    organiser: Client, campaign: Campaign, django_capture_on_commit_callbacks: Callable[..., Any]
):
    with django_capture_on_commit_callbacks() as queued:
        answer = organiser.post("/organiser/portraits/prefills/", {"model": "baseline"})
    assert answer.headers["Location"] == "/organiser/portraits/#runs"
    assert len(queued) == 1


@pytest.mark.usefixtures("at_once")
def test_asking_for_agreement_computes_a_report_in_the_organisers_name(
    organiser: Client,
    campaign: Campaign,
    alice: User,
    bob: User,
    olga: User,
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    judge(campaign, alice, 3)
    judge(campaign, bob, 8)
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post("/organiser/portraits/agreement/")
    assert Report.objects.get().requested_by == olga
    assert "All attributes and the method" in read(organiser, "/organiser/portraits/")


def test_a_run_shows_how_far_it_is(organiser: Client, campaign: Campaign):
    run = Run.objects.create(
        kind=Run.Kind.PREFILL,
        campaign=campaign,
        model_version=ModelVersion.objects.create(name="baseline", version="1"),
    )
    states = (RunItem.State.DONE, RunItem.State.FAILED, RunItem.State.WAITING)
    for image, state in zip(campaign.images.all(), states, strict=True):
        RunItem.objects.create(run=run, image=image, state=state)
    page = read(organiser, "/organiser/portraits/")
    assert f'data-run="{run.pk}" data-kind="prefill" data-state="running"' in page
    assert '<progress value="1" max="3"' in page
    assert '<td class="number" data-count="failed">1</td>' in page


def test_a_runs_page_names_what_failed_what_it_took_and_where_the_model_is_unsure(
    organiser: Client, campaign: Campaign, olga: User, settings: Any
):
    settings.PREFILL_BATCHES_AHEAD = 1
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=olga)
    show_first_model(campaign, run.model_version, by=olga)
    [batch] = hand_out_batches(run)
    bad, *good = results_for(requests_for(batch))
    good = [replace(answer, seconds=1.5, cost=0.003) for answer in good]
    store_results(batch, [replace(bad, error="the image is gone", seconds=0.0), *good])
    page = read(organiser, f"/organiser/portraits/runs/{run.pk}/")
    assert "the image is gone" in page
    assert "Mean spread, in points" in page
    assert "1.00 s, 0.00200 US dollars" in page
    assert page.count("<tr>") == 3 + 1 + 2  # Three heads, one failure, two answers.
    assert "Annotators see these prefills" in page
    assert "olga" in page


@pytest.mark.parametrize("score", [None, 40.0])
def test_a_model_without_attribute_scores_has_none_and_the_page_says_so(
    organiser: Client, campaign: Campaign, settings: Any, score: float | None
):
    settings.PREFILL_BATCHES_AHEAD = 1
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    [batch] = hand_out_batches(run)
    answers = results_for(requests_for(batch))
    words = {"overall_gestalt": AttributePrefill("Held together by light.", score)}
    store_results(batch, [replace(answer, attributes=words) for answer in answers])
    page = read(organiser, f"/organiser/portraits/runs/{run.pk}/")
    assert ("gives no scores for single attributes" in page) is (score is None)


def test_the_page_of_an_embed_run_names_what_failed_and_tells_nothing_of_prefills(
    organiser: Client, campaign: Campaign
):
    image, *_others = campaign.images.all()
    run = store_embeddings(campaign, embedding_at(image, 0, error="the image is gone"))
    page = read(organiser, f"/organiser/portraits/runs/{run.pk}/")
    assert "the image is gone" in page
    assert "Embeddings tell near duplicates" in page
    assert "unsure" not in page
    [row] = organiser.get("/api/v1/campaigns/portraits/runs/").json()["runs"]
    assert (row["kind"], row["model"], row["failed"], row["waiting"]) == ("embed", "grid 1", 1, 2)
    assert f'data-run="{run.pk}" data-kind="embed"' in read(organiser, "/organiser/portraits/")


def test_a_run_is_cancelled_and_resumed_from_its_page(
    organiser: Client, campaign: Campaign, olga: User, django_capture_on_commit_callbacks: Callable[..., Any]
):
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    page = f"/organiser/portraits/runs/{run.pk}/"
    organiser.post(f"{page}cancel/")
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert "Ask for the rest again" in read(organiser, page)
    with django_capture_on_commit_callbacks() as queued:
        organiser.post(f"{page}resume/")
    run.refresh_from_db()
    assert run.state == Run.State.RUNNING
    assert len(queued) == 1
    assert [event.actor for event in Event.objects.filter(verb__in=["prefill.cancelled", "prefill.resumed"])] == [
        olga
    ] * 2


def test_a_run_of_another_campaign_is_not_found(organiser: Client, campaign: Campaign):
    other = start_run(make_campaign("other", images=1), Run.Kind.PREFILL, "fake", by=None)
    assert organiser.get(f"/organiser/portraits/runs/{other.pk}/").status_code == 404


@pytest.mark.parametrize(("number", "found"), [("{run}", 1), ("0", 0), ("x", 0), ("9" * 30, 0), ("", 1)])
def test_the_state_of_one_run_can_be_asked_for(organiser: Client, campaign: Campaign, number: str, found: int):
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    response = organiser.get("/api/v1/campaigns/portraits/runs/", {"run": number.format(run=run.pk)})
    assert len(response.json()["runs"]) == found


def test_the_number_of_queries_grows_with_neither_people_nor_images(organiser: Client, olga: User):
    pages = ("/organiser/", "/organiser/portraits/", "/audit/", "/audit/portraits/agreement/")
    campaign = make_campaign(people=(make_user("anna"), make_user("bert")), images=2)
    fill(campaign)
    for page in pages:
        read(organiser, page)
    before = {page: queries(organiser, page) for page in pages}
    invite_people(campaign, [make_user(name) for name in ("cleo", "dora", "emil")], by=olga)
    add_images(campaign, [make_image() for _ in range(4)], by=olga)
    campaign.annotations_per_image = 5
    campaign.save()
    fill(campaign)
    make_campaign("other", images=2, people=(make_user("fred"),))
    assert {page: queries(organiser, page) for page in pages} == before
    assert max(before.values()) <= 20


def counts_of(slug: str) -> dict[str, int]:
    campaign = Campaign.objects.with_counts().get(slug=slug)
    return {name: getattr(campaign, name) for name in ("n_images", "n_people", "n_annotations", "n_wanted")}


def fill(campaign: Campaign) -> None:
    """Let everyone judge all that is left, and compute a report."""
    for membership in campaign.memberships.annotators().select_related("user"):
        while assign.next_assignment(campaign, membership.user):
            judge(campaign, membership.user)
    measure_agreement(campaign, by=None, replicates=10)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def test_a_model_that_can_be_asked_stands_before_those_that_lack_settings(monkeypatch):
    for name in ("MLWORKER_ARTIMUSE", "MLWORKER_OPENAI_URL", "MLWORKER_OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert [name for name, _ in models_to_ask()] == ["baseline", "artimuse", "openai"]
