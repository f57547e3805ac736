"""Who changes a campaign and who stores something in it take turns on PostgreSQL; those who store do not wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign, take_back
from annotation.actions.campaigns.change_campaign import change_campaign_state
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.actions.events import record
from annotation.actions.rubrics.change_rubric import adopt_rubric
from annotation.errors import AnnotationInvalid, NotAllowed, WorkEnded
from annotation.models import Annotation, Assignment, Campaign, CampaignImage, Event, EventChain, Membership
from tests.harness.factories import make_campaign, make_content
from tests.harness.installation import wait_until
from tests.harness.round_trip import reworded
from webapp.accounts.models import User

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("transactional_db"),
    pytest.mark.engine,
    pytest.mark.postgresql,
]

Begin = Callable[[Callable[[], Any]], "Future[Any]"]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Begin something in a thread, and go on once it is done or waits for a lock."""
    with ThreadPoolExecutor() as pool:

        def begin_there(act: Callable[[], Any]) -> Future[Any]:
            pids: list[int] = []

            def act_there() -> Any:
                try:
                    connection.ensure_connection()
                    pids.append(connection.connection.info.backend_pid)
                    return act()
                finally:
                    connection.close()

            future = pool.submit(act_there)
            wait_until(lambda: future.done() or (pids and waits_for_lock(pids[0])), "the other to be done or to wait")
            return future

        yield begin_there


def waits_for_lock(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", [pid])
        return bool(cursor.fetchone()[0])


@pytest.fixture
def campaign(alice: User, bob: User) -> Campaign:
    return make_campaign(people=(alice, bob), images=2, annotations_per_image=1)


def lock(rows: QuerySet[Any], *, nowait: bool = False) -> list[Model]:
    return list(rows.select_for_update(no_key=True, nowait=nowait))


def handed_to(campaign: Campaign, user: User) -> Assignment:
    assignment = assign.next_assignment(campaign, user)
    assert assignment is not None
    return assignment


def commit(assignment: Assignment) -> Callable[[], Assignment]:
    return partial(annotate.commit_annotation, assignment, make_content(), by=assignment.annotator)


def close(campaign: Campaign) -> Callable[[], None]:
    return partial(change_campaign_state, campaign, "close", by=None)


def test_a_close_waits_for_an_answer_that_is_being_stored(campaign: Campaign, alice: User, begin: Begin) -> None:
    assignment = handed_to(campaign, alice)
    with transaction.atomic():
        lock(CampaignImage.objects.filter(image=assignment.image))
        stored = begin(commit(assignment))
        closed = begin(close(campaign))
        assert not stored.done()
    assert not stored.result().surplus
    closed.result()
    events = Event.objects.filter(chain__campaign=campaign).order_by("number").values_list("verb", flat=True)
    assert list(events)[-2:] == ["annotation.committed", "campaign.changed"]


def test_an_answer_that_comes_while_a_campaign_is_being_closed_is_surplus(
    campaign: Campaign, alice: User, begin: Begin
) -> None:
    assignment = handed_to(campaign, alice)
    with transaction.atomic():
        lock(EventChain.objects.filter(campaign=campaign))
        closed = begin(close(campaign))
        stored = begin(commit(assignment))
        assert not closed.done()
    closed.result()
    assert stored.result().surplus
    assert not Annotation.objects.counted().exists()


def test_nothing_is_handed_out_while_a_campaign_is_being_paused(campaign: Campaign, alice: User, begin: Begin) -> None:
    with transaction.atomic():
        lock(EventChain.objects.filter(campaign=campaign))
        paused = begin(partial(change_campaign_state, campaign, "pause", by=None))
        handed_out = begin(partial(assign.next_assignment, campaign, alice))
    paused.result()
    with pytest.raises(NotAllowed):
        handed_out.result()
    assert not campaign.assignments.exists()


def test_no_skip_is_taken_back_while_a_campaign_is_being_closed(campaign: Campaign, alice: User, begin: Begin) -> None:
    assignment = handed_to(campaign, alice)
    assign.skip_assignment(assignment, "cannot_judge", by=alice)
    with transaction.atomic():
        lock(EventChain.objects.filter(campaign=campaign))
        closed = begin(close(campaign))
        taken_back = begin(partial(take_back.take_back_skip, assignment, by=alice))
    closed.result()
    with pytest.raises(WorkEnded):
        taken_back.result()


def test_an_answer_that_comes_while_another_rubric_is_adopted_is_held_against_that_one(
    campaign: Campaign, alice: User, begin: Begin
) -> None:
    assignment = handed_to(campaign, alice)
    version = reworded()
    with transaction.atomic():
        lock(EventChain.objects.filter(campaign=campaign))
        adopted = begin(partial(adopt_rubric, campaign, version, by=None))
        stored = begin(commit(assignment))
    adopted.result()
    with pytest.raises(AnnotationInvalid, match="rubric"):
        stored.result()


def test_the_same_answer_sent_twice_at_once_is_stored_once(campaign: Campaign, alice: User, begin: Begin) -> None:
    assignment = handed_to(campaign, alice)
    act = commit(assignment)
    with transaction.atomic():
        lock(CampaignImage.objects.filter(image=assignment.image))
        both = [begin(act), begin(act)]
    assert [future.result().pk for future in both] == [assignment.pk] * 2
    assert Annotation.objects.count() == 1


def test_of_two_people_who_store_something_neither_waits_for_the_other(
    campaign: Campaign, alice: User, bob: User, begin: Begin
) -> None:
    first, second = handed_to(campaign, alice), handed_to(campaign, bob)
    with transaction.atomic():
        lock(CampaignImage.objects.filter(image=first.image))
        waiting = begin(commit(first))
        assert begin(commit(second)).done()
        assert not waiting.done()
    assert not waiting.result().surplus


def test_who_waits_for_a_campaign_holds_nothing_that_whoever_changes_it_may_want(
    campaign: Campaign, alice: User, bob: User, begin: Begin
) -> None:
    assignment = handed_to(campaign, alice)
    with transaction.atomic():
        lock(Campaign.objects.filter(pk=campaign.pk))
        waiting = [begin(commit(assignment)), begin(partial(assign.next_assignment, campaign, bob))]
        assert not any(future.done() for future in waiting)
        for rows in (Assignment.objects.all(), Membership.objects.all(), CampaignImage.objects.all()):
            assert lock(rows, nowait=True)
    for future in waiting:
        future.result()


def test_an_annotation_that_waits_for_a_skip_taken_back_hands_out_nothing_beside_it(alice: User, begin: Begin) -> None:
    campaign = make_campaign(people=(alice,), images=6, annotations_per_image=1)
    skipped = handed_to(campaign, alice)
    assign.skip_assignment(skipped, "cannot_judge", by=alice)
    assignment = handed_to(campaign, alice)
    with transaction.atomic():
        take_back.take_back_skip(skipped, by=alice)
        waiting = begin(partial(annotate.commit_and_go_on, assignment.pk, make_content(), by=alice))
        assert not waiting.done()
    committed, following = waiting.result()
    assert (committed.state, following) == ("done", None)
    assert Assignment.objects.of(alice).unfinished().get() == skipped


def test_what_waits_for_a_new_daily_cap_goes_by_it(campaign: Campaign, alice: User, begin: Begin) -> None:
    assignment = handed_to(campaign, alice)
    with transaction.atomic():
        lock(Campaign.objects.filter(pk=campaign.pk))
        Campaign.objects.filter(pk=campaign.pk).update(daily_cap=1)
        waiting = begin(partial(annotate.commit_and_go_on, assignment.pk, make_content(), by=alice))
        assert not waiting.done()
    assert waiting.result()[1] is None


def test_a_place_that_is_freed_while_an_annotation_is_stored_is_found(
    campaign: Campaign, alice: User, bob: User, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = handed_to(campaign, alice), handed_to(campaign, bob)
    lock_entry = assign.lock_entry

    def lock_entry_later(assignment: Assignment) -> CampaignImage:
        begin(partial(assign.skip_assignment, second, "cannot_judge", by=bob)).result()
        return lock_entry(assignment)

    monkeypatch.setattr(annotate, "lock_entry", lock_entry_later)
    _committed, following = annotate.commit_and_go_on(first.pk, make_content(), by=alice)
    assert following
    assert following.image == second.image


def test_people_are_invited_anew_while_one_of_them_stores_an_annotation(
    campaign: Campaign, alice: User, bob: User, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = handed_to(campaign, bob)
    invited: list[Future[Any]] = []
    lock_chain = record.lock_chain

    def lock_chain_later(held: Campaign) -> EventChain:
        key = campaign.rubric.categories[0].key
        invited.append(begin(partial(invite_people, campaign, [alice, bob], by=None, categories=[key])))
        return lock_chain(held)

    monkeypatch.setattr(annotate, "lock_chain", lock_chain_later)
    assert annotate.commit_annotation(assignment, make_content(), by=bob).state == "done"
    invited[0].result()
    assert all(membership.categories for membership in Membership.objects.filter(annotator=True))
