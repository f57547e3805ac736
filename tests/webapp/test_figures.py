"""Figures that take long: of a large campaign a page shows those worked out in the background, with their time."""

import pytest
from django.utils import timezone

from annotation.actions.figures import keep_figures
from annotation.models import Figures, Run, RunItem
from tests.harness.factories import judge, prefill_all

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGES = {"/organiser/portraits/hours/": "hours", "/audit/portraits/retest/": "retest"}
WAITS = "The figures are being worked out."


@pytest.fixture
def large(campaign, alice, bob, monkeypatch):
    """Judge a little of a campaign, and let that be much."""
    monkeypatch.setattr(keep_figures, "FEW", 1)
    judge(campaign, alice)
    judge(campaign, bob)
    return campaign


@pytest.mark.parametrize(("page", "kind"), PAGES.items())
@pytest.mark.usefixtures("at_once")
def test_a_page_asks_for_figures_and_shows_them_with_their_time(
    client, large, olga, alice, page, kind, django_capture_on_commit_callbacks
):
    client.force_login(olga)
    with django_capture_on_commit_callbacks(execute=True):
        assert WAITS in client.get(page).content.decode()
    html = client.get(page).content.decode()
    assert WAITS not in html
    assert f"As of {timezone.now():%Y-%m-%d}" in html
    kept = keep_figures.figures_of(large, kind)
    assert kept.content == keep_figures.KINDS[kind].measure(large)
    assert not kept.is_behind
    judge(large, alice)
    assert keep_figures.figures_of(large, kind).is_behind


def test_a_small_campaign_has_its_figures_at_once(client, campaign, olga, alice):
    judge(campaign, alice)
    client.force_login(olga)
    html = client.get("/organiser/portraits/hours/").content.decode()
    assert alice.pseudonym in html
    assert "As of" not in html
    assert not Figures.objects.exists()


@pytest.mark.usefixtures("at_once")
def test_how_unsure_a_model_is_comes_with_its_time_in_a_large_run(
    client, large, olga, django_capture_on_commit_callbacks
):
    version = prefill_all(large)
    run = Run.objects.create(kind="prefill", campaign=large, model_version=version)
    run.items.bulk_create([RunItem(run=run, image=image, state="done") for image in large.images.all()])
    client.force_login(olga)
    page = f"/organiser/portraits/runs/{run.pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        assert WAITS in client.get(page).content.decode()
    assert "gives no probabilities" in client.get(page).content.decode()
    kept = keep_figures.figures_of(large, f"uncertainty-{run.pk}")
    assert (kept.content.figures["n"], kept.is_behind) == (0, False)
    assert kept.content.example == run.prefills().earliest("pk").pk
    run.items.filter(image=large.images.first()).update(state="failed")
    assert keep_figures.figures_of(large, f"uncertainty-{run.pk}").is_behind


def test_a_table_that_is_not_there_yet_leads_to_its_page(client, large, olga):
    client.force_login(olga)
    answer = client.get("/organiser/portraits/hours.csv")
    assert (answer.status_code, answer["Location"]) == (302, "/organiser/portraits/hours/")
    keep_figures.work_out_figures(large, "hours")
    assert "alice" in client.get("/organiser/portraits/hours.csv").content.decode()
