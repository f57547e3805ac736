"""What a role in one campaign does not open in another, and what an administrator does not do."""

import pytest

from annotation import policy
from annotation.actions.assignments import assign
from annotation.actions.campaigns.open_calibration import open_calibration, take_panel_scores_anew
from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.actions.images.add_to_campaign import add_images
from annotation.design.calibration import Rule
from annotation.errors import NotAllowed
from annotation.models import Campaign, PairVerdict
from annotation.roles import ANNOTATE, Role
from tests.harness.factories import give_roles, judge, make_campaign, make_image, make_user, tie

pytestmark = pytest.mark.django_db


@pytest.fixture
def oscar(campaign):
    """An organiser of the campaign `portraits` and of no other."""
    oscar = make_user("oscar")
    give_roles(oscar, campaign, Role.ORGANISER)
    return oscar


def test_who_becomes_administrator_judges_no_more(client, campaign, alice):
    assert assign.next_assignment(campaign, alice)
    alice.is_superuser = True
    alice.save()
    assert policy.may_organise(alice, campaign)
    assert not policy.may_take_part(alice, campaign)
    assert not Campaign.objects.in_which(alice, ANNOTATE).exists()
    client.force_login(alice)
    assert [client.get(path).status_code for path in ("/workspace/", "/workspace/portraits/")] == [404, 404]


def test_a_pair_is_decided_by_whom_organises_what_both_images_are_in(campaign, oscar):
    other = make_campaign("landscapes", images=0)
    pair = tie(make_image(), make_image(), "undecided")
    add_images(other, [pair.one, pair.other], by=None)
    with pytest.raises(NotAllowed):
        decide_pair(pair, same=True, by=oscar, campaign=campaign)
    assert not PairVerdict.objects.exists()
    give_roles(oscar, other, Role.ORGANISER)
    assert decide_pair(pair, same=True, by=oscar, campaign=other).same


def test_a_panel_is_read_by_whom_may_read_it(campaign, oscar, alice, bob, carol):
    panel = make_campaign("panel", people=(alice, bob, carol), images=6)
    for number in range(6):
        for person in (alice, bob, carol):
            judge(panel, person, 2 + number)
    open_calibration(campaign, panel, rule=Rule(1.5, 0.5), anchors=5, by=None)
    campaign.refresh_from_db()
    with pytest.raises(NotAllowed):
        take_panel_scores_anew(campaign, by=oscar)
    give_roles(oscar, panel, Role.AUDITOR)
    assert take_panel_scores_anew(campaign, by=oscar) == 5
