"""An organiser decides, pair by pair, whether two images show the same."""

import pytest
from django.test import Client

from annotation.actions.releases.withdraw import withdraw_image
from annotation.models import Event, Image
from tests.harness.factories import judge, make_campaign, make_image, tie

pytestmark = pytest.mark.django_db

PAGE = "/organiser/portraits/near-duplicates/"


@pytest.fixture
def desk(campaign, olga):
    client = Client()
    client.force_login(olga)
    return client


@pytest.fixture
def pair(campaign):
    one, other = campaign.images.order_by("pk")[:2]
    return tie(one, other, "undecided", likeness=900)


def text(response):
    return response.content.decode()


def test_the_pair_that_is_most_alike_comes_first_and_the_others_wait(desk, campaign, pair):
    three = campaign.images.order_by("pk")[2]
    nearer_pair = tie(pair.one, three, "undecided", likeness=940)
    words = text(desk.get(PAGE))
    assert "2 pairs to decide" in words
    assert f"{PAGE}{nearer_pair.pk}/" in words
    assert f"{PAGE}{pair.pk}/" not in words
    assert f"{PAGE}{pair.pk}/" in text(desk.get(PAGE, {"page": 2}))
    assert "2 pairs to decide" in text(desk.get("/organiser/portraits/"))


def test_the_cosine_is_shown_where_there_is_one_and_counts_for_the_order(desk, campaign, pair):
    three = campaign.images.order_by("pk")[2]
    by_cosine = tie(pair.one, three, "undecided", likeness=100)
    type(by_cosine).objects.filter(pk=by_cosine.pk).update(cosine=913, likeness=None)
    words = text(desk.get(PAGE))
    assert f"{PAGE}{by_cosine.pk}/" in words
    assert "their miniatures cannot be compared" in words
    assert "embeddings of them have a cosine of 0.91" in words
    assert "cosine" not in text(desk.get(PAGE, {"page": 2}))


def test_what_only_a_model_takes_for_the_same_is_shown_last_the_least_alike_first(desk, campaign, pair):
    one, two, three = campaign.images.order_by("pk")
    sure_pairs = [tie(one, three, likeness=800), tie(two, three, likeness=100)]
    for each, cosine in zip(sure_pairs, (900, 760), strict=True):
        type(each).objects.filter(pk=each.pk).update(cosine=cosine)
    pages = [text(desk.get(PAGE, {"page": number})) for number in (1, 2, 3)]
    for each, page in zip((pair, sure_pairs[1], sure_pairs[0]), pages, strict=True):
        assert f"{PAGE}{each.pk}/" in page
    assert "1 pair to decide" in pages[1]
    assert "A model takes these two for the same. Do you?" in pages[1]
    desk.post(f"{PAGE}{pair.pk}/", {"verdict": "same", "seen": "undecided"})
    assert "2 pairs to look through, if you like" in text(desk.get(PAGE))
    desk.post(f"{PAGE}{sure_pairs[1].pk}/", {"verdict": "different", "seen": "sure"})
    words = text(desk.get(PAGE))
    assert "1 pair to look through, if you like" in words
    assert "different, by a person" in words
    assert "to decide" not in text(desk.get("/organiser/portraits/")).split("Near duplicates")[1][:200]


def test_the_cosine_is_shown_in_chinese(desk, pair):
    type(pair).objects.filter(pk=pair.pk).update(cosine=913)
    desk.cookies["django_language"] = "zh-hans"
    assert "余弦为 0.91" in text(desk.get(PAGE))


@pytest.mark.parametrize(("verdict", "groups"), [("same", 1), ("different", 2)])
def test_one_click_decides_and_the_next_pair_follows(desk, pair, verdict, groups):
    response = desk.post(f"{PAGE}{pair.pk}/", {"verdict": verdict, "seen": "undecided", "page": "1"})
    assert (response.status_code, response["Location"]) == (302, f"{PAGE}?page=1")
    assert Image.objects.filter(pk__in=[pair.one_id, pair.other_id]).values("group").distinct().count() == groups
    assert Event.objects.get(verb="pair.adjudicated").details["same"] is (verdict == "same")
    words = text(desk.get(PAGE))
    assert "No pair waits" in words
    assert f"{verdict.replace('same', 'the same')}, by a person" in words


def test_a_verdict_is_changed_from_the_list(desk, pair):
    desk.post(f"{PAGE}{pair.pk}/", {"verdict": "different", "seen": "undecided"})
    desk.post(f"{PAGE}{pair.pk}/", {"verdict": "same", "seen": "different"})
    pair.refresh_from_db()
    assert pair.state == "same"


def test_who_decides_on_what_has_been_decided_meanwhile_is_told(desk, pair):
    desk.post(f"{PAGE}{pair.pk}/", {"verdict": "different", "seen": "undecided"})
    response = desk.post(f"{PAGE}{pair.pk}/", {"verdict": "same", "seen": "undecided"}, follow=True)
    assert "somebody else has decided" in text(response)
    pair.refresh_from_db()
    assert pair.state == "different"


def test_no_verdict_changes_nothing(desk, pair):
    response = desk.post(f"{PAGE}{pair.pk}/", {"verdict": "perhaps", "seen": "undecided"}, follow=True)
    assert "nothing was changed" in text(response)
    pair.refresh_from_db()
    assert pair.state == "undecided"


def test_pairs_of_other_campaigns_are_not_there_and_shared_ones_are(desk, pair):
    make_campaign("others", images=0)
    pair_elsewhere = tie(make_image(), make_image(), "undecided")
    shared = tie(pair.one, make_image(), "undecided")
    assert desk.post(f"{PAGE}{pair_elsewhere.pk}/", {"verdict": "same", "seen": "undecided"}).status_code == 404
    assert desk.post(f"{PAGE}{shared.pk}/", {"verdict": "same", "seen": "undecided"}).status_code == 302


def test_a_release_is_prepared_with_a_word_on_what_is_undecided(desk, campaign, pair, alice):
    for _ in range(3):
        judge(campaign, alice)
    words = text(desk.get("/organiser/portraits/releases/new/"))
    assert "1 pair of images is undecided, and kept together until you decide." in words


def test_nobody_is_asked_about_a_pair_of_which_one_image_was_withdrawn(desk, campaign, pair):
    withdraw_image(pair.one, by=None, reason="error")
    words = text(desk.get(PAGE))
    assert f"{PAGE}{pair.pk}/" not in words
    assert desk.post(f"{PAGE}{pair.pk}/", {"verdict": "same"}).status_code == 404
