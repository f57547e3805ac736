import json
import re
import uuid
from unittest.mock import ANY

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from annotation.actions.assignments import assign, check_viewing
from annotation.actions.campaigns import question
from annotation.actions.campaigns.consent import ask_for_consent
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.errors import BadInput, Conflict
from annotation.models import Assignment, Campaign, Revision
from annotation.roles import Role
from tests.harness.factories import (
    SECRET_WORDS,
    force_arm,
    give_roles,
    give_tiles,
    make_campaign,
    make_content,
    prefill_all,
    somebody,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


class Browser:
    """Talk to the API as the judging page does."""

    def __init__(self, client, user, campaign):
        client.force_login(user)
        self.client = client
        self.campaign = campaign

    def send(self, method, path, body=None):
        call = getattr(self.client, method)
        return call(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json")

    def next(self):
        return self.send("post", f"campaigns/{self.campaign.slug}/next/").json()

    def post(self, assignment, verb, body=None):
        return self.send("post", f"assignments/{assignment['id']}/{verb}/", body)


def make_revealing():
    campaign = make_campaign("revealing", people=tuple(map(somebody, ("alice", "bob"))))
    prefill_all(campaign)
    force_arm(campaign, reveal=100)


@pytest.fixture
def revealing(recall):
    recall(make_revealing)
    return Campaign.objects.get(slug="revealing")


@pytest.fixture
def page(client, alice, revealing):
    return Browser(client, alice, revealing)


def test_judging_an_image_from_the_next_to_the_revision(page):
    handed = page.next()
    assignment = handed["assignment"]
    assert (assignment["state"], assignment["prefill"], assignment["first_revision"]) == ("open", None, None)
    assert handed["progress"] == {"done": 0, "left": 3, "total": 3}
    committed = page.post(assignment, "commit", make_content(6)).json()["assignment"]
    assert committed["state"] == "committed"
    assert committed["prefill"]["model"] == "fake 1"
    assert committed["prefill"]["scores"]["overall_gestalt"] == 7
    assert committed["prefill"]["scores"]["comprehensive_evaluation"] == 6.5
    assert committed["first_revision"]["judgements"]["overall_gestalt"]["score"] == 6
    assert committed["first_revision"]["holistic"] == 6
    done = page.post(assignment, "revise", make_content(7)).json()
    assert done["assignment"]["state"] == "done"
    assert done["progress"] == {"done": 1, "left": 2, "total": 3}


def test_when_nothing_is_left_the_reason_is_given(page):
    for _ in range(3):
        assignment = page.next()["assignment"]
        answer = make_content(6)
        page.post(assignment, "commit", answer)
        page.post(assignment, "revise", make_content(6))
    assert page.next() == {"assignment": None, "reason": "done", "progress": {"done": 3, "left": 0, "total": 3}}


def test_a_wrong_answer_names_its_fields(page):
    assignment = page.next()["assignment"]
    response = page.post(assignment, "commit", make_content(7.3))
    assert response.status_code == 400
    assert response.json()["fields"]["scores.overall_gestalt"] == "7.3 is not on the scale: 0 to 10 in steps of 0.5"
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    "body",
    ["not json", "[1, 2]", '"text"', '{"a": NaN}', "[" * 100_000, r'{"\ud800": 1}', r'{"subcategory": "\ud800"}'],
)
def test_a_body_that_is_no_answer_is_refused(page, body):
    assignment = page.next()["assignment"]
    path = f"/api/v1/assignments/{assignment['id']}/commit/"
    response = page.client.post(path, body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]


def test_a_conflict_shows_how_things_stand(page):
    assignment = page.next()["assignment"]
    draft = {"version": 0, "draft": {"note": "mine"}}
    assert page.send("put", f"assignments/{assignment['id']}/draft/", draft).json() == {"version": 1}
    response = page.send("put", f"assignments/{assignment['id']}/draft/", draft)
    assert response.status_code == 409
    assert response.json()["assignment"]["draft"] == {"note": "mine"}


def ask_with(page, assignment, verb, content):
    return page.send("post", f"assignments/{assignment['id']}/{verb}/?next", content).json()


def test_what_comes_next_comes_with_the_annotation_that_finishes_an_image(page):
    assignment, content = page.next()["assignment"], make_content(7)
    committed = ask_with(page, assignment, "commit", make_content(6))
    assert committed["assignment"]["state"] == "committed"
    assert "next" not in committed, "this image is to be reviewed first"
    revised, again = (ask_with(page, assignment, "revise", content) for _ in range(2))
    assert revised["next"]["assignment"]["image"]["id"] != assignment["image"]["id"]
    assert revised["next"]["assignment"]["id"] == again["next"]["assignment"]["id"]
    assert page.next() == again["next"] | {"assignment": again["next"]["assignment"] | {"lease_until": ANY}}
    assert revised["progress"] == revised["next"]["progress"] == {"done": 1, "left": 2, "total": 3}


def test_why_nothing_comes_next_comes_with_the_last_annotation(client, alice):
    campaign = make_campaign("blind", people=(alice,), images=1)
    page = Browser(client, alice, campaign)
    answer = ask_with(page, page.next()["assignment"], "commit", make_content(6))
    assert answer["next"] == {"assignment": None, "reason": "done", "progress": {"done": 1, "left": 0, "total": 1}}


def test_an_annotation_is_stored_although_nothing_can_be_handed_out_any_more(client, alice, olga):
    campaign = make_campaign("blind", people=(alice,), images=2)
    page = Browser(client, alice, campaign)
    assignment = page.next()["assignment"]
    ask_for_consent(campaign, "I agree.", by=None)
    answer = ask_with(page, assignment, "commit", make_content(6))
    assert (answer["assignment"]["state"], "next" in answer) == ("done", False)


STATEMENTS = {"next": 12, "commit": 17}  # Session and person are two of them.


@pytest.mark.engine
@pytest.mark.parametrize("verb", STATEMENTS)
def test_a_task_asks_the_database_no_more_than_so_many_questions(client, alice, verb):
    campaign = make_campaign("blind", people=(alice,), images=4, annotations_per_image=2)
    page = Browser(client, alice, campaign)
    assignment = page.next()["assignment"]
    assignment = ask_with(page, assignment, "commit", make_content(6))["next"]["assignment"]
    if verb == "next":
        assert page.post(assignment, "commit", make_content(6)).status_code == 200
    content = make_content(6)
    with CaptureQueriesContext(connection) as statements:
        page.next() if verb == "next" else ask_with(page, assignment, "commit", content)
    # What the server has prepared is captured without its text.
    asked = [each["sql"] or "prepared" for each in statements if "SAVEPOINT" not in (each["sql"] or "")]
    assert len(asked) <= STATEMENTS[verb], "\n".join(asked)


def test_a_retried_submit_is_answered_as_the_first_was(page):
    assignment = page.next()["assignment"]
    answer = make_content(6)
    first, again = (page.post(assignment, "commit", answer).json() for _ in range(2))
    assert first == again
    assert Revision.objects.count() == 1


def test_ones_own_answer_can_be_corrected_for_a_while(page):
    assignment = page.next()["assignment"]
    page.post(assignment, "commit", make_content(6))
    assert page.post(assignment, "correct", make_content(7)).status_code == 409
    page.post(assignment, "revise", make_content(6))
    assert page.post(assignment, "correct", make_content(7)).status_code == 200
    assert Revision.objects.latest("pk").kind == "correction"


def test_skipping_hands_out_another_image(page):
    assignment_after = page.next()["assignment"]
    assert page.post(assignment_after, "skip", {"reason": "broken"}).json()["assignment"]["state"] == "skipped"
    assert page.next()["assignment"]["id"] != assignment_after["id"]
    assert page.post(assignment_after, "skip", {"reason": "bored"}).status_code == 400


def test_a_signed_out_page_is_told_so_and_nothing_is_lost(page):
    assignment = page.next()["assignment"]
    page.client.logout()
    response = page.post(assignment, "commit", make_content())
    assert response.status_code == 403
    assert response.json()["signed_out"] is True


def test_another_persons_assignment_does_not_exist(client, page, bob):
    assignment = page.next()["assignment"]
    client.force_login(bob)
    for verb in ("commit", "revise", "skip", "heartbeat"):
        assert page.post(assignment, verb, make_content()).status_code == 404
    assert page.send("put", f"assignments/{assignment['id']}/draft/", {"version": 0, "draft": {}}).status_code == 404
    assert client.get(f"/api/v1/assignments/{assignment['id']}/").status_code == 404
    assert client.get(f"/api/v1/assignments/{uuid.uuid4()}/").status_code == 404


def test_a_request_without_the_csrf_token_is_refused(alice, revealing):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post("/api/v1/campaigns/revealing/next/").status_code == 403
    assert not Assignment.objects.exists()


def test_blind_and_reveal_look_the_same_before_the_commit(client, alice):
    shapes = []
    for arm in ("blind", "reveal"):
        campaign = make_campaign(f"only-{arm}", people=(alice,))
        prefill_all(campaign)
        force_arm(campaign, **{arm: 100})
        page = Browser(client, alice, campaign)
        handed = page.next()
        html = client.get(f"/workspace/{campaign.slug}/").content.decode()
        handed["assignment"] |= {"id": "", "image": "", "lease_until": "", "campaign": ""}
        shapes.append((json.dumps(handed), mask(html, campaign)))
    assert shapes[0] == shapes[1]


def mask(html, campaign):
    html = html.replace(campaign.slug, "").replace(campaign.title, "")
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"', "", html)


def everything_readable(client, assignment, slug="revealing"):
    """Fetch every page and API route somebody can name of a campaign, and return all bytes."""
    seen = [b""]
    for route in walk(get_resolver().url_patterns):
        for path in fill(route, assignment, slug):
            response = client.get(path)
            seen.append(b"".join(response.streaming_content) if response.streaming else response.content)
            seen.append(repr(response.headers).encode())
    return b"\n".join(seen)


def walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$").rstrip("\\Z")
        if hasattr(pattern, "url_patterns"):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route


def fill(route, assignment, slug):
    values = {
        "<slug:slug>": slug,
        "<uuid:pk>": str(assignment.pk),
        "<int:pk>": str(assignment.image_id),
        "<str:version>": "0.1.0",
        "<path:name>": "README.md",
    }
    for placeholder, value in values.items():
        route = route.replace(placeholder, value)
    if "<str:size>" in route:
        return [f"/{route.replace('<str:size>', size)}" for size in ("display", "thumbnail", "full", "original")]
    return [] if "<" in route or "(" in route else [f"/{route}"]


def test_before_the_commit_no_page_or_route_holds_a_byte_of_the_prefill(client, page, revealing, alice, bob):
    """Walk all routes as alice while bob has answered and seen the model: neither leaks to her."""
    other = Browser(client, bob, revealing)
    theirs = other.next()["assignment"]
    answer = make_content(3)
    for judgement in answer["judgements"].values():
        judgement["critique"] = "bob finds a lighthouse in it"
    other.post(theirs, "commit", answer)
    client.force_login(alice)
    page.next()
    mine = Assignment.objects.get(annotator=alice)
    seen = everything_readable(client, mine)
    assert len(seen) > 5_000
    for secret in (SECRET_WORDS, "lighthouse", "fake 1"):
        assert secret.encode() not in seen
    page.post({"id": str(mine.pk)}, "commit", make_content())
    assert SECRET_WORDS.encode() in everything_readable(client, mine)


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ORGANISER, Role.AUDITOR, Role.VIEWER, Role.ADJUDICATOR])
def test_no_route_of_another_campaign_holds_a_byte_of_the_prefill_either(client, page, revealing, alice, bob, role):
    page.next()
    mine = Assignment.objects.get(annotator=alice)
    second = make_campaign("second", people=(bob,), images=0, opened=False)
    add_images(second, [mine.image], by=None)
    second.shown_model = revealing.shown_model
    force_arm(second, assisted=100)
    open_campaign(second, by=None)
    give_roles(alice, second, role)
    # Others see it there: what is kept from her is there to be seen.
    assert SECRET_WORDS in json.dumps(Browser(Client(), bob, second).next())
    client.force_login(alice)
    Browser(client, alice, second).post({"id": str(mine.pk)}, "heartbeat", {})
    client.post("/api/v1/campaigns/second/next/")
    for slug in ("revealing", "second"):
        assert SECRET_WORDS.encode() not in everything_readable(client, mine, slug)


def test_an_assisted_assignment_shows_the_prefill_at_once(client, alice):
    campaign = make_campaign("assisted", people=(alice,))
    prefill_all(campaign)
    force_arm(campaign, assisted=100)
    assignment = Browser(client, alice, campaign).next()["assignment"]
    assert assignment["state"] == "open"
    assert SECRET_WORDS in assignment["prefill"]["critiques"]["overall_gestalt"]


def fetched(client, url):
    """Fetch and read to the end, which lets go of the file."""
    response = client.get(url)
    if response.streaming:
        list(response.streaming_content)
    return response


def test_images_are_seen_only_by_those_they_were_given_to(client, page, revealing, bob, mallory, olga, arthur, rita):
    assignment = page.next()["assignment"]
    url = assignment["image"]["display"]
    served = fetched(client, url)
    assert served.status_code == 200
    assert served["Cache-Control"] == "private, no-cache"
    for person, status in ((bob, 404), (mallory, 404), (rita, 404), (olga, 200), (arthur, 200)):
        client.force_login(person)
        assert fetched(client, url).status_code == status, person
    client.logout()
    assert client.get(url).status_code == 302


def test_a_large_image_is_described_with_its_tiles_and_a_small_one_without(client, page):
    assignment = page.next()["assignment"]
    assert assignment["image"]["tiles"] is None
    small = assignment["image"]["display"].replace("display", "tiles/0/0/0")
    assert client.get(small).status_code == 404
    give_tiles(Assignment.objects.get(pk=assignment["id"]).image)
    tiles = page.next()["assignment"]["image"]["tiles"]
    assert tiles == {"url": small, "size": 512, "overlap": 1, "levels": 3}
    served = client.get(tiles["url"])
    assert served["Content-Type"] == "image/jpeg"
    assert "private" in served["Cache-Control"]
    assert served["Cache-Control"] == "private, no-cache"
    assert client.get(small.replace("0/0/0", "2/2/1")).status_code == 200
    assert client.get(small.replace("0/0/0", "3/0/0")).status_code == 404


def test_the_next_images_may_be_fetched_ahead_but_not_closely_and_not_those_after(client, alice):
    campaign = make_campaign("study", people=(alice,), images=5)
    Browser(client, alice, campaign).next()
    images = campaign.images.exclude(assignments__isnull=False)
    images_ahead = client.get("/api/v1/campaigns/study/ahead/").json()["images"]
    assert {*images_ahead[0]} == {"id", "display", "thumbnail", "full", "width", "height", "tiles"}
    addresses = [ahead["display"] for ahead in images_ahead]
    assert len(addresses) == 2
    give_tiles(campaign.images.get(pk=int(addresses[1].split("/")[2])))
    assert client.get(addresses[1].replace("display", "tiles/0/0/0")).status_code == 200
    assert all(fetched(client, url).status_code == 200 for url in addresses)
    assert all(client.get(url.replace("display", "full")).status_code == 404 for url in addresses)
    rest = {f"/images/{image.pk}/display/" for image in images} - set(addresses)
    assert rest
    last = campaign.images.get(pk=int(min(rest).split("/")[2]))
    give_tiles(last)
    assert client.get(f"/images/{last.pk}/tiles/0/0/0/").status_code == 404
    assert all(client.get(url).status_code == 404 for url in rest)


def test_the_original_bytes_are_never_served(client, page):
    url = page.next()["assignment"]["image"]["display"]
    assert client.get(url.replace("display", "original")).status_code == 404


def test_the_number_of_queries_of_a_commit_is_bounded(page, django_assert_max_num_queries):
    assignment = page.next()["assignment"]
    content = make_content()
    with django_assert_max_num_queries(39):
        page.post(assignment, "commit", content)


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_beyond_all_numbers_is_refused(client, campaign, alice, number):
    client.force_login(alice)
    pk = assign.next_assignment(campaign, alice).pk
    body = f'{{"version": 0, "draft": {{"a": [{number}]}}}}'
    response = client.put(f"/api/v1/assignments/{pk}/draft/", body, content_type="application/json")
    assert (response.status_code, "a number is too large" in response.json()["error"]) == (400, True)


def test_a_body_that_is_too_long_is_refused_in_json_and_without_a_word_in_the_log(client, campaign, alice, caplog):
    client.force_login(alice)
    pk = assign.next_assignment(campaign, alice).pk
    body = '{"version": 0, "draft": {"a": "' + "x" * 2_700_000 + '"}}'
    response = client.put(f"/api/v1/assignments/{pk}/draft/", body, content_type="application/json")
    assert response.status_code == 413
    assert response.json()["error"] == "too much at once; at most 2.5 MB are accepted"
    assert "Traceback" not in caplog.text


def test_a_thread_about_one_image_has_an_end(client, campaign, alice):
    assignment = assign.next_assignment(campaign, alice)
    for number in range(question.MOST_MESSAGES):
        question.ask_question(assignment, f"Why {number}?", by=alice)
    with pytest.raises(BadInput, match="at most 50 messages"):
        question.ask_question(assignment, "And why not?", by=alice)


def test_a_day_has_so_many_checks_of_the_screen(alice, campaign):
    screen = {"width": 1920, "height": 1080, "pixel_ratio": 1, "colour_depth": 24, "gamut": "srgb"}
    conditions = {"screen": screen, "dark_steps": 5, "bright_steps": 5}
    for _number in range(check_viewing.MOST_A_DAY):
        check_viewing.check_viewing(conditions, by=alice)
    with pytest.raises(Conflict, match="at most 50 checks a day"):
        check_viewing.check_viewing(conditions, by=alice)
