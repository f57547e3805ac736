import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import get_resolver

from annotation.actions.campaigns.open_campaign import RESERVED
from annotation.actions.images.add_to_campaign import add_images
from annotation.errors import BadInput
from annotation.models import Campaign
from tests.harness.factories import make_campaign, make_image

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def create(slug="spring", **options):
    out = StringIO()
    if "rubric" in options:
        options["rubric"] = Path(options["rubric"])
    call_command("create_campaign", slug, title="Spring round", json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_a_campaign_is_made_filled_and_opened_from_the_command_line(alice, bob):
    output = create(people=["alice", "bob"], preset="blind-panel", answers=2)
    assert (output["slug"], output["annotations_per_image"], output["people"]) == ("spring", 2, ["alice", "bob"])
    with pytest.raises(CommandError, match="has no images yet"):
        call_command("open_campaign", "spring")
    add_images(Campaign.objects.get(), [make_image()], by=None)
    call_command("open_campaign", "spring")
    assert Campaign.objects.get().state == Campaign.State.OPEN


RUBRICS = {
    "book.xlsx": (
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xb5U",
        "a rubric as YAML in UTF-8 is accepted; byte 14",
    ),
    "aliases.yaml": (b"a: &a [x]\nb: [*a, *a]\n", "aliases .* are not accepted; write the text out"),
    "dates.yaml": (b"slug: 2026-11-29\n", "text and numbers are accepted, nothing else"),
}


@pytest.mark.parametrize("name", RUBRICS)
def test_a_rubric_that_cannot_be_read_is_named_and_nothing_is_made(tmp_path, name):
    content, complaint = RUBRICS[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=f"{name}: {complaint}"):
        create(rubric=tmp_path / name)
    assert not Campaign.objects.exists()


def test_the_grey_around_the_images_is_chosen_at_the_start_and_stays_within_bounds(alice):
    create("default")
    call_command("create_campaign", "dark", "--title", "Dark", "--surround", "#303030", stdout=StringIO())
    colours = {campaign.slug: campaign.surround_colour for campaign in Campaign.objects.all()}
    assert colours == {"default": "#4a4a4a", "dark": "#303030"}
    for grey in ("#2f2f2f", "#7d7d7d", "#504f50", "white"):
        with pytest.raises(CommandError, match="a neutral grey from #303030 to #7c7c7c is accepted"):
            call_command("create_campaign", "other", "--title", "Other", "--surround", grey)
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.update(surround=255)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"people": ["nobody"]}, "'nobody' has no account; there are: alice"),
        ({"answers": 0}, "1 or more is accepted, not 0"),
        ({"rubric": "nowhere.yaml"}, "nowhere.yaml"),
    ],
)
def test_wrong_wishes_are_refused_and_nothing_is_made(alice, options, message):
    with pytest.raises(CommandError, match=message):
        create(**options)
    assert not Campaign.objects.exists()


def test_a_name_is_given_once(alice):
    create()
    with pytest.raises(CommandError, match="is there already"):
        create()


@pytest.mark.parametrize(
    ("slug", "message"),
    [
        ("rubrics", "rubrics is the address of another page"),
        ("a b", "'a b' is no short name; 1 to 50 letters"),
        ("", "'' is no short name"),
        ("x" * 51, "is no short name"),
    ],
)
def test_a_name_that_cannot_be_an_address_is_refused(slug, message):
    with pytest.raises(CommandError, match=message):
        create(slug)
    with pytest.raises(BadInput, match=message):
        make_campaign(slug)
    assert not Campaign.objects.exists()


def test_every_page_beside_the_campaigns_keeps_its_name():
    names = set()
    for room in get_resolver().url_patterns:
        routes = [str(pattern.pattern) for pattern in getattr(room, "url_patterns", [])]
        if any(route.startswith("<slug:slug>/") for route in routes):
            names |= {route.split("/")[0] for route in routes} - {"", "<slug:slug>"}
    assert names
    assert names <= RESERVED
