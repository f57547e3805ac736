"""A rubric that changes while an annotation is half written: the draft stays, and what is different is told."""

import copy
import json

import pytest
from django.utils import translation

from annotation.actions.rubrics import change_rubric, draft_rubric
from annotation.models import Assignment, Revision
from tests.harness.factories import make_content, make_rubric

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def assignment(desk, campaign):
    return desk.post("/api/v1/campaigns/portraits/next/").json()["assignment"]["id"]


def adopt(campaign, change, semantic=()):
    content = copy.deepcopy(make_rubric().content)
    change(content)
    version = draft_rubric.publish_version(draft_rubric.draft_version(make_rubric(), content), semantic=semantic)
    change_rubric.adopt_rubric(campaign, version, by=None)


def reword(content):
    content["attributes"][0]["definition"] |= {"en": "Another question.", "zh-hans": "另一个问题。"}
    content["attributes"][1]["anchors"][0]["text"]["en"] = "Another floor."
    content["categories"][0]["name"]["en"] = "Photographs"


def send(desk, assignment, verb, body):
    method = desk.put if verb == "draft" else desk.post
    return method(f"/api/v1/assignments/{assignment}/{verb}/", json.dumps(body), content_type="application/json")


def changes(desk, assignment, since):
    response = desk.get(f"/api/v1/assignments/{assignment}/", {"since": since})
    return response.json().get("rubric_changes")


def test_an_open_page_learns_at_its_next_save_that_the_rubric_changed_and_the_draft_is_kept(desk, campaign, assignment):
    draft = {"rubric_version": 1, "subcategory": "portrait"}
    assert send(desk, assignment, "draft", {"version": 0, "draft": draft}).json() == {"version": 1}
    adopt(campaign, reword)
    assert send(desk, assignment, "draft", {"version": 1, "draft": draft}).json() == {"version": 2, "rubric_version": 2}
    refused = send(desk, assignment, "commit", make_content() | {"rubric_version": 1})
    assert refused.status_code == 400
    assert "rubric_version" in refused.json()["fields"]
    assert not Revision.objects.exists(), "old thoughts are not stamped with the new version"
    assert Assignment.objects.get().draft == draft


def test_what_changed_is_told_by_the_part_of_the_form_it_is_in(desk, campaign, assignment):
    first, second = (attribute["key"] for attribute in make_rubric().content["attributes"][:2])
    adopt(campaign, reword)
    told = {change["part"]: change for change in changes(desk, assignment, 1)}
    assert told.keys() == {first, second, "subcategory"}
    assert told[first]["after"] == "Another question."
    assert "Definition" in told[first]["label"]
    assert "Anchor" in told[second]["label"]


def test_it_is_told_in_the_language_of_the_page(desk, campaign, assignment):
    adopt(campaign, reword)
    desk.cookies["django_language"] = "zh-hans"
    with translation.override("zh-hans"):
        afters = [change["after"] for change in changes(desk, assignment, 1)]
    assert "另一个问题。" in afters
    assert "Another question." not in afters


def test_a_change_in_the_other_language_alone_is_told_all_the_same(desk, campaign, assignment):
    def reword_chinese(content):
        content["attributes"][0]["definition"]["zh-hans"] = "另一个问题。"

    adopt(campaign, reword_chinese)
    assert [change["after"] for change in changes(desk, assignment, 1)] == ["另一个问题。"]


@pytest.mark.parametrize("since", ["2", "99", "0", "99999999999", "x", "-1"])
def test_of_no_earlier_version_nothing_is_told(desk, campaign, assignment, since):
    adopt(campaign, reword)
    assert not changes(desk, assignment, since)
