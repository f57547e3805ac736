"""An image that nobody saw is not judged: the page reports what it drew, and what comes without a report is marked."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import Assignment, Event, Revision
from tests.harness.factories import make_content

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def assignment(client, campaign, alice):
    client.force_login(alice)
    identifier = client.post("/api/v1/campaigns/portraits/next/").json()["assignment"]["id"]
    return Assignment.objects.get(pk=identifier)


def commit(client, assignment, **changes):
    path = f"/api/v1/assignments/{assignment.pk}/commit/"
    return client.post(path, json.dumps(make_content() | changes), content_type="application/json")


def test_the_image_is_named_by_its_number(client, assignment):
    described = client.get(f"/api/v1/assignments/{assignment.pk}/").json()["assignment"]
    assert described["image"]["id"] == assignment.image_id


def test_what_was_drawn_and_when_is_kept_with_the_revision(client, assignment):
    moment = timezone.now() - timedelta(minutes=2)
    assert commit(client, assignment, drawn={"image": assignment.image_id, "at": moment.isoformat()}).status_code == 200
    assert Revision.objects.get().drawn_at == moment
    assert Event.objects.get(verb="annotation.committed").details["drawn"] is True


def test_a_clock_that_is_ahead_tells_of_no_moment_to_come(client, assignment):
    ahead = timezone.now() + timedelta(days=1)
    commit(client, assignment, drawn={"image": assignment.image_id, "at": ahead.isoformat()})
    assert Revision.objects.get().drawn_at < timezone.now()


REFUSED = {
    "another image": ({"drawn": {"image": 987_654, "at": "2026-11-28T23:05:00Z"}}, "another image was drawn"),
    "no moment": ({"drawn": {"image": None, "at": "2026-11-28T23:05:00Z"}}, "drawn"),
    "a moment of no zone": ({"drawn": {"image": 0, "at": "2026-11-28T23:05:00"}}, "with its zone"),
    "no words of a moment": ({"drawn": {"image": 0, "at": "just now"}}, "with its zone"),
    "no time at all": ({"seconds": 0}, "0 seconds"),
    "less than half a second": ({"seconds": 0.4}, "0 seconds"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_have_been_seen_is_refused_and_nothing_is_stored(client, assignment, kind):
    changes, words = REFUSED[kind]
    if changes.get("drawn", {}).get("image") == 0:
        changes = {"drawn": changes["drawn"] | {"image": assignment.image_id}}
    refused = commit(client, assignment, **changes)
    assert refused.status_code == 400
    assert words in refused.json()["error"]
    assert not Revision.objects.exists()


@pytest.mark.parametrize("reported", [True, False])
def test_an_annotation_without_a_report_is_marked_for_auditors(client, assignment, arthur, reported):
    drawn = {"image": assignment.image_id, "at": timezone.now().isoformat()} if reported else None
    assert commit(client, assignment, drawn=drawn).status_code == 200
    client.force_login(arthur)
    page = client.get(f"/audit/portraits/images/{assignment.image_id}/").content.decode()
    assert ("not reported as drawn" in page) is not reported
