"""Whoever sees their own slip may mend it for a while; what they had said before is kept."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from annotation.models import Assignment, Revision
from tests.harness.factories import judge, make_content

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def desk(alice):
    client = Client()
    client.force_login(alice)
    return client


def grow_old(assignment, minutes):
    finish_time = timezone.now() - timedelta(minutes=minutes)
    Assignment.objects.filter(pk=assignment.pk).update(finished_at=finish_time)


def test_recent_answers_are_listed_while_they_can_be_corrected(desk, campaign, alice, bob):
    fresh, old = judge(campaign, alice), judge(campaign, alice)
    others = judge(campaign, bob)
    grow_old(old, 61)
    page = desk.get("/workspace/portraits/recent/").content.decode()
    assert f"?correct={fresh.pk}" in page
    assert str(old.pk) not in page
    assert str(others.pk) not in page


def test_only_ones_own_correctable_answer_is_opened(desk, campaign, alice, bob):
    fresh, others = judge(campaign, alice), judge(campaign, bob)
    assert f'data-correct="{fresh.pk}"' in desk.get(f"/workspace/portraits/?correct={fresh.pk}").content.decode()
    assert desk.get(f"/workspace/portraits/?correct={others.pk}").status_code == 404
    assert desk.get("/workspace/portraits/?correct=nonsense").status_code == 404
    grow_old(fresh, 61)
    assert desk.get(f"/workspace/portraits/?correct={fresh.pk}").status_code == 404


def put(desk, assignment, verb, body):
    send = desk.put if verb == "draft" else desk.post
    return send(f"/api/v1/assignments/{assignment.pk}/{verb}/", json.dumps(body), content_type="application/json")


def test_a_correction_has_a_draft_and_ends_as_a_late_revision(desk, campaign, alice):
    annotation = judge(campaign, alice, 6)
    assignment = desk.get(f"/api/v1/assignments/{annotation.pk}/").json()["assignment"]
    assert assignment["final_revision"]["judgements"]["overall_gestalt"]["score"] == 6
    draft = {"judgements": {"overall_gestalt": {"score": 7}}}
    assert put(desk, annotation, "draft", {"version": assignment["draft_version"], "draft": draft}).status_code == 200
    assert desk.get(f"/api/v1/assignments/{annotation.pk}/").json()["assignment"]["draft"] == draft
    response = put(desk, annotation, "correct", make_content(7)).json()["assignment"]
    assert response["draft"] is None
    assert response["final_revision"]["judgements"]["overall_gestalt"]["score"] == 7
    assert list(Revision.objects.values_list("kind", flat=True)) == ["first", "correction"]


def test_when_the_time_is_over_neither_draft_nor_correction_is_taken(desk, campaign, alice):
    annotation = judge(campaign, alice)
    grow_old(annotation, 61)
    assert put(desk, annotation, "draft", {"version": 0, "draft": {}}).status_code == 409
    assert "that time is over" in put(desk, annotation, "correct", make_content(7)).json()["error"]
    assert desk.get(f"/api/v1/assignments/{annotation.pk}/").json()["assignment"]["final_revision"] is None


def test_an_answer_asked_again_under_another_rubric_is_not_corrected(desk, campaign, alice):
    annotation = judge(campaign, alice)
    Assignment.objects.filter(pk=annotation.pk).update(superseded=True)
    assert put(desk, annotation, "correct", make_content(7)).status_code == 409
