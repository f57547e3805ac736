"""Reports are computed anew as answers arrive, and old ones again from the answers as they were."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation import agreement
from annotation.actions.agreement import refresh_agreement
from annotation.actions.agreement.measure_agreement import (
    compare_figures,
    engine_sources,
    engine_version,
    measure_agreement,
    recompute_report,
)
from annotation.actions.agreement.refresh_agreement import (
    LEASE,
    LONGEST_WAIT,
    QUIET,
    SHORTEST_WAIT,
    campaigns_to_refresh,
    refresh_report,
)
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.actions.releases import withdraw
from annotation.actions.rubrics.change_rubric import ask_assignments_again
from annotation.models import Campaign, Event, Report
from annotation.tasks.agreement import keep_reports_fresh
from tests.harness.factories import judge, make_campaign, make_user, somebody
from tests.harness.installation import ROOT
from webapp.celery import LookAfterWork
from webapp.celery import app as celery_app

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=5)


def make_judged():
    alice, bob = map(somebody, ("alice", "bob"))
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=3)
    for person, scores in ((alice, (3, 8)), (bob, (4, 7))):
        for score in scores:
            judge(campaign, person, score)


@pytest.fixture
def judged_campaign(recall):
    recall(make_judged)
    return Campaign.objects.get()


def run(*arguments, **options):
    out = StringIO()
    call_command("agreement", *arguments, stdout=out, **options)
    return out.getvalue()


# Computed again.


@pytest.mark.engine
def test_an_old_report_gives_the_same_figures_whatever_happened_since(judged_campaign, olga, bob):
    report = measure_agreement(judged_campaign, by=None, replicates=20)
    carol = make_user("carol")
    invite_people(judged_campaign, [carol], by=olga)
    judge(judged_campaign, carol, 1)
    ask_assignments_again(judged_campaign, judged_campaign.assignments.filter(annotator=bob))
    withdraw.withdraw_person(judged_campaign, carol, by=olga, reason="consent")
    recomputation = recompute_report(report, by=olga)
    assert (
        recomputation.n_differences,
        recomputation.differences,
        recomputation.same_engine,
        recomputation.same_input,
    ) == (0, [], True, True)
    assert Event.objects.filter(
        verb="report.recomputed", actor=olga, subject=f"recomputation:{recomputation.pk}"
    ).exists()
    assert measure_agreement(judged_campaign, by=None, replicates=20).figures["n_raters"] == 1


def test_with_another_engine_each_difference_is_named(judged_campaign, monkeypatch):
    report = measure_agreement(judged_campaign, by=None, replicates=20)
    figures = json.loads(json.dumps(report.figures))
    figures["holistic"]["alpha"] = 0.5
    old = Report.objects.create(
        campaign=judged_campaign,
        query=report.query,
        engine_version="engine 1",
        seed=1,
        input_hash="ab",
        figures=figures,
    )
    recomputation = recompute_report(old, by=None)
    assert not recomputation.same_engine
    assert not recomputation.same_input
    assert recomputation.differences == [
        {"path": "holistic.alpha", "old": 0.5, "new": report.figures["holistic"]["alpha"]}
    ]
    output = json.loads(run(judged_campaign.slug, recompute=old.pk, json=True))
    assert output["same"] is False
    assert output["engine"] == {"old": "engine 1", "new": engine_version(), "same": False}
    assert output["differences"][0]["path"] == "holistic.alpha"
    assert "holistic.alpha: 0.5 then" in run(judged_campaign.slug, recompute=old.pk)


def test_differences_are_found_at_any_depth_and_where_something_is_missing():
    old = {"a": {"b": [1, {"c": 2}]}, "gone": 1, "same": [1]}
    new = {"a": {"b": [1, {"c": 3}]}, "same": [1], "new": [1, 2]}
    assert compare_figures(old, new) == [
        {"path": "a.b[1].c", "old": 2, "new": 3},
        {"path": "gone", "old": 1, "new": None},
        {"path": "new", "old": None, "new": [1, 2]},
    ]


def test_a_report_that_is_not_there_is_not_recomputed(judged_campaign):
    with pytest.raises(CommandError, match="has no report 999; there are: "):
        run(judged_campaign.slug, recompute=999)


def test_the_engines_version_changes_with_its_source(tmp_path, monkeypatch):
    room = tmp_path / "coefficients"
    room.mkdir()
    (room / "alpha.py").write_text("one = 1\n")
    monkeypatch.setattr(agreement, "__path__", [str(tmp_path)])
    engine_version.cache_clear()
    one = engine_version()
    (room / "alpha.py").write_text("one = 2\n")
    engine_version.cache_clear()
    two = engine_version()
    engine_version.cache_clear()
    assert one != two
    assert all(name in one for name in ("connoisseur", "engine", "numpy", "scipy"))


def test_the_engines_version_is_a_hash_of_every_file_of_its_rooms():
    rooms = ROOT / "annotation" / "agreement"
    files = {path for path in rooms.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in engine_sources() if path.is_relative_to(rooms)} == files


# A part of a campaign.


def test_a_report_on_a_part_names_it_and_an_unknown_part_is_refused(judged_campaign):
    whole = measure_agreement(judged_campaign, by=None, replicates=20)
    output = json.loads(run(judged_campaign.slug, scope=["category=photography"], json=True))
    assert output["query"]["scope"] == {"category": "photography"}
    assert output["holistic"]["alpha"] == whole.figures["holistic"]["alpha"]
    assert list(judged_campaign.reports.whole()) == [whole]
    with pytest.raises(CommandError, match="has no answers; there are: photography"):
        run(judged_campaign.slug, scope=["category=sculpture"])
    with pytest.raises(CommandError, match="DIMENSION=PART is accepted"):
        run(judged_campaign.slug, scope=["sculpture"])


# As answers arrive.


@pytest.mark.engine
def test_a_burst_of_answers_makes_one_report_once_it_is_over(judged_campaign, quick):
    now = timezone.now()
    assert campaigns_to_refresh(now) == []
    assert campaigns_to_refresh(now + QUIET) == [judged_campaign]
    first = refresh_report(judged_campaign, now + QUIET)
    assert first.figures["n_annotations"] == 4
    assert first.requested_by is None
    assert refresh_report(judged_campaign, now + LATER) is None
    assert judged_campaign.reports.count() == 1


def test_further_answers_make_a_further_report_and_a_withdrawal_another(judged_campaign, quick, olga):
    refresh_report(judged_campaign, timezone.now() + QUIET)
    carol = make_user("carol")
    invite_people(judged_campaign, [carol], by=olga)
    judge(judged_campaign, carol, 5)
    assert refresh_report(judged_campaign, timezone.now() + LATER).figures["n_annotations"] == 5
    withdraw.withdraw_person(judged_campaign, carol, by=olga, reason="consent")
    assert refresh_report(judged_campaign, timezone.now() + LATER).figures["n_annotations"] == 4


def test_a_trickle_that_never_pauses_gets_its_report_after_an_hour(judged_campaign, quick, olga):
    refresh_report(judged_campaign, timezone.now() + QUIET)
    carol = make_user("carol")
    invite_people(judged_campaign, [carol], by=olga)
    judge(judged_campaign, carol, 5)
    assert campaigns_to_refresh(timezone.now()) == []
    assert campaigns_to_refresh(timezone.now() + LONGEST_WAIT) == [judged_campaign]


def test_one_new_answer_among_many_waits_ten_minutes_and_no_longer(judged_campaign, quick, olga, monkeypatch):
    monkeypatch.setattr(refresh_agreement, "NOTABLE_SHARE", 2)
    refresh_report(judged_campaign, timezone.now() + QUIET)
    carol = make_user("carol")
    invite_people(judged_campaign, [carol], by=olga)
    judge(judged_campaign, carol, 5)
    assert campaigns_to_refresh(timezone.now() + SHORTEST_WAIT / 2) == []
    assert campaigns_to_refresh(timezone.now() + SHORTEST_WAIT) == [judged_campaign]


@pytest.mark.engine
def test_nobody_computes_what_another_is_computing_until_that_one_is_taken_for_lost(judged_campaign, quick):
    now = timezone.now() + QUIET
    Campaign.objects.filter(pk=judged_campaign.pk).update(measuring_until=now + LEASE)
    assert campaigns_to_refresh(now) == []
    assert refresh_report(judged_campaign, now) is None
    assert refresh_report(judged_campaign, now + LEASE) is not None
    judged_campaign.refresh_from_db()
    assert judged_campaign.measuring_until is None


@pytest.mark.engine
def test_the_worker_queues_a_report_for_each_campaign_that_has_moved_on(judged_campaign, quick, monkeypatch):
    monkeypatch.setitem(celery_app.conf, "task_always_eager", True)
    monkeypatch.setattr(refresh_agreement, "QUIET", timedelta(0))
    keep_reports_fresh()
    assert judged_campaign.reports.get().figures["n_annotations"] == 4


def test_answers_that_do_not_count_need_no_report(campaign):
    assert campaigns_to_refresh(timezone.now() + LONGEST_WAIT) == []


def test_every_worker_of_ours_asks_for_runs_and_reports_to_be_looked_after():
    assert set(LookAfterWork.TASKS) == {"annotation.keep_runs_going", "annotation.keep_reports_fresh"}
    assert {*LookAfterWork.TASKS, *LookAfterWork.DAILY_TASKS} <= set(celery_app.tasks)
