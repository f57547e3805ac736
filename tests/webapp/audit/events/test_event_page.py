"""The log of a campaign, for auditors and organisers."""

from __future__ import annotations

import pytest
from django.test import Client

from annotation.actions.events.record import record_event
from annotation.models import Campaign
from tests.harness.factories import judge, make_user
from tests.webapp.audit.reading import queries, read
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def test_events_show_pseudonyms_to_the_auditor_and_names_to_the_organiser(
    auditor: Client, campaign: Campaign, alice: User, olga: User
):
    judge(campaign, alice)
    seen = read(auditor, "/audit/portraits/events/")
    assert alice.pseudonym in seen
    assert "alice" not in seen
    auditor.force_login(olga)
    assert "alice" in read(auditor, "/audit/portraits/events/")


def test_the_newest_events_come_first_fifty_a_page(auditor: Client, campaign: Campaign):
    for number in range(60):
        record_event(campaign, f"thing.happened-{number}", campaign, by=None, content=number)
    first, second = (read(auditor, f"/audit/portraits/events/?page={page}") for page in (1, 2))
    assert "thing.happened-59" in first
    assert "thing.happened-9<" not in first
    assert "thing.happened-9<" in second
    assert "Page 1 of 2" in first


def test_the_number_of_queries_does_not_grow_with_the_events(auditor: Client, campaign: Campaign):
    read(auditor, "/audit/portraits/events/")
    before = queries(auditor, "/audit/portraits/events/")
    for number in range(20):
        record_event(campaign, "thing.happened", campaign, by=make_user(f"person-{number}"), content=number)
    assert queries(auditor, "/audit/portraits/events/") == before
