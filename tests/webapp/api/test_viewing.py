"""Under which conditions somebody judges is asked once in a while and stored."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import ViewingCheck

pytestmark = [pytest.mark.django_db]

SCREEN = {"width": 1920, "height": 1080, "pixel_ratio": 1.5, "colour_depth": 24, "gamut": "p3"}
CHECK = {"screen": SCREEN, "dark_steps": 7, "bright_steps": None}


def send(client, body):
    return client.post("/api/v1/viewing-checks/", json.dumps(body), content_type="application/json")


def test_a_check_is_stored_and_not_asked_again_today(client, campaign, alice):
    client.force_login(alice)
    assert "data-viewing-url" in client.get("/workspace/portraits/").content.decode()
    assert send(client, CHECK).status_code == 201
    kept = ViewingCheck.objects.get()
    assert (kept.user, kept.screen, kept.dark_steps, kept.bright_steps) == (alice, SCREEN, 7, None)
    assert "data-viewing-url" not in client.get("/workspace/portraits/").content.decode()
    assert ViewingCheck.objects.is_due(alice, timezone.now() + timedelta(hours=13))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([], "screen, dark_steps and bright_steps"),
        (CHECK | {"more": 1}, "screen, dark_steps and bright_steps"),
        (CHECK | {"dark_steps": 9}, "dark_steps: a whole number from 0 to 8 or null"),
        (CHECK | {"bright_steps": "7"}, "bright_steps: a whole number from 0 to 8 or null"),
        (CHECK | {"bright_steps": True}, "bright_steps: a whole number from 0 to 8 or null"),
        (CHECK | {"screen": SCREEN | {"width": 0}}, "screen.width: a number from 1 to 100000"),
        (CHECK | {"screen": SCREEN | {"pixel_ratio": "2"}}, "screen.pixel_ratio"),
        (CHECK | {"screen": SCREEN | {"gamut": "cmyk"}}, "screen.gamut: srgb, p3, rec2020"),
        (CHECK | {"screen": {"width": 1}}, "screen: width, height"),
    ],
)
def test_what_is_no_check_is_refused(client, alice, body, complaint):
    client.force_login(alice)
    answer = send(client, body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
    assert not ViewingCheck.objects.exists()


def test_only_annotators_send_one(client, olga):
    assert send(client, CHECK).status_code == 403
    client.force_login(olga)
    assert send(client, CHECK).status_code == 404
