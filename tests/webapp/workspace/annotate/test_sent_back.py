import pytest

from annotation.actions.reviews.send_back import send_back, withdraw_send_back
from annotation.models import Campaign, Revision
from tests.harness.factories import judge, make_content

pytestmark = pytest.mark.django_db

WORD = "Please look at the <lower> left once more."


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def done(campaign, alice):
    Campaign.objects.update(correction_minutes=0)
    campaign.refresh_from_db()
    return judge(campaign, alice, 7.5)


def test_the_annotator_is_told_on_the_card_and_on_the_judging_page(desk, done, olga):
    assert "sent back" not in desk.get("/workspace/").content.decode().lower()
    request = send_back(done, WORD, by=olga)
    assert "1 answer was sent back to you" in desk.get("/workspace/").content.decode()
    assert "Sent back: 1" in desk.get("/workspace/portraits/").content.decode()
    withdraw_send_back(request, by=olga)
    assert "was sent back to you" not in desk.get("/workspace/").content.decode()


def test_the_list_shows_the_word_and_leads_to_the_image(desk, done, olga):
    send_back(done, WORD, by=olga)
    html = desk.get("/workspace/portraits/recent/").content.decode()
    assert "Please look at the &lt;lower&gt; left once more." in html
    assert f"?correct={done.pk}" in html
    assert "olga" not in html
    assert desk.get(f"/workspace/portraits/?correct={done.pk}").status_code == 200


def test_without_a_request_the_image_is_not_opened_again(desk, done):
    assert desk.get(f"/workspace/portraits/?correct={done.pk}").status_code == 404


def test_the_api_tells_the_word_with_the_answer_as_it_stands_and_takes_what_follows(desk, done, olga):
    send_back(done, WORD, by=olga)
    [listed] = desk.get("/api/v1/sent-back/").json()["sent_back"]
    assert (listed["assignment"], listed["campaign"], listed["text"]) == (str(done.pk), "portraits", WORD)
    shown = desk.get(f"/api/v1/assignments/{done.pk}/").json()["assignment"]
    assert shown["sent_back"]["text"] == WORD
    assert shown["final_revision"]["holistic"] == 7.5
    address = f"/api/v1/assignments/{done.pk}/correct/"
    answered = desk.post(address, make_content(4), content_type="application/json").json()["assignment"]
    assert (answered["sent_back"], answered["final_revision"]) == (None, None)
    assert Revision.objects.latest("pk").kind == "sent_back"
    assert desk.get("/api/v1/sent-back/").json() == {"sent_back": []}
    assert desk.post(address, make_content(5), content_type="application/json").status_code == 409


def test_what_was_sent_back_to_others_is_not_told(client, done, bob, olga):
    send_back(done, WORD, by=olga)
    client.force_login(bob)
    assert client.get("/api/v1/sent-back/").json() == {"sent_back": []}
    assert client.get(f"/workspace/portraits/?correct={done.pk}").status_code == 404
    assert "sent back to you" not in client.get("/workspace/").content.decode()
