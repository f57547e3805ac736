"""What annotators learn of how they repeat themselves: one figure, at the end, and never which images."""

import pytest

from annotation.models import Campaign
from tests.harness.factories import judge, make_campaign, somebody
from tests.webapp.organiser.campaigns.test_hours import repeat

pytestmark = pytest.mark.django_db


def make_repeated():
    alice, bob = map(somebody, ("alice", "bob"))
    campaign = make_campaign(people=(alice, bob), images=6, annotations_per_image=2)
    for number in range(6):
        repeat(campaign, alice, judge(campaign, alice, 6), 6 + number % 2)


@pytest.fixture
def repeated(recall):
    """A campaign of six images; alice judged each twice, half a point apart every other time; bob none."""
    recall(make_repeated)
    return Campaign.objects.get()


def close(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.CLOSED)


def home(client, person):
    client.force_login(person)
    return client.get("/workspace/").content.decode()


@pytest.mark.parametrize("state", [Campaign.State.OPEN, Campaign.State.PAUSED])
def test_before_the_end_nothing_tells_that_images_came_twice(client, repeated, alice, state):
    Campaign.objects.filter(pk=repeated.pk).update(state=state)
    page = home(client, alice)
    assert repeated.title in page
    assert "twice" not in page
    assert "consistency" not in page


def test_at_the_end_one_figure_over_all_images_is_told_with_n_and_interval(client, repeated, alice):
    close(repeated)
    page = home(client, alice)
    assert "6 images came to you twice." in page
    assert "differed by 0.50 points on average" in page
    assert "95 % interval" in page
    for image in repeated.images.all():
        assert f"/images/{image.pk}/" not in page


def test_with_too_few_images_it_says_why_there_is_no_figure(client, alice):
    campaign = make_campaign(people=(alice,), images=2)
    repeat(campaign, alice, judge(campaign, alice, 6), 7)
    close(campaign)
    assert "1 image came to you twice: too few to say" in home(client, alice)


def test_who_repeated_nothing_is_told_nothing_and_never_anothers_figure(client, repeated, bob):
    close(repeated)
    assert "twice" not in home(client, bob)
