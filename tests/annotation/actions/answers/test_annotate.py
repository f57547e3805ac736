import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.actions.answers import annotate
from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments import assign
from annotation.errors import AnnotationInvalid, Conflict
from annotation.models import Assignment, Event, Judgement, Revision, WrittenOnce
from tests.harness.factories import SECRET_WORDS, force_arm, judge, make_campaign, make_content, prefill_all
from tests.harness.tampering import change_behind_the_back

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def revealing(alice, bob, carol):
    campaign = make_campaign("revealing", people=(alice, bob, carol))
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    return campaign


@pytest.fixture
def assisted_campaign(alice):
    campaign = make_campaign("assisted", people=(alice,))
    prefill_all(campaign)
    force_arm(campaign, assisted=100)
    return campaign


def test_a_first_answer_is_stored_whole(campaign, alice):
    assignment = judge(campaign, alice, 7.5, overall_gestalt=9, comprehensive_evaluation=2)
    revision = assignment.annotation.revisions.get()
    assert assignment.state == Assignment.State.DONE
    assert (revision.number, revision.kind, revision.subcategory) == (1, "first", "portrait")
    assert (revision.seconds, revision.seconds_to_first_score) == (90, 8)
    steps = dict(revision.judgements.values_list("attribute", "steps"))
    assert (steps["composition_design"], steps["overall_gestalt"]) == (15, 18)
    # 62 % of 7.5 and 38 % of 9; the eighth attribute has no weight.
    assert revision.holistic == 807


def test_the_event_seals_the_content(campaign, alice):
    assignment = judge(campaign, alice)
    event = Event.objects.get(verb="annotation.committed")
    assert event.content_hash == assignment.annotation.revisions.get().content_hash
    assert event.actor == alice


def test_a_retry_with_the_same_key_changes_nothing(campaign, alice):
    assignment = assign.next_assignment(campaign, alice)
    content = make_content()
    for _ in range(3):
        annotate.commit_annotation(assignment, content, by=alice)
    assert Revision.objects.count() == 1
    assert Judgement.objects.count() == 8


def test_a_second_answer_to_the_same_image_is_a_conflict(campaign, alice):
    assignment = assign.next_assignment(campaign, alice)
    annotate.commit_annotation(assignment, make_content(), by=alice)
    with pytest.raises(Conflict, match="stored already"):
        annotate.commit_annotation(assignment, make_content(), by=alice)


def test_a_key_used_for_another_answer_to_the_same_image_is_refused(revealing, alice):
    assignment = assign.next_assignment(revealing, alice)
    content = make_content(6)
    annotate.commit_annotation(assignment, content, by=alice)
    with pytest.raises(Conflict, match="used for another answer"):
        annotate.commit_annotation(assignment, make_content(8) | {"key": content["key"]}, by=alice)
    with pytest.raises(Conflict, match="used for another answer"):
        annotate.revise_annotation(assignment, content, by=alice)


def test_a_key_used_for_another_image_is_refused(campaign, alice):
    content = make_content()
    annotate.commit_annotation(assign.next_assignment(campaign, alice), content, by=alice)
    with pytest.raises(Conflict, match="used for another answer"):
        annotate.commit_annotation(assign.next_assignment(campaign, alice), content, by=alice)


def test_an_invalid_answer_stores_nothing(campaign, alice):
    assignment = assign.next_assignment(campaign, alice)
    events = Event.objects.count()
    with pytest.raises(AnnotationInvalid):
        annotate.commit_annotation(assignment, make_content(7.3), by=alice)
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.OPEN
    assert (Revision.objects.count(), Event.objects.count()) == (0, events)


def test_in_the_reveal_arm_the_prefill_is_tied_to_the_answer_at_the_commit(revealing, alice):
    assignment = assign.next_assignment(revealing, alice)
    assert assignment.shown_prefill is None
    result = annotate.commit_annotation(assignment, make_content(), by=alice)
    assert result.state == Assignment.State.COMMITTED
    assert result.shown_prefill.image == result.image


def test_without_a_prefill_the_reveal_arm_is_done_at_the_commit(alice):
    campaign = make_campaign(people=(alice,))
    force_arm(campaign, reveal=100)
    assert judge(campaign, alice).state == Assignment.State.DONE


def test_keeping_ones_answer_adds_no_revision(revealing, alice):
    assignment = judge(revealing, alice, 6)
    result = annotate.revise_annotation(assignment, make_content(6), by=alice)
    assert result.state == Assignment.State.DONE
    assert result.annotation.revisions.count() == 1
    assert Event.objects.get(verb="annotation.kept").details == {"seconds": 90}


def test_revising_keeps_both_answers_and_says_where_each_field_came_from(revealing, alice):
    assignment = judge(revealing, alice, 6)
    content = make_content(6)
    critique = f"{SECRET_WORDS}: overall_gestalt"
    content["judgements"]["overall_gestalt"] |= {"score": 7, "score_origin": "accepted"}
    content["judgements"]["overall_gestalt"] |= {"critique": critique, "critique_origin": "accepted"}
    content["judgements"]["composition_design"] |= {
        "critique": f"{SECRET_WORDS}: composition",
        "critique_origin": "edited",
    }
    result = annotate.revise_annotation(assignment, content, by=alice)
    first, final = result.annotation.revisions.order_by("number")
    assert (first.kind, final.kind) == ("first", "after_reveal")
    gestalt = final.judgements.get(attribute="overall_gestalt")
    assert (gestalt.steps, gestalt.score_origin, gestalt.critique_origin) == (14, "accepted", "accepted")
    judgement = final.judgements.get(attribute="composition_design")
    assert (judgement.critique_origin, judgement.edit_distance) == ("edited", len("_design"))
    assert first.judgements.get(attribute="overall_gestalt").steps == 12


def test_nothing_can_be_revised_before_the_commit_or_after_the_end(revealing, alice):
    assignment = assign.next_assignment(revealing, alice)
    with pytest.raises(Conflict, match="nothing to revise"):
        annotate.revise_annotation(assignment, make_content(), by=alice)
    annotate.commit_annotation(assignment, make_content(6), by=alice)
    annotate.revise_annotation(assignment, make_content(6), by=alice)
    with pytest.raises(Conflict, match="it is final"):
        annotate.revise_annotation(assignment, make_content(8), by=alice)


def test_a_blind_answer_cannot_claim_to_come_from_the_model(campaign, alice):
    content = make_content()
    content["judgements"]["overall_gestalt"]["score_origin"] = "accepted"
    with pytest.raises(AnnotationInvalid, match="only 'own' is accepted"):
        annotate.commit_annotation(assign.next_assignment(campaign, alice), content, by=alice)


def test_a_first_answer_in_the_reveal_arm_cannot_claim_to_come_from_the_model(revealing, alice):
    content = make_content()
    content["judgements"]["overall_gestalt"]["critique_origin"] = "edited"
    with pytest.raises(AnnotationInvalid, match="only 'own' is accepted"):
        annotate.commit_annotation(assign.next_assignment(revealing, alice), content, by=alice)


def test_an_assisted_answer_records_what_was_accepted_and_what_was_changed(assisted_campaign, alice):
    content = make_content(7)
    for key, judgement in content["judgements"].items():
        judgement |= {"score_origin": "accepted", "critique": f"{SECRET_WORDS}: {key}", "critique_origin": "accepted"}
    content["judgements"]["overall_gestalt"]["score"] = 4
    assignment = annotate.commit_annotation(assign.next_assignment(assisted_campaign, alice), content, by=alice)
    assert assignment.state == Assignment.State.DONE
    origins = dict(assignment.annotation.revisions.get().judgements.values_list("attribute", "score_origin"))
    assert origins["overall_gestalt"] == "edited"
    assert origins["composition_design"] == "accepted"
    # The prefill for the overall judgement is the model's overall score, 63 of 100: 6.5 on our scale.
    assert origins["comprehensive_evaluation"] == "edited"


def test_the_models_very_words_are_the_models_whatever_the_page_claims(assisted_campaign, alice):
    content = make_content(7)
    content["judgements"]["overall_gestalt"]["critique"] = f"{SECRET_WORDS}: overall_gestalt"
    assignment = annotate.commit_annotation(assign.next_assignment(assisted_campaign, alice), content, by=alice)
    judgement = assignment.annotation.revisions.get().judgements.get(attribute="overall_gestalt")
    assert (judgement.critique_origin, judgement.edit_distance) == ("accepted", 0)


def test_headline_answers_leave_out_assisted_and_later_ones(revealing, assisted_campaign, alice, bob):
    first = judge(revealing, alice, 6)
    annotate.revise_annotation(first, make_content(8), by=alice)
    judge(assisted_campaign, alice)
    judge(revealing, bob)
    headline = Judgement.objects.headline(revealing)
    assert headline.count() == 16
    assert set(headline.filter(revision__annotation__annotator=alice).values_list("steps", flat=True)) == {12}
    assert Judgement.objects.headline(assisted_campaign).count() == 0


def test_answers_are_written_once(campaign, alice):
    revision = judge(campaign, alice).annotation.revisions.get()
    revision.holistic = 1
    for attempt in (
        revision.save,
        revision.delete,
        lambda: Revision.objects.update(holistic=1),
        lambda: Judgement.objects.all().delete(),
    ):
        with pytest.raises(WrittenOnce):
            attempt()


def test_each_submit_needs_a_key(campaign, alice):
    with pytest.raises(AnnotationInvalid, match="a UUID is accepted"):
        annotate.commit_annotation(assign.next_assignment(campaign, alice), make_content() | {"key": "again"}, by=alice)
    assert uuid.UUID(make_content()["key"])


def test_pasted_text_is_recorded_as_pasted_and_sealed(campaign, alice):
    assignment = assign.next_assignment(campaign, alice)
    content = make_content()
    content["judgements"]["overall_gestalt"]["pasted"] = 17
    result = annotate.commit_annotation(assignment, content, by=alice)
    judgements = result.annotation.revisions.get().judgements
    assert dict(judgements.exclude(pasted=0).values_list("attribute", "pasted")) == {"overall_gestalt": 17}
    assert verify_events(campaign) == []
    change_behind_the_back("UPDATE annotation_judgement SET pasted = 0")
    assert "its content is not what its event sealed" in verify_events(campaign)[0]


def test_pins_are_part_of_the_answer_its_hash_and_what_keeping_it_means(revealing, alice):
    pins = [{"x": 0.25, "y": 1.0}, {"x": 0.0, "y": 0.5, "width": 0.3, "height": 0.2}]
    assignment = assign.next_assignment(revealing, alice)
    content = make_content()
    content["judgements"]["overall_gestalt"]["pins"] = pins
    for _ in range(2):
        assignment = annotate.commit_annotation(assignment, content, by=alice)
    with pytest.raises(Conflict, match="this key was used for another answer"):
        annotate.commit_annotation(assignment, make_content() | {"key": content["key"]}, by=alice)
    result = annotate.revise_annotation(assignment, make_content(), by=alice)
    first, final = result.annotation.revisions.order_by("number")
    assert first.judgements.get(attribute="overall_gestalt").pins == pins
    assert final.judgements.get(attribute="overall_gestalt").pins == []
    assert verify_events(revealing) == []
    change_behind_the_back("UPDATE annotation_judgement SET pins = '[]'")
    assert "its content is not what its event sealed" in verify_events(revealing)[0]


def test_the_position_in_the_sitting_begins_anew_after_half_an_hour(campaign, alice):
    start = timezone.now() - timedelta(hours=2)
    positions = []
    for minutes in (0, 29, 60):
        assignment = assign.next_assignment(campaign, alice)
        result = annotate.commit_annotation(
            assignment, make_content(), by=alice, now=start + timedelta(minutes=minutes)
        )
        positions.append(result.annotation.sitting_position)
    assert positions == [1, 2, 1]
