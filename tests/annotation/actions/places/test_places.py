"""Whatever happens to a campaign, an image's places are those that a recount finds, and what is left goes to people."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns.change_campaign import change_annotations_per_image, choose_precision, dismiss_person
from annotation.actions.campaigns.open_campaign import invite_people, open_campaign
from annotation.actions.releases.withdraw import withdraw_image, withdraw_person
from annotation.actions.reviews.review import adjudicate_case, reopen_case
from annotation.actions.rubrics.change_rubric import ask_assignments_again
from annotation.errors import BadInput, Conflict, WorkEnded
from annotation.models import Assignment, Campaign, Case, Event
from tests.harness.factories import force_arm, judge, make_campaign, make_content, prefill_all

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def later(minutes):
    return timezone.now() + timedelta(minutes=minutes)


def lower_k(campaign, k):
    change_annotations_per_image(campaign, k, by=None)
    campaign.refresh_from_db()


def adjudicate(case, rita, **decision):
    return adjudicate_case(case, by=rita, cause="slip", reason="Looked at.", **decision)


def test_images_that_are_complete_by_a_lower_k_are_examined_like_any_other(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=2)
    for person, score in ((alice, 2), (bob, 8)):
        for _ in range(2):
            judge(campaign, person, score)
    assert not Case.objects.exists()
    lower_k(campaign, 2)
    assert Case.objects.filter(rule=Case.Rule.SPREAD, state=Case.State.OPEN).count() == 2
    lower_k(campaign, 1)
    assert Case.objects.count() == 2, "they were complete before"


def test_no_more_than_k_count_after_k_was_lowered_and_raised_again(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=1)
    judge(campaign, alice)
    theirs = [assign.next_assignment(campaign, person) for person in (bob, carol)]
    lower_k(campaign, 1)
    with pytest.raises(Conflict, match="all the answers it wants by now"):
        assign.renew_lease(theirs[0], by=bob)
    done = annotate.commit_annotation(theirs[0], make_content(), by=bob)
    assert done.surplus
    assert assign.next_assignment(campaign, carol) is None, "what is wanted no more is not handed out again"
    lower_k(campaign, 2)
    assert campaign.entries.get().places == 1
    assert assign.next_assignment(campaign, carol).pk == theirs[1].pk
    judge(campaign, carol)
    assert campaign.annotations.counted().count() == 2
    lower_k(campaign, 4)
    assert campaign.entries.get().places == 2


def test_a_raised_k_asks_for_no_more_than_precision_allows(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=1, annotations_per_image=2)
    choose_precision(campaign, 50, 3, by=None)
    campaign.refresh_from_db()
    judge(campaign, alice, 3)
    judge(campaign, bob, 8)
    assert campaign.entries.get().wanted == 3
    lower_k(campaign, 3)
    assert campaign.entries.get().wanted == 3


def test_somebody_else_is_asked_for_the_answers_of_a_person_who_withdrew(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=2)
    for person in (alice, bob):
        judge(campaign, person)
    invite_people(campaign, [carol], by=None)
    mine = assign.next_assignment(campaign, bob)
    withdraw_person(campaign, bob, by=None)
    mine.refresh_from_db()
    assert mine.state == Assignment.State.RETURNED
    judge(campaign, carol)
    judge(campaign, carol)
    judge(campaign, alice)
    assert {entry.places for entry in campaign.entries.all()} == {0}
    assert campaign.annotations.counted().count() == 4
    with pytest.raises(BadInput, match="withdrew"):
        invite_people(campaign, [bob], by=None)


def test_a_complete_image_goes_to_a_person_who_had_it_in_no_order_once_an_answer_is_withdrawn(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=1, annotations_per_image=2)
    judge(campaign, alice)
    judge(campaign, bob)
    assert assign.next_assignment(campaign, carol) is None
    withdraw_person(campaign, alice, by=None)
    assert judge(campaign, carol)


def test_a_withdrawn_image_leaves_no_open_case_and_no_lease_and_never_comes_back(alice, bob, rita):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    assign.skip_assignment(assign.next_assignment(campaign, alice), "wrong_category", by=alice)
    held = assign.next_assignment(campaign, bob)
    assign.save_draft(held, {"words": "half"}, version=0, by=bob)
    case = Case.objects.get()
    withdraw_image(held.image, by=None, reason="licence")
    case.refresh_from_db()
    held.refresh_from_db()
    assert (case.state, held.state) == (Case.State.CLOSED, Assignment.State.RETURNED)
    with pytest.raises(Conflict, match="this case is closed: the image was withdrawn"):
        adjudicate(case, rita, subcategory="portrait")
    with pytest.raises(Conflict, match="the image was withdrawn"):
        reopen_case(case, by=rita, reason="Again.")
    for attempt in (
        lambda: assign.renew_lease(held, by=bob),
        lambda: assign.save_draft(held, {}, version=1, by=bob),
        lambda: assign.skip_assignment(held, "broken", by=bob),
        lambda: annotate.commit_annotation(held, make_content(), by=bob),
    ):
        with pytest.raises(WorkEnded, match="this image was withdrawn"):
            attempt()
    assert assign.next_assignment(campaign, bob) is None
    assert assign.explain_no_assignment(campaign, bob) == "done"
    assert Case.objects.count() == 1
    assert Event.objects.filter(verb="case.closed").exists()


def test_deciding_a_dispute_lifts_no_hold_and_deciding_a_flag_no_exclusion(alice, bob, carol, rita):
    campaign = make_campaign(people=(alice, bob, carol), images=1, annotations_per_image=2)
    theirs = assign.next_assignment(campaign, carol)
    change_annotations_per_image(campaign, 3, by=None)
    campaign.refresh_from_db()
    judge(campaign, alice, 2)
    judge(campaign, bob, 9)
    lower_k(campaign, 2)
    lower_k(campaign, 3)
    assign.skip_assignment(theirs, "broken", by=carol)
    dispute, flag = Case.objects.order_by("pk")
    assert (dispute.rule, flag.rule) == (Case.Rule.SPREAD, Case.Rule.FLAG)
    scores = dict.fromkeys(dispute.disputed, 5)
    adjudicate(dispute, rita, scores=scores)
    assert campaign.entries.get().held
    adjudicate(flag, rita, exclude=True)
    entry = campaign.entries.get()
    assert (entry.excluded, entry.held) == (True, True)
    reopen_case(dispute, by=rita, reason="Again.")
    adjudicate(dispute, rita, scores=scores)
    assert campaign.entries.get().excluded, "it was not for this reason"
    reopen_case(flag, by=rita, reason="Again.")
    adjudicate(flag, rita)
    entry = campaign.entries.get()
    assert (entry.excluded, entry.held, entry.places) == (False, False, 1)


def test_a_second_reason_to_hold_an_image_is_decided_with_the_first(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=1)
    flagged, second = (assign.next_assignment(campaign, person) for person in (alice, bob))
    assign.skip_assignment(flagged, "broken", by=alice)
    assign.skip_assignment(second, "inappropriate", by=bob)
    assert Case.objects.get().disputed == ["broken", "inappropriate"]


@pytest.mark.parametrize("exclude", [False, True])
def test_work_under_way_on_an_image_that_is_held_or_excluded_ends_and_what_was_written_stays(alice, bob, rita, exclude):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    mine, theirs = (assign.next_assignment(campaign, person) for person in (alice, bob))
    assign.save_draft(mine, {"words": "half"}, version=0, by=alice)
    assign.skip_assignment(theirs, "broken", by=bob)
    with pytest.raises(Conflict, match="held back until a flag is adjudicated"):
        assign.renew_lease(mine, by=alice)
    assert assign.next_assignment(campaign, alice) is None
    assert assign.explain_no_assignment(campaign, alice) == "held"
    adjudicate(Case.objects.get(), rita, exclude=exclude)
    again = assign.next_assignment(campaign, alice)
    if exclude:
        assert again is None
        assert annotate.commit_annotation(mine, make_content(), by=alice).surplus
    else:
        assert (again.pk, again.draft) == (mine.pk, {"words": "half"})
        assert not judge(campaign, alice).surplus


def test_a_first_answer_under_review_is_final_when_its_image_is_excluded(alice, bob, rita):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    mine = judge(campaign, alice)
    assert mine.state == Assignment.State.COMMITTED
    assign.skip_assignment(assign.next_assignment(campaign, bob), "broken", by=bob)
    assert assign.next_assignment(campaign, alice).pk == mine.pk, "nobody else's flag takes the review away"
    adjudicate(Case.objects.get(), rita, exclude=True)
    mine.refresh_from_db()
    assert mine.state == Assignment.State.DONE


def test_nothing_that_is_held_is_handed_out_as_a_repeat(alice, bob, rita):
    campaign = make_campaign(people=(alice, bob), images=2, repeat_share=100, annotations_per_image=2)
    for _ in range(2):
        judge(campaign, alice)
    repeat = assign.next_assignment(campaign, alice, now=later(8 * 24 * 60))
    assert repeat.repeat
    withdraw_image(repeat.image, by=None, reason="depicted")
    again = assign.next_assignment(campaign, alice, now=later(8 * 24 * 60))
    assert again.image_id != repeat.image_id


def test_a_newcomer_is_told_of_what_others_hold_and_gets_it_when_it_is_free(alice, bob):
    campaign = make_campaign(people=(alice,), images=1, annotations_per_image=1)
    assign.next_assignment(campaign, alice)
    invite_people(campaign, [bob], by=None)
    assert assign.next_assignment(campaign, bob) is None
    assert assign.explain_no_assignment(campaign, bob) == "taken"
    assert assign.next_assignment(campaign, bob, now=later(60)) is not None
    assert assign.next_assignment(campaign, alice, now=later(61)) is None
    assert assign.explain_no_assignment(campaign, alice) == "taken", "it may come back to her"


def test_an_image_asked_for_again_goes_to_others_when_who_judged_it_has_left(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    judge(campaign, alice)
    dismiss_person(campaign, alice, by=None)
    ask_assignments_again(campaign, campaign.assignments.all())
    assert judge(campaign, bob)


def test_who_is_invited_again_is_asked_again_what_the_rubric_asked_again_meanwhile(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=2)
    judge(campaign, alice)
    dismiss_person(campaign, alice, by=None)
    ask_assignments_again(campaign, campaign.assignments.all())
    invite_people(campaign, [alice], by=None)
    assert {judge(campaign, alice).image_id for _ in range(2)} == {image.pk for image in campaign.images.all()}


def test_an_adjudicated_subcategory_moves_the_image_to_whom_may_judge_it(alice, bob, carol, rita):
    campaign = make_campaign(people=(alice,), images=1)
    invite_people(campaign, [bob], by=None, categories=["design_3d"])
    invite_people(campaign, [carol], by=None, categories=["photography"])
    assign.skip_assignment(assign.next_assignment(campaign, alice), "wrong_category", by=alice)
    adjudicate(Case.objects.get(), rita, subcategory="sculpture")
    assert assign.next_assignment(campaign, carol) is None
    assert judge(campaign, bob)


def test_a_closed_campaign_is_opened_again_by_reopening_only(campaign, alice):
    Campaign.objects.update(state=Campaign.State.CLOSED)
    with pytest.raises(Conflict, match="was opened before"):
        open_campaign(campaign, by=None)
