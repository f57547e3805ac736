"""What nobody works with any more is cleared in time, and nothing before."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments import assign
from annotation.actions.campaigns.change_campaign import change_campaign_state
from annotation.actions.people.clean_up import clean_up
from annotation.models import Campaign, ViewingCheck
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def draft(campaign: Campaign, alice: User, client: Client) -> Campaign:
    """A campaign in which alice began an answer, having looked at her screen; she is signed in."""
    assignment = assign.next_assignment(campaign, alice)
    assert assignment is not None
    assignment.draft = {"judgements": {}}
    assignment.save()
    ViewingCheck.objects.create(user=alice, screen={})
    client.force_login(alice)
    return campaign


def test_drafts_and_viewing_checks_go_when_the_campaign_has_been_closed_long_enough(draft: Campaign):
    much_later = timezone.now() + timedelta(days=1000)
    report = clean_up(now=much_later)
    assert (report.drafts, report.viewing_checks, report.sessions) == (0, 0, 1), "an open campaign keeps them"
    change_campaign_state(draft, "close", by=None)
    assert clean_up(now=timezone.now() + timedelta(days=89)).drafts == 0
    report = clean_up(now=timezone.now() + timedelta(days=91))
    assert (report.drafts, report.viewing_checks) == (1, 1)
    assert not draft.assignments.exclude(draft=None).exists()
    assert verify_events(draft) == []


def test_a_session_is_kept_until_it_ends(draft: Campaign):
    clean_up()
    assert Session.objects.count() == 1


def test_the_command_prints_what_was_cleared(draft: Campaign):
    out = StringIO()
    call_command("clean_up", json=True, stdout=out)
    cleared = {"sessions": 0, "drafts": 0, "viewing_checks": 0, "removed": [], "unremoved": []}
    assert json.loads(out.getvalue()) == cleared
