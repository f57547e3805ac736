import pytest

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.releases.withdraw import withdraw_image
from annotation.models import SendBack
from tests.harness.factories import judge, make_content

pytestmark = pytest.mark.django_db

WORD = "Please look at the lower left once more."


@pytest.fixture
def done(campaign, alice):
    return judge(campaign, alice)


@pytest.fixture
def desk(client, olga, done):
    client.force_login(olga)
    return client


def send_back(desk, done, text=WORD):
    return desk.post(f"/organiser/portraits/sent-back/{done.pk}/", {"text": text})


def test_an_organiser_finds_the_answers_of_an_image_from_its_page_and_sends_one_back(desk, done, alice):
    assert (
        f"/organiser/portraits/images/{done.image_id}/"
        in desk.get(f"/audit/portraits/images/{done.image_id}/").content.decode()
    )
    assert "Your word to alice" in desk.get(f"/organiser/portraits/images/{done.image_id}/").content.decode()
    assert send_back(desk, done).status_code == 302
    html = desk.get(f"/organiser/portraits/images/{done.image_id}/").content.decode()
    assert "waits for the annotator" in html
    assert "Your word to alice" not in html


def test_the_list_says_what_became_of_each_request(desk, done, alice):
    send_back(desk, done)
    page = "/organiser/portraits/sent-back/"
    assert WORD in desk.get(page).content.decode()
    annotate.correct_annotation(done, make_content(4), by=alice)
    html = desk.get(page).content.decode()
    assert "looked at again" in html
    assert "Withdraw" not in html


def test_a_request_is_withdrawn_from_the_list(desk, done):
    send_back(desk, done)
    desk.post(f"/organiser/portraits/sent-back/{SendBack.objects.get().pk}/withdraw/")
    assert SendBack.objects.get().state == SendBack.State.WITHDRAWN


def test_a_word_that_is_refused_is_shown_again_at_its_answer(desk, done):
    response = send_back(desk, done, "x" * 5001)
    assert response.status_code == 422
    assert "x" * 5001 in response.content.decode()
    send_back(desk, done)
    response = send_back(desk, done, "Another word.")
    assert response.status_code == 409
    assert "Another word." in response.content.decode()


def test_a_withdrawn_image_is_called_so_and_none_of_its_answers_is_sent_back(desk, done):
    withdraw_image(done.image, by=None, reason="licence")
    html = desk.get(f"/organiser/portraits/images/{done.image_id}/").content.decode()
    assert "None of its answers can be sent back any more." in html
    assert "excluded by an adjudicator" not in html
    assert "Your word to alice" not in html


def test_who_skipped_the_image_stands_there_with_their_words(desk, campaign, bob):
    assignment = assign.next_assignment(campaign, bob)
    assign.skip_assignment(assignment, "cannot_judge", by=bob, words="I never learnt to read seals.")
    html = desk.get(f"/organiser/portraits/images/{assignment.image_id}/").content.decode()
    assert "I never learnt to read seals." in html
    assert "bob skipped it" in html


def test_the_page_for_auditors_shows_what_was_said_since_apart_from_the_final_answer(desk, done, alice):
    send_back(desk, done)
    annotate.correct_annotation(done, make_content(4), by=alice)
    html = desk.get(f"/audit/portraits/images/{done.image_id}/").content.decode()
    assert "after it was sent back</span> 4.0" in html
    assert '<span class="badge" title="What was said since' in html
