"""The plan of the analysis, and what a stored report says of itself."""

from __future__ import annotations

import pytest
from django.test import Client

from annotation.actions.agreement.measure_agreement import measure_agreement, recompute_report
from annotation.actions.agreement.plan_analysis import freeze_plan
from annotation.models import Campaign, Report
from tests.harness.factories import judge
from webapp.accounts.models import User
from webapp.celery import app as celery_app

pytestmark = pytest.mark.django_db

ADDRESS = "/organiser/portraits/analysis-plan/"
FILLED = {
    "note": "Is alpha above .667?",
    "sections": ["scopes", "halo"],
    "scopes": ["category"],
    "period": "",
    "raters": "",
    "images": "",
    "replicates": "200",
    "seed": "7",
}


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_an_organiser_freezes_a_plan_that_auditors_read(
    organiser: Client, campaign: Campaign, alice: User, arthur: User
):
    answer = organiser.post(ADDRESS, FILLED | {"raters": f"{alice.pseudonym}: in training"}, follow=True)
    assert "Plan 1 is frozen" in words(answer)
    plan = campaign.analysis_plans.get()
    assert plan.content["exclusions"]["raters"] == {alice.pseudonym: "in training"}
    organiser.force_login(arthur)
    page = words(organiser.get("/audit/portraits/analysis-plan/"))
    for line in ("Plan 1, frozen", "Is alpha above .667?", f"{alice.pseudonym}: in training", "In force."):
        assert line in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


def test_what_was_typed_stays_with_the_reason_why_it_is_refused(organiser: Client, campaign: Campaign):
    answer = organiser.post(ADDRESS, FILLED | {"raters": "somebody"})
    assert answer.status_code == 422
    assert "Line 1: a name, a colon and a reason are accepted" in words(answer)
    answer = organiser.post(ADDRESS, FILLED | {"raters": "somebody: late"})
    assert answer.status_code == 422
    assert "somebody is unknown; there are:" in words(answer)
    assert not campaign.analysis_plans.exists()


def test_after_the_first_answer_the_page_says_why_no_plan_is_taken(organiser: Client, campaign: Campaign, alice: User):
    judge(campaign, alice, 5)
    assert "could have been made to fit" in words(organiser.get(ADDRESS))
    answer = organiser.post(ADDRESS, FILLED)
    assert answer.status_code == 409
    assert not campaign.analysis_plans.exists()


def test_a_report_says_whether_it_follows_the_plan_and_departs_in_what(organiser: Client, campaign: Campaign):
    assert "No analysis plan was frozen" in words(
        organiser.get(page_of(measure_agreement(campaign, by=None, replicates=10)))
    )
    freeze_plan(campaign, {"replicates": 100, "sections": []}, by=None)
    assert "It follows analysis plan 1" in words(organiser.get(page_of(measure_agreement(campaign, by=None))))
    page = words(organiser.get(page_of(measure_agreement(campaign, by=None, replicates=10))))
    assert "It departs from analysis plan 1" in page
    assert '<th scope="row">Replicates</th><td>100</td><td>10</td>' in page


def test_an_auditor_recomputes_a_report_and_reads_what_differs(client: Client, campaign: Campaign, arthur, monkeypatch,
                                                               django_capture_on_commit_callbacks):  # fmt: skip
    monkeypatch.setitem(celery_app.conf, "task_always_eager", True)
    client.force_login(arthur)
    report = measure_agreement(campaign, by=None, replicates=10)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{page_of(report)}recompute/")
    assert report.recomputations.get().requested_by == arthur
    assert "every figure is the same" in words(client.get(page_of(report)))
    figures = report.figures | {"n_annotations": 99}
    old = Report.objects.create(
        campaign=campaign, query=report.query, engine_version="engine 1", seed=1, input_hash="ab", figures=figures
    )
    recompute_report(old, by=arthur)
    page = words(client.get(page_of(old)))
    assert "1 figure differs" in page
    assert "The engine was another" in page
    assert '<code>n_annotations</code></th><td class="number">99</td><td class="number">0</td>' in page


def page_of(report: Report) -> str:
    return f"/audit/reports/{report.pk}/"
