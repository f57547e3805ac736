"""Models are asked, and runs looked at, cancelled and resumed, by an organiser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from annotation.actions.campaigns.open_campaign import show_first_model
from annotation.actions.jobs.batches import hand_out_batches, requests_for
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import start_run
from annotation.models import Campaign, Event, ModelVersion, Run, RunItem
from mlworker.contract import AttributePrefill
from mlworker.queue.batches import results_for
from tests.harness.embeddings import embedding_at, store_embeddings
from tests.harness.factories import make_campaign
from tests.webapp.organiser.campaigns.test_campaign_pages import read
from webapp.accounts.models import User
from webapp.organiser.prefills.forms import models_to_ask

pytestmark = pytest.mark.django_db


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


def test_a_model_that_can_be_asked_stands_before_those_that_lack_settings(monkeypatch):
    for name in ("MLWORKER_ARTIMUSE", "MLWORKER_OPENAI_URL", "MLWORKER_OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert [name for name, _ in models_to_ask()] == ["baseline", "artimuse", "openai"]
