"""A skip is no end: whoever skipped takes it back for a while, and an organiser hands the image back at any time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.assignments.take_back import MINUTES, hand_back_image, take_back_skip
from annotation.actions.reviews import review
from annotation.errors import Conflict, NotAllowed, WorkEnded
from annotation.models import Assignment, Campaign, Case, Event
from tests.harness.factories import judge, make_campaign, make_content

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

OPEN, SKIPPED, RETURNED = Assignment.State.OPEN, Assignment.State.SKIPPED, Assignment.State.RETURNED
DRAFT = {"subcategory": "portrait", "judgements": {}}


def skip(campaign, user, reason="cannot_judge"):
    assignment = assign.next_assignment(campaign, user)
    assign.save_draft(assignment, DRAFT, version=assignment.draft_version, by=user)
    assign.skip_assignment(assignment, reason, by=user)
    return assignment


def entry_of(assignment):
    return assignment.campaign.entries.get(image=assignment.image_id)


def recounted(entry):
    inside = Assignment.objects.filter(campaign=entry.campaign_id, image=entry.image_id).inside()
    return max(entry.wanted - inside.count(), 0)


def test_a_skip_that_is_taken_back_is_open_again_with_its_draft_and_what_came_instead_is_given_back(campaign, alice):
    skipped = skip(campaign, alice)
    instead = assign.next_assignment(campaign, alice)
    taken = take_back_skip(skipped, by=alice)
    assert (taken.pk, taken.state, taken.draft, taken.skip_reason) == (skipped.pk, OPEN, DRAFT, "")
    instead.refresh_from_db()
    assert instead.state == RETURNED
    assert assign.next_assignment(campaign, alice) == skipped
    for assignment in (skipped, instead):
        assert entry_of(assignment).places == recounted(entry_of(assignment))
    assert list(Event.objects.values_list("verb", flat=True)).count("assignment.skip_taken_back") == 1


def test_a_retry_changes_nothing(campaign, alice):
    skipped = skip(campaign, alice)
    take_back_skip(skipped, by=alice)
    events = Event.objects.count()
    assert take_back_skip(skipped, by=alice).state == OPEN
    assert Event.objects.count() == events


def test_when_the_time_is_over_only_an_organiser_hands_the_image_back(campaign, alice, olga):
    skipped = skip(campaign, alice)
    later = timezone.now() + timedelta(minutes=MINUTES + 1)
    with pytest.raises(Conflict, match="an organiser can hand the image back"):
        take_back_skip(skipped, by=alice, now=later)
    at_hand = assign.next_assignment(campaign, alice)
    hand_back_image(skipped, by=olga)
    skipped.refresh_from_db()
    assert (skipped.state, skipped.draft) == (RETURNED, DRAFT)
    assert entry_of(skipped).places == recounted(entry_of(skipped))
    annotate.commit_annotation(at_hand, make_content(), by=alice)
    assert assign.next_assignment(campaign, alice) == skipped


def test_an_image_that_has_all_it_wants_is_not_taken_back(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    skipped = skip(campaign, alice)
    taken = assign.next_assignment(campaign, bob)
    with pytest.raises(Conflict, match="went to someone else"):
        take_back_skip(skipped, by=alice)
    annotate.commit_annotation(taken, make_content(), by=bob)
    with pytest.raises(Conflict, match="all the answers it wants"):
        take_back_skip(skipped, by=alice)
    skipped.refresh_from_db()
    assert skipped.state == SKIPPED


def test_a_first_answer_that_waits_for_its_review_is_finished_first(campaign, alice):
    skipped = skip(campaign, alice)
    at_hand = assign.next_assignment(campaign, alice)
    Assignment.objects.filter(pk=at_hand.pk).update(state=Assignment.State.COMMITTED)
    with pytest.raises(Conflict, match="finish the image at hand first"):
        take_back_skip(skipped, by=alice)


@pytest.mark.parametrize("reason", ["broken", "inappropriate", "duplicate", "wrong_category"])
def test_a_flag_goes_with_the_skip_that_raised_it(campaign, alice, reason):
    skipped = skip(campaign, alice, reason)
    assert Case.objects.get().state == Case.State.OPEN
    take_back_skip(skipped, by=alice)
    assert Case.objects.get().state == Case.State.CLOSED
    assert not entry_of(skipped).held


def test_a_flag_of_somebody_else_too_stays_and_holds_the_image(campaign, alice, bob):
    skipped = skip(campaign, alice, "broken")
    others = Assignment.objects.create(
        campaign=campaign, image=skipped.image, annotator=bob, arm="blind", position=1, lease_until=timezone.now()
    )
    assign.skip_assignment(others, "broken", by=bob)
    with pytest.raises(Conflict, match="held back until a flag is adjudicated"):
        take_back_skip(skipped, by=alice)
    assert Case.objects.get().state == Case.State.OPEN
    assert entry_of(skipped).held


def test_what_was_decided_on_the_flag_stays(campaign, alice, olga, rita):
    skipped = skip(campaign, alice, "broken")
    review.adjudicate_case(Case.objects.get(), by=rita, cause="oversight", reason="Half of it is grey.", exclude=True)
    for act, by in ((take_back_skip, alice), (hand_back_image, olga)):
        with pytest.raises(Conflict, match="excluded"):
            act(skipped, by=by)
    assert Case.objects.get().state == Case.State.ADJUDICATED


def test_nobody_else_takes_a_skip_back_and_nobody_in_a_closed_campaign(campaign, alice, bob, olga, arthur):
    skipped = skip(campaign, alice)
    for person in (bob, olga, arthur):
        with pytest.raises(NotAllowed):
            take_back_skip(skipped, by=person)
    for person in (alice, bob, arthur):
        with pytest.raises(NotAllowed):
            hand_back_image(skipped, by=person)
    Campaign.objects.update(state=Campaign.State.CLOSED)
    for act, by in ((take_back_skip, alice), (hand_back_image, olga)):
        with pytest.raises(WorkEnded):
            act(skipped, by=by)


def test_only_what_is_skipped_is_taken_or_handed_back(campaign, alice, olga):
    done = judge(campaign, alice)
    for act, by in ((take_back_skip, alice), (hand_back_image, olga)):
        with pytest.raises(Conflict, match="not skipped"):
            act(done, by=by)


def test_nothing_is_handed_back_to_whoever_left(campaign, alice, olga):
    skipped = skip(campaign, alice)
    campaign.memberships.filter(user=alice).update(annotator=False)
    with pytest.raises(Conflict, match="takes no part"):
        hand_back_image(skipped, by=olga)
