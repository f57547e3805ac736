from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.actions.figures import keep_figures
from annotation.actions.people.erase_person import erase_person
from annotation.models import Figures
from tests.harness.factories import judge

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def large(campaign, alice, bob, monkeypatch):
    """Judge a little of a campaign, and let that be much."""
    monkeypatch.setattr(keep_figures, "FEW", 1)
    judge(campaign, alice)
    judge(campaign, bob)
    return campaign


def test_figures_are_not_asked_for_twice_at_once(large):
    now = timezone.now()
    assert keep_figures.ask_for_figures(large, "hours", now)
    assert not keep_figures.ask_for_figures(large, "hours", now)
    assert keep_figures.ask_for_figures(large, "retest", now)
    assert keep_figures.ask_for_figures(large, "hours", now + timedelta(minutes=11))


def test_figures_that_name_somebody_go_with_them(large, alice):
    keep_figures.work_out_figures(large, "retest")
    erase_person(alice, by=None, reason="request")
    assert not Figures.objects.exists()
