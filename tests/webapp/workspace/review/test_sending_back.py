import re

import pytest

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.models import Case, SendBack
from tests.harness.factories import judge, make_campaign, make_content

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=1)
    for person, score in ((alice, 2), (bob, 6), (carol, 7)):
        judge(campaign, person, 6, overall_gestalt=score)
    return Case.objects.get()


@pytest.fixture
def page(client, rita, case):
    client.force_login(rita)
    return client


def references(page, case):
    """Return by letter what the page calls each answer by."""
    html = page.get(f"/workspace/cases/{case.pk}/").content.decode()
    pattern = r'name="answer" value="(\w+)" required[^>]*> <span class="letter">(\w)</span>'
    return {letter: reference for reference, letter in re.findall(pattern, html)}


def send_back(page, case, letter, text="Look at the frame."):
    values = {"answer": references(page, case)[letter], "text": text}
    return page.post(f"/workspace/cases/{case.pk}/send-back/", values)


def test_an_adjudicator_sends_an_answer_back_and_sees_beside_it_what_its_author_says_then(
    page, case, alice, bob, carol
):
    assert send_back(page, case, "B").status_code == 302
    request = SendBack.objects.get()
    assert set(references(page, case)) == {"A", "C"}
    author = request.assignment.annotator
    annotate.correct_annotation(request.assignment, make_content(9.5), by=author)
    html = page.get(f"/workspace/cases/{case.pk}/").content.decode()
    assert "After it was sent back <strong>9.5</strong>" in html
    for person in (alice, bob, carol):
        assert person.username not in html
        assert person.pseudonym not in html


def test_no_page_of_a_case_tells_by_what_key_an_answer_is_kept(page, case):
    send_back(page, case, "A")
    html = page.get(f"/workspace/cases/{case.pk}/").content.decode()
    for assignment in case.campaign.assignments.all():
        assert str(assignment.pk) not in html
    assert len(set(references(page, case).values())) == 2


def test_an_answer_is_meant_by_its_words_and_not_by_a_letter_that_may_move(page, case):
    reference = references(page, case)["A"]
    text = "Look again."
    page.post(f"/workspace/cases/{case.pk}/send-back/", {"answer": reference, "text": text})
    assert SendBack.objects.get().text == text
    for wrong in ("A", "", reference[:-1], str(case.campaign.annotations.first().pk)):
        response = page.post(f"/workspace/cases/{case.pk}/send-back/", {"answer": wrong, "text": text})
        assert response.status_code == 422
    assert SendBack.objects.count() == 1


def test_a_word_that_is_refused_is_shown_again(page, case):
    response = send_back(page, case, "C", "x" * 5001)
    assert response.status_code == 422
    html = response.content.decode()
    assert "x" * 5001 in html
    assert "1 to 5000 characters are accepted" in html


def test_nothing_is_sent_back_from_a_case_that_is_adjudicated(page, case):
    reference = references(page, case)["A"]
    Case.objects.update(state=Case.State.ADJUDICATED)
    response = page.post(f"/workspace/cases/{case.pk}/send-back/", {"answer": reference, "text": "Look."})
    assert response.status_code == 409
    assert "adjudicated already" in response.content.decode()


def test_an_adjudicator_withdraws_their_own_request(page, case):
    send_back(page, case, "A")
    number = SendBack.objects.get().pk
    page.post(f"/workspace/cases/{case.pk}/send-back/{number}/withdraw/")
    assert SendBack.objects.get().state == SendBack.State.WITHDRAWN
    assert set(references(page, case)) == {"A", "B", "C"}


def test_what_was_said_on_flagging_an_image_stands_with_its_case(client, rita, alice, campaign):
    assignment = assign.next_assignment(campaign, alice)
    assign.skip_assignment(assignment, "broken", by=alice, words="The lower half is grey.")
    client.force_login(rita)
    html = client.get(f"/workspace/cases/{Case.objects.get().pk}/").content.decode()
    assert "“The lower half is grey.”" in html
    assert alice.username not in html
