"""Answers for other programs: a line each, complete, and few queries for many."""

import json

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.answers.annotate import commit_annotation, revise_annotation
from annotation.actions.answers.export_annotations import annotations_of
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.releases.withdraw import withdraw_image, withdraw_person
from tests.harness.factories import SECRET_WORDS, force_arm, judge, make_campaign, make_content, prefill_all

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def judged_campaign(alice, bob):
    """A campaign with a blind answer of bob's, and one of alice's before and after the reveal."""
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    prefill_all(campaign)
    judge(campaign, bob, 4)
    force_arm(campaign, reveal=100)
    first = commit_annotation(next_assignment(campaign, alice), make_content(6), by=alice)
    later = make_content(6.5)
    later["judgements"]["overall_gestalt"] |= {"critique": f"{SECRET_WORDS}!", "critique_origin": "edited"}
    revise_annotation(first, later, by=alice)
    return campaign


def test_every_answer_is_a_line_with_all_that_was_given(judged_campaign, alice, bob, tmp_path):
    call_command("export_annotations", "portraits", out=tmp_path / "answers.jsonl")
    rows = [json.loads(text) for text in (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    facts = [(row["rater"], row["arm"], row["number"], row["kind"], row["holistic"]) for row in rows]
    assert facts == [
        (bob.pseudonym, "blind", 1, "first", 4),
        (alice.pseudonym, "reveal", 1, "first", 6),
        (alice.pseudonym, "reveal", 2, "after_reveal", 6.5),
    ]
    image = judged_campaign.images.get()
    assert {(row["image"], row["file_name"]) for row in rows} == {(image.sha256, image.original_name)}
    assert all(len(row["judgements"]) == 8 for row in rows)
    gestalt = rows[2]["judgements"]["overall_gestalt"]
    assert (gestalt["score"], gestalt["critique_origin"], gestalt["critique"]) == (6.5, "edited", f"{SECRET_WORDS}!")
    assert gestalt["edit_distance"] > 0
    assert "alice" not in (tmp_path / "answers.jsonl").read_text(encoding="utf-8")


def test_a_file_that_is_there_is_kept(judged_campaign, tmp_path):
    (tmp_path / "answers.jsonl").write_text("mine")
    with pytest.raises(CommandError, match="cannot be written: File exists"):
        call_command("export_annotations", "portraits", out=tmp_path / "answers.jsonl")
    assert (tmp_path / "answers.jsonl").read_text() == "mine"


def test_it_takes_four_queries_for_five_hundred_answers(alice, django_assert_num_queries):
    campaign = make_campaign(people=(alice,), images=7, annotations_per_image=1)
    for _ in range(7):
        judge(campaign, alice)
    with django_assert_num_queries(4):
        assert len(list(annotations_of(campaign))) == 7


def test_what_was_withdrawn_is_left_out_and_marked_where_it_is_asked_for(alice, bob, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=2)
    for person in (alice, alice, bob, bob):
        judge(campaign, person)
    kept, gone = campaign.images.order_by("pk")
    withdraw_image(gone, by=None, reason="depicted")
    withdraw_person(campaign, bob, by=None)
    [row] = annotations_of(campaign)
    assert (row["image"], row["rater"], "withdrawn" in row) == (kept.sha256, alice.pseudonym, False)
    call_command("export_annotations", "portraits", out=tmp_path / "all.jsonl", with_withdrawn=True)
    rows = [json.loads(text) for text in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    reasons = {(row["image"], row["rater"]): row["withdrawn"] for row in rows}
    assert reasons == {
        (kept.sha256, alice.pseudonym): None,
        (gone.sha256, alice.pseudonym): "depicted",
        (kept.sha256, bob.pseudonym): "consent",
        (gone.sha256, bob.pseudonym): "depicted",
    }
