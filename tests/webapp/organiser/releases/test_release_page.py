"""The page that prepares a release: what it shows, what it refuses, what it queues."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation.dataset.contents.statements import STATEMENTS
from annotation.models import Campaign, Release
from tests.harness.factories import judge, make_campaign, make_release
from tests.webapp.organiser.campaigns.test_campaign_pages import read
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.2", "three numbers, as in 1.2.0"),
        ("../../etc", "three numbers, as in 1.2.0"),
        ("", "This field is required"),
        ("0.1.0", "Version 0.1.0 is taken"),
    ],
)
def test_a_version_that_cannot_be_is_refused_with_the_reason(
    organiser: Client,
    campaign: Campaign,
    version: str,
    words: str,
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    make_release(campaign, "0.1.0", state=Release.State.DONE)
    with django_capture_on_commit_callbacks() as queued:
        answer = organiser.post("/organiser/portraits/releases/", {"version": version})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert queued == []


def test_publishing_queues_one_release(
    organiser: Client, campaign: Campaign, alice: User, django_capture_on_commit_callbacks: Callable[..., Any]
):
    judge(campaign, alice)
    with django_capture_on_commit_callbacks() as queued:
        answer = organiser.post("/organiser/portraits/releases/", {"version": "0.1.0"})
    assert answer.headers["Location"] == "/organiser/portraits/#releases"
    assert len(queued) == 1


def test_what_a_release_would_hold_and_what_stays_out_is_shown_before_it_is_published(
    organiser: Client, campaign: Campaign, alice: User, bob: User
):
    judge(campaign, alice)
    judge(campaign, bob)
    image = campaign.images.exclude(annotations__isnull=False).first()
    assert image is not None
    campaign.entries.filter(image=image).update(excluded=True)
    page = read(organiser, "/organiser/portraits/releases/new/?version=1.0.0&least_annotations=2")
    assert f'<th scope="row">{image.original_name}</th>' in page
    both = campaign.images.filter(annotations__annotator=alice).filter(annotations__annotator=bob).count()
    if both:
        assert "Publish 1.0.0" in page
        assert 'name="least_annotations" value="2"' in page
    else:
        assert "no image of portraits that is not excluded has 2 answers that count" in page
        assert "Publish 1.0.0" not in page


def test_a_list_of_images_to_leave_out_is_shown_and_goes_with_the_release(
    organiser: Client,
    campaign: Campaign,
    alice: User,
    at_once: None,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    settings.RELEASES_DIR = str(tmp_path)
    for _ in range(2):
        judge(campaign, alice)
    taken = campaign.images.filter(annotations__isnull=False)[0]

    def listed(text: str) -> dict[str, Any]:
        return {"version": "1.0.0", "exclude": SimpleUploadedFile("list.csv", text.encode())}

    page = organiser.post("/organiser/portraits/releases/new/", listed(f'image,reason\n{taken.sha256},"Say ""no"""'))
    words = page.content.decode()
    assert "<td>listed: Say &quot;no&quot;</td>" in words
    assert "Publish 1.0.0" in words
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post("/organiser/portraits/releases/", {"version": "1.0.0", "listed": page.context["listed"]})
    assert Release.objects.get().record["scope"]["listed"] == {taken.sha256: 'Say "no"'}

    refused = organiser.post("/organiser/portraits/releases/new/", listed("image,reason\nnowhere.jpg,No"))
    assert "list.csv, row 2, image: the campaign has no image" in refused.content.decode()
    assert "Publish" not in refused.content.decode()
    words = read(organiser, "/organiser/portraits/releases/new/")
    assert "A list excluded these from 1.0.0, and now they come in:" in words


def test_what_the_datasheet_will_not_state_is_named(organiser: Client, campaign: Campaign):
    page = read(organiser, "/organiser/portraits/releases/new/")
    assert "of: Licence of the annotations, Creators, Contact, Funding" in page
    Campaign.objects.update(annotations_licence="CC0-1.0", statements=dict.fromkeys(STATEMENTS, "Yes."))
    assert "The datasheet will say" not in read(organiser, "/organiser/portraits/releases/new/")


def test_answers_of_another_campaign_go_in_where_it_is_ticked(
    organiser: Client,
    campaign: Campaign,
    alice: User,
    at_once: None,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    settings.RELEASES_DIR = str(tmp_path)
    judge(campaign, alice)
    assert "With the answers of" not in read(organiser, "/organiser/portraits/releases/new/"), "there is no other"
    other = make_campaign("studies", people=(alice,), images=2)
    judge(other, alice)
    fields = {"version": "1.0.0", "also": ["studies"]}
    page = organiser.post("/organiser/portraits/releases/new/", fields).content.decode()
    assert re.search(r'name="also" value="studies"[^>]* checked', page)
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post("/organiser/portraits/releases/", fields)
    assert Release.objects.get().record["scope"]["also"] == ["studies"]
    refused = organiser.post("/organiser/portraits/releases/new/", fields | {"also": ["nowhere"]})
    assert "nowhere is not one of the available choices" in refused.content.decode()


def test_a_build_shows_how_far_it_is_and_can_be_made_to_go_on(
    organiser: Client, campaign: Campaign, django_capture_on_commit_callbacks: Callable[..., Any]
):
    make_release(campaign, "1.0.0", parts=20, parts_done=3)
    page = read(organiser, "/organiser/portraits/")
    assert '<progress max="20" value="3"' in page
    assert "3 of 20 parts" in page
    with django_capture_on_commit_callbacks() as queued:
        answer = organiser.post("/organiser/portraits/releases/1.0.0/go-on/")
    assert answer.headers["Location"] == "/organiser/portraits/#releases"
    assert len(queued) == 1


def test_a_release_that_would_be_refused_is_refused_at_once(organiser: Client, campaign: Campaign):
    answer = organiser.post("/organiser/portraits/releases/", {"version": "0.1.0"})
    assert "no answer yet that counts" in answer.content.decode()
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    ("taken", "failed", "suggested"),
    [([], [], "0.1.0"), (["0.9.0", "0.10.0"], [], "0.11.0"), (["1.4.2"], ["2.0.0"], "1.5.0")],
)
def test_the_next_version_is_suggested(
    organiser: Client, campaign: Campaign, alice: User, taken: list[str], failed: list[str], suggested: str
):
    for version in taken:
        make_release(campaign, version, state=Release.State.DONE)
    for version in failed:
        make_release(campaign, version, state=Release.State.FAILED)
    judge(campaign, alice)
    assert campaign.releases.next_version() == suggested
    assert f'value="{suggested}"' in read(organiser, "/organiser/portraits/releases/new/")
