"""Every field of a campaign and of taking part is set on a page, or it is said here why not."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import models
from django.test import Client

from annotation.actions.jobs.runs import start_run
from annotation.models import Calibration, Campaign, Membership, ModelVersion, RubricVersion
from tests.harness.factories import make_campaign
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

# What is sent to which address below the campaign's, or the reason why no page sets it by itself.
Form = tuple[str, Callable[[Any], dict[str, Any]]]

CAMPAIGN: dict[str, Form | str] = {
    "id": "the database's own",
    "slug": "stays, as addresses, commands and releases are made of it; chosen on the page of a new campaign",
    "title": ("description", lambda here: {"title": "Faces"}),
    "description": ("description", lambda here: {"title": "Portraits", "description": "Of three centuries."}),
    "annotations_licence": ("terms", lambda here: {"annotations_licence": "CC0-1.0"}),
    "statements": ("terms", lambda here: {"funding": "None."}),
    "state": ("state", lambda here: {"verb": "open"}),
    "rubric_version": ("rubric", lambda here: {"to": here.later.number}),
    "images": "imported, and taken over by a copy",
    "annotations_per_image": ("annotations-per-image", lambda here: {"annotations_per_image": 5}),
    "preset": ("arms", lambda here: {"preset": "prefilled"}),
    "blind_share": ("arms", lambda here: {"preset": "prefilled"}),
    "reveal_share": ("arms", lambda here: {"preset": "commit-then-review"}),
    "assisted_share": ("arms", lambda here: {"preset": "prefilled"}),
    "arms_by": ("draws", lambda here: {"arms_by": "person", "seed": 1}),
    "seed": ("draws", lambda here: {"arms_by": "assignment", "seed": 8}),
    "shown_model": ("model", lambda here: {"shown_model": here.model.pk}),
    "lease_minutes": ("pace", lambda here: {"lease_minutes": 45, "correction_minutes": 60}),
    "daily_cap": ("pace", lambda here: {"lease_minutes": 30, "daily_cap": 9, "correction_minutes": 60}),
    "correction_minutes": ("pace", lambda here: {"lease_minutes": 30, "correction_minutes": 5}),
    "repeat_share": ("repeats", lambda here: {"share": 9, "gap_days": 7}),
    "repeat_gap_days": ("repeats", lambda here: {"share": 0, "gap_days": 9}),
    "case_spread": ("case-spread", lambda here: {"points": "2.5"}),
    "precision_target": ("precision", lambda here: {"target": "0.5", "most": 9}),
    "most_annotations_per_image": ("precision", lambda here: {"target": "0.5", "most": 9}),
    "consent_text": ("consent", lambda here: {"english": "Published under a pseudonym.", "seen": 0}),
    "consent_version": ("consent", lambda here: {"english": "Published under a pseudonym.", "seen": 0}),
    "anchors_of": ("calibration/anchors", lambda here: {"anchors_of": here.calibration.pk}),
    "calibration": "opened on the page of calibration, whose tests need a panel that has judged",
    "surround": ("surround", lambda here: {"surround": 60}),
    "measuring_until": "held by whoever computes a report",
    "is_demo": "of `seed_demo` alone: no study of people may become one that programs answer",
    "created_at": "the moment it was made",
    "opened_at": ("state", lambda here: {"verb": "open"}),
    "closed_at": "the moment it was closed, by the same form as `state`",
}

MEMBERSHIP: dict[str, Form | str] = {
    "id": "the database's own",
    "campaign": "stays",
    "user": "stays",
    "organiser": ("invite", lambda here: {"username": "mallory", "roles": "organiser"}),
    "annotator": ("invite", lambda here: {"username": "mallory", "roles": "annotator"}),
    "adjudicator": ("invite", lambda here: {"username": "mallory", "roles": "adjudicator"}),
    "auditor": ("invite", lambda here: {"username": "mallory", "roles": "auditor"}),
    "viewer": ("invite", lambda here: {"username": "mallory", "roles": "viewer"}),
    "categories": ("invite", lambda here: {"username": "alice", "roles": "annotator", "categories": here.category}),
    "cap": ("cap", lambda here: {"person": here.alice.pk, "cap": 5}),
    "joined_at": "the moment somebody first annotates here",
    "reader_since": "the moment somebody first reads here",
    "consented_version": "said by the person, on the page of consent",
    "consented_at": "the moment they said so",
    "calibrated_for": "earned by the person, or let through on the page of calibration",
    **dict.fromkeys(
        ("block", "walked", "latest_image", "handed_out", "assigned"), "how far the person is in their own order"
    ),
}


@pytest.fixture
def here(alice: User, mallory: User, organiser: Client) -> SimpleNamespace:
    """A draft with one annotator, and all that can be chosen in it."""
    campaign = make_campaign(people=(alice,), opened=False, annotations_per_image=3)
    Campaign.objects.update(shown_model=None, repeat_share=0)
    version = campaign.rubric_version
    later = RubricVersion(slug=version.slug, number=2, content=version.content | {"guidance": {"en": "Look."}})
    later.published_at = version.published_at
    later.save()
    start_run(campaign, "prefill", "fake", by=None)
    Campaign.objects.update(shown_model=None)
    panel = make_campaign("panel")
    return SimpleNamespace(
        client=organiser,
        alice=alice,
        campaign=campaign,
        later=later,
        model=ModelVersion.objects.get(),
        calibration=Calibration.objects.create(campaign=make_campaign("anchors"), panel=panel),
        category=version.rubric.categories[0].key,
    )


def forms_of(table: dict[str, Form | str]) -> list[str]:
    return [name for name, place in table.items() if not isinstance(place, str)]


def send(here: SimpleNamespace, place: Form | str) -> None:
    assert not isinstance(place, str)
    address, fields = place
    answer = here.client.post(f"/organiser/portraits/{address}/", fields(here))
    assert answer.status_code == 302, answer.content.decode()


@pytest.mark.parametrize("name", forms_of(CAMPAIGN))
def test_a_field_of_a_campaign_is_set_on_its_page(here: SimpleNamespace, name: str):
    Campaign.objects.filter(pk=here.campaign.pk).update(preset="blind-panel", blind_share=100, reveal_share=0)
    before = Campaign.objects.values(name).get(slug="portraits")
    send(here, CAMPAIGN[name])
    assert Campaign.objects.values(name).get(slug="portraits") != before


@pytest.mark.parametrize("name", forms_of(MEMBERSHIP))
def test_a_field_of_taking_part_is_set_on_the_campaigns_page(here: SimpleNamespace, name: str):
    rows = Membership.objects.filter(campaign=here.campaign).order_by("pk")
    before = set(map(str, rows.values_list("user", name)))
    send(here, MEMBERSHIP[name])
    assert set(map(str, rows.values_list("user", name))) - before


@pytest.mark.parametrize(("model", "table"), [(Campaign, CAMPAIGN), (Membership, MEMBERSHIP)])
def test_every_field_has_its_place_or_a_reason(model: type[models.Model], table: dict[str, Form | str]):
    fields = [field.name for field in (*model._meta.fields, *model._meta.many_to_many)]
    assert set(fields) == set(table)
