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


FIELDS = "screen, dark_steps and bright_steps are accepted"
SCREEN_FIELDS = "screen: width, height, pixel_ratio, colour_depth, gamut are accepted"
PATCHES = "a whole number from 0 to 8 or null is accepted"


def without(name):
    return {key: value for key, value in CHECK.items() if key != name}


def on_screen(**change):
    return CHECK | {"screen": SCREEN | change}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([], FIELDS),
        ({}, FIELDS),
        (CHECK | {"more": 1}, FIELDS),
        (without("screen"), FIELDS),
        (without("dark_steps"), FIELDS),
        (CHECK | {"dark_steps": 9}, f"dark_steps: {PATCHES}"),
        (CHECK | {"dark_steps": -1}, f"dark_steps: {PATCHES}"),
        (CHECK | {"dark_steps": 7.0}, f"dark_steps: {PATCHES}"),
        (CHECK | {"bright_steps": "7"}, f"bright_steps: {PATCHES}"),
        (CHECK | {"bright_steps": True}, f"bright_steps: {PATCHES}"),
        (CHECK | {"screen": None}, SCREEN_FIELDS),
        (CHECK | {"screen": {"width": 1}}, SCREEN_FIELDS),
        (on_screen(depth=1), SCREEN_FIELDS),
        (on_screen(width=0), "screen.width: a number from 1 to 100000 is accepted"),
        (on_screen(width=True), "screen.width: a number from 1 to 100000 is accepted"),
        (on_screen(height=100_001), "screen.height: a number from 1 to 100000 is accepted"),
        (on_screen(pixel_ratio="2"), "screen.pixel_ratio: a number from 0.1 to 20 is accepted"),
        (on_screen(pixel_ratio=None), "screen.pixel_ratio: a number from 0.1 to 20 is accepted"),
        (on_screen(colour_depth=65), "screen.colour_depth: a number from 1 to 64 is accepted"),
        (on_screen(gamut="cmyk"), "screen.gamut: srgb, p3, rec2020 are accepted"),
        (on_screen(gamut=None), "screen.gamut: srgb, p3, rec2020 are accepted"),
    ],
)
def test_what_is_no_check_is_refused(client, campaign, alice, body, complaint):
    client.force_login(alice)
    answer = send(client, body)
    assert (answer.status_code, answer.json()["error"]) == (400, complaint)
    assert not ViewingCheck.objects.exists()


def test_only_annotators_send_one(client, olga):
    assert send(client, CHECK).status_code == 403
    client.force_login(olga)
    assert send(client, CHECK).status_code == 404
