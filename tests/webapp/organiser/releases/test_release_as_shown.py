"""What the page of a release shows is what Publish publishes, or nothing is published."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation.actions.releases.verify_release import verify_release
from annotation.actions.releases.withdraw import withdraw_image
from annotation.models import Campaign, Release
from tests.harness.factories import judge
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick"), pytest.mark.engine]

NEW = "/organiser/portraits/releases/new/"
PUBLISH = "/organiser/portraits/releases/"


@pytest.fixture
def campaign(campaign: Campaign, alice: User, bob: User, settings: Any, tmp_path: Path) -> Campaign:
    settings.RELEASES_DIR = str(tmp_path)
    # One answer an image: no further one completes it, which would open cases and so change what is shown.
    for person in (alice, alice, alice):
        judge(campaign, person)
    return campaign


def shown(answer: Any) -> dict[str, str]:
    """Return the fields of the form on a page as a browser sends them with Publish."""
    html = answer.content.decode()
    fields = {"version": "", "least_annotations": ""}
    for name in fields:
        tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', html)
        value = tag and re.search(r'value="([^"]*)"', tag.group())
        fields[name] = value.group(1) if value else ""
    for name in ("foreseen", "listed"):
        if hidden := re.search(rf'name="{name}" value="([^"]*)"', html):
            fields[name] = unescape(hidden.group(1))
    return fields


def test_what_is_shown_is_published_whatever_was_answered_since(
    organiser: Client,
    campaign: Campaign,
    carol: User,
    at_once: None,
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    page = organiser.get(NEW)
    images, counted = page.context["preview"].images, page.context["preview"].counted
    for _ in range(3):
        judge(campaign, carol)
    with django_capture_on_commit_callbacks(execute=True):
        answer = organiser.post(PUBLISH, shown(page))
    assert answer.status_code == 302
    release = Release.objects.get()
    assert release.state == Release.State.DONE
    record = release.path if isinstance(release.path, Path) else Path(release.path)
    text = (record / "release.json").read_text()
    assert f'"images": {images}' in text
    assert counted == 3
    assert verify_release(record).holds


CHANGES = [
    ({"version": "7.0.0"}, "7.0.0"),
    ({"least_annotations": "2"}, None),
    ({"exclude": "the first image"}, "1"),
]


@pytest.mark.parametrize(("typed", "now"), CHANGES, ids=["version", "least answers", "list"])
def test_a_field_that_was_changed_and_not_looked_at_publishes_nothing_and_is_shown(
    organiser: Client, campaign: Campaign, typed: dict[str, Any], now: str | None
):
    fields: dict[str, Any] = shown(organiser.get(NEW)) | typed
    if "exclude" in typed:
        image = campaign.images.filter(annotations__isnull=False)[0]
        fields["exclude"] = SimpleUploadedFile("list.csv", f"image,reason\n{image.sha256},No\n".encode())
    answer = organiser.post(PUBLISH, fields)
    assert answer.status_code in (409, 422)
    assert not Release.objects.exists()
    page = answer.content.decode()
    if answer.status_code == 409:
        assert "Nothing was published" in page
        assert f">{now}</td>" in page or now is None
        assert organiser.post(PUBLISH, shown(answer)).status_code == 302
        assert Release.objects.exists()


def test_what_was_withdrawn_since_the_page_was_made_is_told_and_nothing_published(
    organiser: Client, campaign: Campaign
):
    fields = shown(organiser.get(NEW))
    image = campaign.images.filter(annotations__isnull=False)[0]
    withdraw_image(image, by=None, reason="content")
    answer = organiser.post(PUBLISH, fields)
    assert answer.status_code == 409
    assert "Your page showed" in answer.content.decode()
    assert not Release.objects.exists()


def test_terms_that_another_organiser_changed_meanwhile_are_shown_first(organiser: Client, campaign: Campaign):
    fields = shown(organiser.get(NEW))
    Campaign.objects.update(annotations_licence="CC0-1.0")
    answer = organiser.post(PUBLISH, fields)
    assert answer.status_code == 409
    assert ">CC0-1.0</td>" in answer.content.decode()


def test_what_a_page_showed_cannot_be_made_up(organiser: Client, campaign: Campaign):
    fields = shown(organiser.get(NEW))
    assert organiser.post(PUBLISH, fields | {"foreseen": fields["foreseen"] + "x"}).status_code == 409
    assert not Release.objects.exists()
