"""What a verdict on two images that may be near duplicates changes."""

import pytest

from annotation.actions.answers.verify_events import verify_events
from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.actions.images.add_to_campaign import add_images
from annotation.errors import Conflict, NotAllowed
from annotation.models import Event, NearDuplicateGroup, NearDuplicatePair, PairVerdict, WrittenOnce
from tests.harness.factories import make_campaign, make_image, tie

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def campaign(olga):
    return make_campaign(images=0)


@pytest.fixture
def images(campaign):
    rows = [make_image() for _ in range(4)]
    add_images(campaign, rows, by=None)
    return rows


def groups_of(*images):
    for image in images:
        image.refresh_from_db()
    return [image.group_id for image in images]


def test_images_told_apart_leave_each_others_group(campaign, images, olga):
    pair = tie(images[0], images[1], "undecided")
    assert len(set(groups_of(*images))) == 3
    decide_pair(pair, same=False, by=olga, campaign=campaign)
    assert len(set(groups_of(*images))) == 4
    assert NearDuplicateGroup.objects.count() == 4


def test_images_told_apart_stay_together_while_others_tie_them(campaign, images, olga):
    pair = tie(images[0], images[1], "undecided")
    tie(images[1], images[2])
    tie(images[2], images[0], "undecided")
    decide_pair(pair, same=False, by=olga, campaign=campaign)
    assert len(set(groups_of(*images[:3]))) == 1


def test_a_group_falls_apart_where_the_pair_was_all_that_held_it(campaign, images, olga):
    tie(images[0], images[1])
    bridge = tie(images[1], images[2], "undecided")
    tie(images[2], images[3])
    group = groups_of(images[0])
    decide_pair(bridge, same=False, by=olga, campaign=campaign)
    one, two, three, four = groups_of(*images)
    assert ([one], one == two, three == four, two == three) == (group, True, True, False)


def test_a_verdict_can_be_changed_and_both_are_kept(campaign, images, olga):
    pair = tie(images[0], images[1], "undecided")
    decide_pair(pair, same=False, by=olga, campaign=campaign)
    decide_pair(pair, same=True, by=olga, campaign=campaign, seen="different")
    assert len(set(groups_of(images[0], images[1]))) == 1
    assert [verdict.same for verdict in pair.verdicts.all()] == [False, True]
    with pytest.raises(WrittenOnce):
        pair.verdicts.first().delete()


def test_a_verdict_is_recorded_with_the_images_it_is_about(campaign, images, olga):
    decide_pair(tie(images[0], images[1], "undecided"), same=True, by=olga, campaign=campaign)
    event = Event.objects.get(verb="pair.adjudicated")
    assert event.details == {"images": [images[0].sha256, images[1].sha256], "same": True}
    assert event.actor == olga
    assert verify_events(campaign) == []


def test_who_was_slower_is_told_and_nothing_is_overwritten(campaign, images, olga):
    pair = tie(images[0], images[1], "undecided")
    decide_pair(pair, same=True, by=olga, campaign=campaign)
    with pytest.raises(Conflict, match="somebody else has decided"):
        decide_pair(pair, same=False, by=olga, campaign=campaign)
    assert PairVerdict.objects.count() == 1


def test_what_is_the_same_by_measure_needs_nobody(campaign, images, olga):
    with pytest.raises(Conflict, match="by measure"):
        decide_pair(tie(images[0], images[1]), same=False, by=olga, campaign=campaign, seen="sure")


def test_what_only_embeddings_take_for_the_same_can_be_told_apart(campaign, images, olga):
    pair = tie(images[0], images[1], "sure", likeness=849)
    NearDuplicatePair.objects.filter(pk=pair.pk).update(cosine=760)
    assert NearDuplicatePair.objects.open_to_verdict().get() == pair
    decide_pair(pair, same=False, by=olga, campaign=campaign, seen="sure")
    assert len(set(groups_of(images[0], images[1]))) == 2
    assert not NearDuplicatePair.objects.open_to_verdict().exists()


def test_what_hashes_and_miniatures_take_for_the_same_is_open_to_nobody(campaign, images):
    tie(images[0], images[1], likeness=950)
    pair = tie(images[1], images[2], "undecided", likeness=949)
    without_miniature = tie(images[2], images[3])
    NearDuplicatePair.objects.filter(pk=without_miniature.pk).update(likeness=None, cosine=750)
    assert set(NearDuplicatePair.objects.open_to_verdict()) == {pair, without_miniature}


@pytest.mark.parametrize("who", ["alice", "rita", "arthur", "mallory"])
def test_only_organisers_adjudicate(campaign, images, who, request):
    pair = tie(images[0], images[1], "undecided")
    with pytest.raises(NotAllowed):
        decide_pair(pair, same=True, by=request.getfixturevalue(who), campaign=campaign)
    assert NearDuplicatePair.objects.get().state == "undecided"
