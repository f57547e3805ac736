"""People see where they stand after each anchor and not before; organisers set the rule and decide."""

import json

import pytest
from django.test import Client

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns import open_calibration
from annotation.design.calibration import Rule
from annotation.models import Campaign
from tests.harness.factories import make_campaign, make_content, make_user, somebody

pytestmark = [pytest.mark.django_db]


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def make_panel():
    people = tuple(make_user(name) for name in ("pia", "quin", "ravi"))
    panel = make_campaign("panel", people=people, images=5)
    for person, score in zip(people, (3, 4, 5), strict=True):
        while assignment := assign.next_assignment(panel, person):
            annotate.commit_annotation(assignment, make_content(score), by=person)


@pytest.fixture
def panel(recall):
    """A panel of three that gives all five images 3, 4 and 5 points."""
    recall(make_panel)
    return Campaign.objects.get(slug="panel")


def make_calibrated():
    campaign = make_campaign(people=tuple(map(somebody, ("alice", "bob", "carol"))))
    make_panel()
    panel, olga = Campaign.objects.get(slug="panel"), somebody("olga", is_superuser=True)
    open_calibration.open_calibration(campaign, panel, rule=Rule(farthest=1), anchors=5, by=olga)


@pytest.fixture
def calibrated(recall):
    """A campaign of three images that asks for a calibration on the five images of such a panel."""
    recall(make_calibrated)
    return Campaign.objects.get(slug="portraits")


def post(desk, address, body=None):
    return desk.post(address, json.dumps(body or {}), content_type="application/json")


def judge_anchors(desk, score, n=5):
    for _ in range(n):
        handed = post(desk, "/api/v1/campaigns/portraits-calibration/next/").json()["assignment"]
        yield (
            handed,
            post(desk, f"/api/v1/assignments/{handed['id']}/commit/", make_content(score)).json()["assignment"],
        )


def test_the_panel_is_seen_after_ones_own_answer_and_not_before(calibrated, alice):
    desk = signed_in(alice)
    [(handed, done)] = judge_anchors(desk, 6, n=1)
    assert handed["feedback"] is None
    assert done["feedback"]["attributes"]["overall_gestalt"] == {
        "own": 6, "panel": [3, 4, 5], "mean": 4, "distance": 2,
    }  # fmt: skip
    assert done["feedback"]["ranks"] == {"own": 1, "panel": 1}
    text = json.dumps(desk.get(f"/api/v1/assignments/{handed['id']}/").json())
    assert "pia" not in text


def test_an_answer_elsewhere_has_no_feedback(campaign, alice):
    desk = signed_in(alice)
    handed = post(desk, "/api/v1/campaigns/portraits/next/").json()["assignment"]
    done = post(desk, f"/api/v1/assignments/{handed['id']}/commit/", make_content(6)).json()["assignment"]
    assert done["feedback"] is None


def test_the_way_through_calibration(calibrated, alice):
    desk = signed_in(alice)
    assert "Calibrate first" in desk.get("/workspace/").content.decode()
    assert desk.get("/workspace/portraits/").headers["Location"] == "/workspace/portraits/calibration/"
    assert "Begin calibrating" in desk.get("/workspace/portraits/calibration/").content.decode()
    assert post(desk, "/api/v1/campaigns/portraits/next/").json()["reason"] == "calibration"
    list(judge_anchors(desk, 4.5))
    page = desk.get("/workspace/portraits/calibration/").content.decode()
    assert "Begin judging" in page
    assert "0.50 SD" in page
    assert desk.get("/workspace/portraits/").status_code == 200
    assert post(desk, "/api/v1/campaigns/portraits/next/").json()["assignment"] is not None
    assert "You are calibrated" in desk.get("/workspace/portraits/calibration/").content.decode()


def test_the_organiser_asks_for_a_calibration_and_decides(campaign, panel, alice, olga):
    desk, hers = signed_in(olga), signed_in(alice)
    address = "/organiser/portraits/calibration/"
    refused = desk.post(address, {"panel": "panel", "anchors": 6, "farthest": 1})
    assert refused.status_code == 422
    assert "panel has 5 images" in refused.content.decode()
    assert desk.post(address, {"panel": "panel", "anchors": 5, "farthest": 1, "least_rank": ""}).status_code == 302
    list(judge_anchors(hers, 9))
    page = desk.get(address).content.decode()
    assert "outside the rule" in page
    assert "5.00" in page
    desk.post(f"{address}decide/", {"verb": "anew", "person": "alice"})
    assert "not finished" in desk.get(address).content.decode()
    list(judge_anchors(hers, 9))
    desk.post(f"{address}decide/", {"verb": "through", "person": "alice"})
    assert post(hers, "/api/v1/campaigns/portraits/next/").json()["assignment"] is not None
    assert desk.post(address, {"farthest": 2, "least_rank": 0.1}).status_code == 302
    assert (
        "anchors are the reference now"
        in desk.post(f"{address}decide/", {"verb": "panel"}, follow=True).content.decode()
    )


@pytest.mark.parametrize("body", [{"verb": "through", "person": "mallory"}, {"verb": "nonsense", "person": "alice"}])
def test_a_decision_on_nobody_or_nothing_is_not_found(calibrated, olga, body):
    assert signed_in(olga).post("/organiser/portraits/calibration/decide/", body).status_code == 404


def test_the_list_says_that_everybody_who_takes_part_judges_an_anchor(calibrated, olga):
    html = signed_in(olga).get("/organiser/").content.decode()
    people = calibrated.calibration.campaign.memberships.annotators().count()
    card = html.split('/organiser/portraits-calibration/"', 1)[1]
    assert card.split("Answers each</dt><dd>", 1)[1].startswith(f"{people}<")
