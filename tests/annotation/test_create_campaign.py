import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.open_campaign import add_images
from annotation.models import Campaign
from tests.factories import make_image

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def create(slug="spring", **options):
    out = StringIO()
    if "rubric" in options:
        options["rubric"] = Path(options["rubric"])
    call_command("create_campaign", slug, title="Spring round", json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_a_campaign_is_made_filled_and_opened_from_the_command_line(alice, bob):
    made = create(people=["alice", "bob"], preset="blind-panel", answers=2)
    assert (made["slug"], made["answers_per_image"], made["people"]) == ("spring", 2, ["alice", "bob"])
    with pytest.raises(CommandError, match="has no images yet"):
        call_command("open_campaign", "spring")
    add_images(Campaign.objects.get(), [make_image()], by=None)
    call_command("open_campaign", "spring")
    assert Campaign.objects.get().state == Campaign.State.OPEN


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"people": ["nobody"]}, "'nobody' is no annotator; there are: alice"),
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
