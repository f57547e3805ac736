"""Organisers see what was skipped, by whom and why, and hand an image back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.actions.assignments import assign
from annotation.models import Assignment
from tests.harness.factories import make_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def skipped(campaign, alice):
    assignment = assign.next_assignment(campaign, alice)
    assign.skip_assignment(assignment, "cannot_judge", by=alice)
    return assignment


def test_what_was_skipped_is_listed_with_who_and_why_and_counted_on_the_campaigns_page(client, olga, skipped):
    client.force_login(olga)
    page = client.get("/organiser/portraits/skips/").content.decode()
    assert "alice" in page
    assert "I cannot judge this kind of image" in page
    assert f"/organiser/portraits/skips/{skipped.pk}/hand-back/" in page
    assert "/organiser/portraits/skips/" in client.get("/organiser/portraits/").content.decode()


def test_an_image_is_handed_back_by_a_button(client, olga, skipped):
    client.force_login(olga)
    done = client.post(f"/organiser/portraits/skips/{skipped.pk}/hand-back/", follow=True).content.decode()
    assert "handed back to alice" in done
    assert "Nobody has skipped an image" in done
    skipped.refresh_from_db()
    assert skipped.state == Assignment.State.RETURNED


def test_what_cannot_be_handed_back_is_said_why(client, olga, campaign, alice, skipped):
    campaign.memberships.filter(user=alice).update(annotator=False)
    client.force_login(olga)
    done = client.post(f"/organiser/portraits/skips/{skipped.pk}/hand-back/", follow=True).content.decode()
    assert "takes no part" in done


def test_the_skip_of_another_campaign_does_not_exist_here(client, olga, skipped):
    make_campaign("landscapes")
    client.force_login(olga)
    assert client.post(f"/organiser/landscapes/skips/{skipped.pk}/hand-back/").status_code == 404


def test_an_annotator_takes_a_skip_back_over_the_api(client, alice, bob, skipped):
    client.force_login(bob)
    assert client.post(f"/api/v1/assignments/{skipped.pk}/take-back/").status_code == 404
    client.force_login(alice)
    described = client.post(f"/api/v1/assignments/{skipped.pk}/take-back/").json()["assignment"]
    assert described["state"] == "open"
    Assignment.objects.filter(pk=skipped.pk).update(state="skipped", finished_at=timezone.now() - timedelta(hours=1))
    late = client.post(f"/api/v1/assignments/{skipped.pk}/take-back/")
    assert late.status_code == 409
    assert "organiser can hand the image back" in late.json()["error"]
