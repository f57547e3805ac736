import pytest

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns import change_campaign
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Arm, Assignment, Campaign, Event
from tests.harness.factories import force_arm, judge, make_campaign, make_content, prefill_all

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def reread(campaign):
    return Campaign.objects.get(pk=campaign.pk)


def test_a_paused_campaign_hands_out_nothing_until_it_is_resumed(campaign, alice, olga):
    change_campaign.change_campaign_state(campaign, "pause", by=olga)
    with pytest.raises(NotAllowed):
        assign.next_assignment(reread(campaign), alice)
    change_campaign.change_campaign_state(campaign, "resume", by=olga)
    assert assign.next_assignment(reread(campaign), alice)


@pytest.mark.parametrize(("moves", "message"), [
    (["resume"], "only one that is paused can resume"),
    (["close", "pause"], "only one that is open can pause"),
    (["close", "close"], "only an open or paused one can be closed"),
])  # fmt: skip
def test_a_campaign_moves_only_along_its_life(campaign, olga, moves, message):
    *verbs, refused_verb = moves
    for verb in verbs:
        change_campaign.change_campaign_state(campaign, verb, by=olga)
    with pytest.raises(Conflict, match=message):
        change_campaign.change_campaign_state(campaign, refused_verb, by=olga)


def test_an_unknown_move_names_the_accepted_ones(campaign, olga):
    with pytest.raises(BadInput, match="accepted: pause, resume, reopen, close"):
        change_campaign.change_campaign_state(campaign, "explode", by=olga)


def test_an_answer_under_way_when_a_campaign_is_closed_is_kept(campaign, alice, olga):
    assignment = assign.next_assignment(campaign, alice)
    change_campaign.change_campaign_state(campaign, "close", by=olga)
    assert annotate.commit_annotation(assignment, make_content(), by=alice).annotation


def test_asking_for_more_answers_reopens_complete_images(alice, bob, olga):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=1)
    for _ in range(2):
        judge(campaign, alice)
    assert assign.next_assignment(campaign, bob) is None
    change_campaign.change_annotations_per_image(campaign, 2, by=olga)
    for _ in range(2):
        judge(reread(campaign), bob)
    assert assign.next_assignment(campaign, bob) is None


def test_asking_for_fewer_answers_stops_at_those_given(alice, bob, carol, olga):
    campaign = make_campaign(people=(alice, bob, carol), images=1, annotations_per_image=3)
    judge(campaign, alice)
    judge(campaign, bob)
    change_campaign.change_annotations_per_image(campaign, 1, by=olga)
    assert assign.next_assignment(campaign, carol) is None
    assert campaign.annotations.count() == 2


def test_the_blind_share_never_shrinks_in_an_open_campaign(alice, olga):
    campaign = make_campaign(people=(alice,), preset="prefilled")
    with pytest.raises(Conflict, match="the blind share is 20 %"):
        change_campaign.choose_arms(campaign, "commit-then-review", by=olga)
    change_campaign.choose_arms(campaign, "blind-panel", by=olga)
    assert reread(campaign).blind_share == 100


def test_a_departed_experts_open_work_goes_to_others_and_their_answers_stay(alice, bob, olga):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=1)
    final = judge(campaign, alice)
    lease = assign.next_assignment(campaign, alice)
    assert assign.next_assignment(campaign, bob) is None
    change_campaign.dismiss_person(campaign, alice, by=olga)
    assert assign.next_assignment(campaign, bob).image_id == lease.image_id
    assert campaign.annotations.get().pk == final.annotation.pk
    with pytest.raises(NotAllowed):
        assign.next_assignment(campaign, alice)


def test_a_departed_experts_unrevised_answer_becomes_final(alice, bob, olga):
    campaign = make_campaign(people=(alice, bob))
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    assignment = judge(campaign, alice)
    change_campaign.dismiss_person(campaign, alice, by=olga)
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.DONE


def test_dismissing_someone_who_takes_no_part_is_refused(campaign, mallory, olga):
    with pytest.raises(BadInput, match="mallory takes no part"):
        change_campaign.dismiss_person(campaign, mallory, by=olga)


def test_a_clone_has_the_same_images_and_people_and_none_of_the_work(campaign, alice, olga):
    judge(campaign, alice)
    copy = change_campaign.clone_campaign(campaign, "second-round", title="Second round", by=olga)
    assert copy.state == Campaign.State.DRAFT
    assert set(copy.images.all()) == set(campaign.images.all())
    assert copy.memberships.annotators().count() == 3
    assert copy.memberships.get(user=olga).organiser
    assert (copy.annotations.count(), copy.assignments.count()) == (0, 0)
    assert copy.shares == {Arm.BLIND: 100, Arm.REVEAL: 0, Arm.ASSISTED: 0}
    with pytest.raises(BadInput, match="is there already"):
        change_campaign.clone_campaign(campaign, "second-round", title="Again", by=olga)


def test_the_licence_of_the_annotations_and_the_statements_are_kept_and_copied(campaign, olga):
    change_campaign.state_release_terms(campaign, "CC-BY-4.0", {"funding": "A grant.", "contact": " "}, by=olga)
    copy = change_campaign.clone_campaign(reread(campaign), "copy", title="Copy", by=olga)
    for each_campaign in (reread(campaign), reread(copy)):
        assert (each_campaign.annotations_licence, each_campaign.statements) == ("CC-BY-4.0", {"funding": "A grant."})
    details = {"annotations_licence": "CC-BY-4.0", "statements": {"funding": "A grant."}}
    assert Event.objects.filter(verb="campaign.changed", details=details).exists()


@pytest.mark.parametrize(("licence", "statements", "message"), [
    ("do as you like", {}, "such as CC-BY-4.0 is accepted, not do as you like"),
    ("", {"poem": "Roses"}, "'poem' is unknown; accepted: creators, contact"),
    ("", {"funding": "x" * 2001}, "funding: 2000 characters at most"),
])  # fmt: skip
def test_a_licence_or_statement_that_is_not_understood_is_refused(campaign, olga, licence, statements, message):
    with pytest.raises(BadInput, match=message):
        change_campaign.state_release_terms(campaign, licence, statements, by=olga)


def test_each_change_is_an_event(campaign, olga):
    change_campaign.change_annotations_per_image(campaign, 4, by=olga)
    event = Event.objects.get(verb="campaign.changed")
    assert (event.actor, event.details) == (olga, {"annotations_per_image": 4})
