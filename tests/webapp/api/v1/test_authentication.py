"""All tabs of a browser share one session: a page never goes on in the name of who signed in after it was made."""

import json

import pytest

from annotation.models import Assignment, Revision
from tests.harness.factories import PASSWORD, judge, make_content

pytestmark = pytest.mark.django_db

SCRIPT = {"headers": {"accept": "application/json"}}


@pytest.fixture
def assignment(campaign, alice, client):
    """Alice's, open on her page, while the session has become bob's."""
    client.force_login(alice)
    identifier = client.post("/api/v1/campaigns/portraits/next/").json()["assignment"]["id"]
    return Assignment.objects.get(pk=identifier)


def send(client, method, path, body, page):
    headers = {"x-person": page.pseudonym}
    return client.generic(
        method.upper(), f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers
    )


REQUESTS = {
    "next": ("post", "campaigns/portraits/next/", {}),
    "ahead": ("get", "campaigns/portraits/ahead/", {}),
    "show": ("get", "assignments/{}/", {}),
    "draft": ("put", "assignments/{}/draft/", {"version": 0, "draft": {"subcategory": "portrait"}}),
    "heartbeat": ("post", "assignments/{}/heartbeat/", {}),
    "commit": ("post", "assignments/{}/commit/", None),
    "skip": ("post", "assignments/{}/skip/", {"reason": "cannot_judge"}),
    "question": ("post", "assignments/{}/question/", {"text": "Whose hand is it?"}),
    "viewing": ("post", "viewing-checks/", {}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_page_of_one_person_is_refused_in_the_session_of_another(client, assignment, alice, bob, name):
    client.force_login(bob)
    method, path, body = REQUESTS[name]
    response = send(client, method, path.format(assignment.pk), make_content() if body is None else body, alice)
    assert response.status_code == 403
    assert response.json()["signed_out"] is True
    assert "somebody else" in response.json()["error"]
    assert not Assignment.objects.of(bob).exists()
    assert not Revision.objects.exists()
    assignment.refresh_from_db()
    assert (assignment.state, assignment.draft) == (Assignment.State.OPEN, None)


def test_a_page_goes_on_in_the_session_of_its_person(client, assignment, alice):
    draft = {"version": 0, "draft": {"subcategory": "portrait"}}
    assert send(client, "put", f"assignments/{assignment.pk}/draft/", draft, alice).status_code == 200


def test_a_program_need_not_say_whose_page_it_is(client, campaign, bob):
    client.force_login(bob)
    assert judge(campaign, bob)
    assert client.post("/api/v1/campaigns/portraits/next/").status_code == 200


def test_a_page_that_waits_for_its_person_is_told_who_is_signed_in(client, alice):
    assert client.get("/sign-in/", **SCRIPT).json() == {"person": ""}
    client.force_login(alice)
    assert client.get("/sign-in/", **SCRIPT).json() == {"person": alice.pseudonym}


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_signing_in_in_place_works_whoever_is_signed_in_by_now(client, alice, request, who):
    client.force_login(request.getfixturevalue(who))
    given = {"username": "alice", "password": PASSWORD}
    assert client.post("/sign-in/", given, **SCRIPT).json() == {"person": alice.pseudonym}
    assert client.get("/sign-in/", **SCRIPT).json() == {"person": alice.pseudonym}


def test_a_wrong_password_leaves_who_is_signed_in_signed_in(client, alice, bob):
    client.force_login(bob)
    refused = client.post("/sign-in/", {"username": "alice", "password": "a wrong guess"}, **SCRIPT)
    assert refused.status_code == 400
    assert "do not go together" in refused.json()["error"]
    assert client.get("/sign-in/", **SCRIPT).json() == {"person": bob.pseudonym}
