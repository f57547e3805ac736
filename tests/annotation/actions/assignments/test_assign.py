import re
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns.open_campaign import invite_people, open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.places.orders import Walk
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Arm, Assignment, Campaign, Case, Event
from bench import assignment as assignment_bench
from tests.harness.factories import force_arm, judge, make_campaign, make_content, make_image, make_user, prefill_all

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def later(minutes):
    return timezone.now() + timedelta(minutes=minutes)


def test_asking_twice_gives_the_same_assignment(campaign, alice):
    assert assign.next_assignment(campaign, alice) == assign.next_assignment(campaign, alice)


def test_nobody_is_handed_an_image_twice(campaign, alice):
    images = {judge(campaign, alice).image_id for _ in range(3)}
    assert len(images) == 3
    assert assign.next_assignment(campaign, alice) is None


def test_an_image_gets_exactly_k_answers(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), annotations_per_image=2)
    handed = 0
    for person in (alice, bob, carol):
        while assign.next_assignment(campaign, person):
            judge(campaign, person)
            handed += 1
    assert handed == 6
    assert {image.annotations.count() for image in campaign.images.all()} == {2}


def test_a_held_lease_takes_a_place_and_an_ended_one_gives_it_back(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    first = assign.next_assignment(campaign, alice)
    assert assign.next_assignment(campaign, bob) is None
    second = assign.next_assignment(campaign, bob, now=later(campaign.lease_minutes + 1))
    assert second.image_id == first.image_id


def test_an_ended_lease_is_renewed_while_nobody_else_took_the_place(campaign, alice):
    first = assign.next_assignment(campaign, alice)
    second = assign.next_assignment(campaign, alice, now=later(120))
    assert second.pk == first.pk
    assert second.lease_until > later(120)


def test_an_answer_that_comes_after_its_place_went_to_another_is_kept_as_surplus(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    own = assign.next_assignment(campaign, alice)
    rival = assign.next_assignment(campaign, bob, now=later(60))
    annotate.commit_annotation(rival, make_content(), by=bob, now=later(61))
    result = annotate.commit_annotation(own, make_content(), by=alice, now=later(62))
    assert result.surplus
    assert result.annotation.surplus
    assert campaign.annotations.counted().count() == 1
    assert campaign.annotations.count() == 2


def test_an_answer_that_comes_late_still_counts_while_its_place_is_free(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    assignment = assign.next_assignment(campaign, alice)
    assert not annotate.commit_annotation(assignment, make_content(), by=alice, now=later(62)).surplus


def test_a_returned_assignment_is_offered_again_with_its_draft_when_a_place_frees(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    own = assign.next_assignment(campaign, alice)
    assign.save_draft(own, {"words": "half a thought"}, version=0, by=alice)
    rival = assign.next_assignment(campaign, bob, now=later(60))
    assert assign.next_assignment(campaign, alice, now=later(61)) is None
    assign.skip_assignment(rival, "cannot_judge", by=bob)
    offer = assign.next_assignment(campaign, alice, now=later(62))
    assert offer.pk == own.pk
    assert offer.draft == {"words": "half a thought"}


def test_a_skipped_image_goes_to_someone_else_and_not_back(campaign, alice, bob):
    assignment = assign.next_assignment(campaign, alice)
    assign.skip_assignment(assignment, "cannot_judge", by=alice)
    image_ids = {judge(campaign, alice).image_id for _ in range(2)}
    assert assignment.image_id not in image_ids
    assert assign.next_assignment(campaign, alice) is None
    assert assignment.image_id in {judge(campaign, bob).image_id for _ in range(3)}


def test_an_unknown_skip_reason_names_the_accepted_ones(campaign, alice):
    with pytest.raises(BadInput, match="'bored' is unknown; accepted: cannot_judge, broken"):
        assign.skip_assignment(assign.next_assignment(campaign, alice), "bored", by=alice)


def test_people_get_images_in_orders_of_their_own(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=8, annotations_per_image=2)
    orders = [[judge(campaign, person).image_id for _ in range(8)] for person in (alice, bob)]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_only_eligible_categories_are_handed_out(alice):
    campaign = make_campaign(people=(alice,), images=2)
    sculpture = make_image("sculpture")
    add_images(campaign, [sculpture], by=None)
    invite_people(campaign, [alice], by=None, categories=["design_3d"])
    assert judge(campaign, alice).image == sculpture
    assert assign.next_assignment(campaign, alice) is None


@pytest.mark.parametrize("state", [Campaign.State.DRAFT, Campaign.State.PAUSED, Campaign.State.CLOSED])
def test_only_an_open_campaign_hands_out_work(campaign, alice, state):
    campaign.state = state
    campaign.save()
    with pytest.raises(NotAllowed):
        assign.next_assignment(campaign, alice)


def test_outsiders_and_other_roles_are_handed_nothing(campaign, mallory, olga, arthur, rita):
    for person in (mallory, olga, arthur, rita):
        with pytest.raises(NotAllowed):
            assign.next_assignment(campaign, person)


def test_arms_stand_in_their_shares_for_each_person_and_subcategory(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=20, preset="commit-then-review")
    for person in (alice, bob):
        for _ in range(20):
            assignment = judge(campaign, person)
            assert assignment.state == "done"
        arms = Counter(campaign.assignments.of(person).values_list("arm", flat=True))
        assert arms == {Arm.REVEAL: 17, Arm.BLIND: 3}
    first, second = (list(campaign.assignments.of(person).values_list("arm", flat=True)) for person in (alice, bob))
    assert first != second


def test_arms_drawn_by_person_are_the_same_on_every_image(alice):
    campaign = make_campaign(people=(alice,), images=6, preset="prefilled", arms_by=Campaign.ArmsBy.PERSON)
    for _ in range(6):
        judge(campaign, alice)
    assert campaign.assignments.values("arm").distinct().count() == 1


def test_an_assisted_assignment_carries_the_prefill_from_the_start(alice):
    campaign = make_campaign(people=(alice,))
    prefill_all(campaign)
    force_arm(campaign, assisted=100)
    assert assign.next_assignment(campaign, alice).shown_prefill is not None


def test_a_draft_from_another_tab_is_not_overwritten(campaign, alice):
    assignment = assign.next_assignment(campaign, alice)
    assert assign.save_draft(assignment, {"a": 1}, version=0, by=alice) == 1
    with pytest.raises(Conflict, match="another tab has saved version 1"):
        assign.save_draft(assignment, {"b": 2}, version=0, by=alice)
    assignment.refresh_from_db()
    assert assignment.draft == {"a": 1}


def test_a_draft_that_is_no_object_or_too_large_is_refused(campaign, alice):
    assignment = assign.next_assignment(campaign, alice)
    for draft in ("text", {"a": "x" * 300_000}):
        with pytest.raises(BadInput, match="at most 200000"):
            assign.save_draft(assignment, draft, version=0, by=alice)


def test_a_heartbeat_extends_the_lease_until_the_place_is_gone(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    assignment = assign.next_assignment(campaign, alice)
    assert assign.renew_lease(assignment, by=alice, now=later(10)) > later(35)
    assign.next_assignment(campaign, bob, now=later(100))
    with pytest.raises(Conflict, match="went to someone else"):
        assign.renew_lease(assignment, by=alice, now=later(101))


def test_nobody_touches_anothers_assignment(campaign, alice, bob):
    assignment = assign.next_assignment(campaign, alice)
    for attempt in (
        lambda: assign.renew_lease(assignment, by=bob),
        lambda: assign.save_draft(assignment, {}, version=0, by=bob),
        lambda: assign.skip_assignment(assignment, "broken", by=bob),
        lambda: annotate.commit_annotation(assignment, make_content(), by=bob),
        lambda: annotate.revise_annotation(assignment, make_content(), by=bob),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_handing_out_is_recorded(campaign, alice):
    assign.next_assignment(campaign, alice)
    event = Event.objects.latest("number")
    assert (event.verb, event.actor) == ("assignment.handed_out", alice)


def test_the_number_of_queries_does_not_grow_with_the_campaign(alice, django_assert_max_num_queries):
    small = make_campaign("small", people=(alice,), images=2)
    large = make_campaign("large", people=(alice,), images=30)
    for campaign in (small, large):
        with django_assert_max_num_queries(28):
            assign.next_assignment(campaign, alice)


def test_the_first_image_of_an_order_is_found_by_an_index(db):
    campaign, person = assignment_bench.make_campaign(5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    walk = Walk(campaign.memberships.get(user=person))
    [first, *_] = walk.stretches(8)
    plan = walk.images_at(first)[:1].explain()
    assert re.search(r"a_number_per_image|available_images", plan), plan
    assert not re.search(r"(Seq Scan on|SCAN) annotation_campaignimage", plan), plan


def test_progress_counts_what_is_done_and_what_is_left(campaign, alice):
    assert campaign.entries.progress_of(alice, campaign) == {"done": 0, "left": 3, "total": 3}
    judge(campaign, alice)
    assign.next_assignment(campaign, alice)
    assert campaign.entries.progress_of(alice, campaign) == {"done": 1, "left": 2, "total": 3}
    assert Assignment.objects.count() == 2


def test_a_newcomer_is_offered_what_others_skipped(alice):
    campaign = make_campaign(people=(alice,), images=1, annotations_per_image=1)
    assign.skip_assignment(assign.next_assignment(campaign, alice), "cannot_judge", by=alice)
    dave = make_user("dave")
    invite_people(campaign, [dave], by=None)
    assert assign.next_assignment(campaign, dave) is not None


@pytest.mark.parametrize("reason", ["broken", "inappropriate", "duplicate"])
def test_a_flagged_image_is_held_back_from_everybody_until_the_case_is_adjudicated(campaign, alice, bob, reason):
    flagged = assign.next_assignment(campaign, alice)
    assign.skip_assignment(flagged, reason, by=alice)
    case = Case.objects.get()
    assert (case.image, case.rule, case.disputed) == (flagged.image, Case.Rule.FLAG, [reason])
    assert flagged.image_id not in {judge(campaign, bob).image_id for _ in range(2)}
    assert assign.next_assignment(campaign, bob) is None


def test_a_wrong_category_opens_a_case_and_the_image_stays_in_work(campaign, alice, bob):
    flagged = assign.next_assignment(campaign, alice)
    assign.skip_assignment(flagged, "wrong_category", by=alice)
    assert Case.objects.get().rule == Case.Rule.CATEGORY
    assert flagged.image_id in {judge(campaign, bob).image_id for _ in range(3)}


def test_nobody_is_handed_more_than_the_cap_of_the_day_or_the_campaign(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=4, daily_cap=2)
    for _ in range(2):
        judge(campaign, alice)
    assert assign.next_assignment(campaign, alice) is None
    assert assign.next_assignment(campaign, alice, now=later(25 * 60)) is not None
    campaign.memberships.filter(user=bob).update(cap=1)
    judge(campaign, bob)
    assert assign.next_assignment(campaign, bob, now=later(25 * 60)) is None


def test_images_added_later_are_lined_up_behind_the_others(campaign, alice):
    newcomer = make_image()
    add_images(campaign, [newcomer], by=None)
    order = [judge(campaign, alice).image_id for _ in range(4)]
    assert order[-1] == newcomer.pk


def test_finished_images_come_back_as_hidden_repeats_after_the_gap(alice):
    campaign = make_campaign(people=(alice,), images=4, repeat_share=100, repeat_gap_days=7)
    for _ in range(4):
        judge(campaign, alice)
    assert assign.next_assignment(campaign, alice, now=later(6 * 24 * 60)) is None
    repeat = assign.next_assignment(campaign, alice, now=later(8 * 24 * 60))
    assert (repeat.repeat, repeat.arm) == (True, Arm.BLIND)
    annotate.commit_annotation(repeat, make_content(), by=alice)
    assert campaign.annotations.counted().count() == 4
    repeat_assignment = assign.next_assignment(campaign, alice, now=later(8 * 24 * 60))
    assert repeat_assignment.image_id != repeat.image_id


def test_without_a_share_nothing_is_repeated(campaign, alice):
    for _ in range(3):
        judge(campaign, alice)
    assert assign.next_assignment(campaign, alice, now=later(90 * 24 * 60)) is None


def test_further_answers_are_asked_for_where_the_mean_is_uncertain_and_nowhere_else(alice, bob, carol):
    campaign = make_campaign(
        people=(alice, bob, carol),
        images=1,
        annotations_per_image=2,
        precision_target=100,
        most_annotations_per_image=3,
    )
    judge(campaign, alice, 3)
    judge(campaign, bob, 8)
    assert judge(campaign, carol, 5) is not None
    assert campaign.entries.get().wanted == 3
    other_campaign = make_campaign(
        "adjudicated",
        people=(alice, bob, carol),
        images=1,
        annotations_per_image=2,
        precision_target=100,
        most_annotations_per_image=3,
    )
    judge(other_campaign, alice, 6)
    judge(other_campaign, bob, 6)
    assert assign.next_assignment(other_campaign, carol) is None


def test_people_leave_no_place_behind_uncounted(campaign, alice, bob, carol):
    for person in (alice, bob, carol):
        while assign.next_assignment(campaign, person):
            judge(campaign, person)
    assert set(campaign.entries.values_list("places", flat=True)) == {0}


def test_whoever_gets_nothing_is_told_why(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=1, daily_cap=1)
    judge(campaign, alice)
    assert assign.explain_no_assignment(campaign, alice) == "capped"
    assign.next_assignment(campaign, bob)
    campaign.daily_cap = None
    campaign.save()
    assert assign.next_assignment(campaign, alice) is None
    assert assign.explain_no_assignment(campaign, alice) == "taken"
    judge(campaign, bob)
    assert assign.explain_no_assignment(campaign, alice) == "done"


def test_nobody_judges_an_image_whose_prefill_they_saw_in_another_campaign(alice, bob):
    first = make_campaign("assisted-first", people=(alice, bob), images=1)
    prefill_all(first)
    force_arm(first, assisted=100)
    judge(first, alice)
    second = make_campaign("blind-second", people=(alice, bob), images=0, opened=False)
    add_images(second, [first.images.get()], by=None)
    open_campaign(second, by=None)
    assert assign.next_assignment(second, alice) is None
    assert assign.explain_no_assignment(second, alice) == "done"
    assert assign.next_assignment(second, bob) is not None


@pytest.mark.parametrize("text", ["half \ud800", "nul \x00"])
def test_a_draft_that_could_not_be_sent_back_is_refused(campaign, alice, text):
    assignment = assign.next_assignment(campaign, alice)
    with pytest.raises(BadInput, match="cannot be stored"):
        assign.save_draft(assignment, {"words": {"deep": [text]}}, version=0, by=alice)


def test_a_late_answer_is_kept_as_surplus_even_when_its_author_is_busy_with_another(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=1)
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    own = assign.next_assignment(campaign, alice)
    rival = assign.next_assignment(campaign, bob, now=later(60))
    annotate.commit_annotation(rival, make_content(), by=bob, now=later(61))
    newcomer = make_image()
    add_images(campaign, [newcomer], by=None)
    busy = assign.next_assignment(campaign, alice, now=later(62))
    assert busy.image == newcomer
    with pytest.raises(Conflict):
        assign.renew_lease(own, by=alice, now=later(63))
    result = annotate.commit_annotation(own, make_content(), by=alice, now=later(64))
    assert (result.surplus, result.state) == (True, Assignment.State.DONE)
