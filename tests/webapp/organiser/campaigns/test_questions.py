"""An annotator asks the organiser from the image; the thread is kept, and stays between the two."""

import json

import pytest
from django.test import Client

from annotation.actions.assignments import assign
from annotation.actions.campaigns import question
from annotation.errors import BadInput, NotAllowed
from annotation.models import Event, Message

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def assignment(campaign, alice):
    return assign.next_assignment(campaign, alice)


def send(person, assignment, text):
    address = f"/api/v1/assignments/{assignment.pk}/question/"
    return signed_in(person).post(address, json.dumps({"text": text}), content_type="application/json")


def test_a_question_is_asked_answered_and_read(assignment, alice, olga):
    thread = send(alice, assignment, " Is the frame part of it? ").json()["assignment"]["messages"]
    assert [(message["mine"], message["text"]) for message in thread] == [(True, "Is the frame part of it?")]
    desk = signed_in(olga)
    assert "Is the frame part of it?" in desk.get("/organiser/portraits/questions/").content.decode()
    assert "1 waits" in desk.get("/organiser/portraits/").content.decode()
    response = desk.post(f"/organiser/portraits/questions/{assignment.pk}/", {"text": "No, only the print."})
    assert response.status_code == 302
    assert "1 waits" not in desk.get("/organiser/portraits/").content.decode()
    hers = signed_in(alice)
    assert "No, only the print." in hers.get("/workspace/questions/").content.decode()
    assert "1 of 1 answered" in hers.get("/workspace/").content.decode()
    next_assignment = hers.post("/api/v1/campaigns/portraits/next/", "{}", content_type="application/json").json()[
        "assignment"
    ]
    assert [message["mine"] for message in next_assignment["messages"]] == [True, False]
    assert list(
        Event.objects.filter(verb__startswith="question").order_by("number").values_list("verb", flat=True)
    ) == [
        "question.asked",
        "question.answered",
    ]


def test_a_question_sent_again_is_stored_once(assignment, alice):
    for _ in range(2):
        send(alice, assignment, "Is the frame part of it?")
    assert Message.objects.count() == 1


def test_nobody_else_reads_the_thread(assignment, alice, bob, olga, arthur):
    question.ask_question(assignment, "Between us only", by=alice)
    assert "Between us only" not in signed_in(bob).get("/workspace/questions/").content.decode()
    assert signed_in(bob).post(f"/workspace/questions/{assignment.pk}/", {"text": "Me too"}).status_code == 404
    assert send(bob, assignment, "Me too").status_code == 404
    with pytest.raises(NotAllowed):
        question.reply_to_question(assignment, "An auditor does not answer", by=arthur)


def test_the_thread_goes_on_from_the_page_of_questions(assignment, alice):
    question.ask_question(assignment, "First", by=alice)
    signed_in(alice).post(f"/workspace/questions/{assignment.pk}/", {"text": "And second"})
    assert list(Message.objects.values_list("text", flat=True)) == ["First", "And second"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001, "a\x00b"])
def test_what_cannot_be_a_message_is_refused(assignment, alice, olga, text):
    with pytest.raises(BadInput, match="1 to 5000 characters"):
        question.ask_question(assignment, text, by=alice)
    question.ask_question(assignment, "Well?", by=alice)
    page = signed_in(olga).post(f"/organiser/portraits/questions/{assignment.pk}/", {"text": text})
    assert page.status_code == 422
    assert Message.objects.count() == 1


def test_nothing_is_answered_where_nothing_was_asked(assignment, olga):
    with pytest.raises(BadInput, match="nothing was asked"):
        question.reply_to_question(assignment, "Well", by=olga)
    assert signed_in(olga).post(f"/organiser/portraits/questions/{assignment.pk}/", {"text": "x"}).status_code == 404


def test_the_list_costs_the_same_however_long(
    campaign, alice, olga, django_assert_max_num_queries, django_assert_num_queries
):
    assignments = [assign.next_assignment(campaign, alice)]
    question.ask_question(assignments[0], "One", by=alice)
    desk = signed_in(olga)
    desk.get("/organiser/portraits/questions/")
    with django_assert_max_num_queries(8) as few:
        desk.get("/organiser/portraits/questions/")
    assign.skip_assignment(assignments[0], "cannot_judge", by=alice)
    question.ask_question(assign.next_assignment(campaign, alice), "Two", by=alice)
    with django_assert_num_queries(len(few)):
        desk.get("/organiser/portraits/questions/")
