"""The organiser's rubric pages: reading, drafting in a form and as YAML, comparing, publishing, taking up."""

from __future__ import annotations

import copy
import re
from html import unescape
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.actions.rubrics import draft_rubric
from annotation.models import Campaign, RubricVersion
from annotation.rubric.source import dump
from tests.harness.factories import judge, make_rubric, make_user
from webapp.accounts.models import User
from webapp.organiser.rubrics.draft_forms import DraftForm
from webapp.organiser.rubrics.wording import label

pytestmark = pytest.mark.django_db

DRAFT = "/organiser/rubrics/artimuse/2"
GESTALT = "attributes.overall_gestalt.definition.en"


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == status
    return " ".join(unescape(answer.content.decode()).split())


def begin(client: Client) -> RubricVersion:
    make_rubric()
    client.post("/organiser/rubrics/artimuse/1/draft/")
    return RubricVersion.objects.get(number=2)


def typed(version: RubricVersion, **changed: Any) -> dict[str, Any]:
    """Return what a browser sends for a form opened now; names with dots come as `**{...}`."""
    form = DraftForm(version.content, version.content_hash)
    fields = {name: "" if field.initial is None else field.initial for name, field in form.fields.items()}
    return {**fields, "base": form.base, "seen": form.seen, **changed}


def save(client: Client, fields: dict[str, Any], status: int = 200, page: str = "edit") -> str:
    answer = client.post(f"{DRAFT}/{page}/", fields, follow=True)
    assert answer.status_code == status
    return " ".join(unescape(answer.content.decode()).split())


def test_versions_are_listed_with_the_campaigns_that_use_them(organiser: Client, campaign: Campaign):
    begin(organiser)
    page = read(organiser, "/organiser/rubrics/")
    assert re.search(r'artimuse 2</a></th> <td><span class="badge warn">draft', page)
    assert re.search(
        r'artimuse 1</a></th> <td><span class="badge good">in use, frozen.*portraits/">Portraits</a>', page
    )


def test_the_list_takes_as_many_queries_for_many_versions(organiser: Client, campaign: Campaign):
    read(organiser, "/organiser/rubrics/")  # The first request of a while notes that somebody is here.
    counts = []
    for words in ("Once", "Twice", "Thrice"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read(organiser, "/organiser/rubrics/")
        counts.append(len(queries))
        content = copy.deepcopy(make_rubric().content)
        content["title"]["en"] = words
        draft_rubric.publish_version(draft_rubric.draft_version(make_rubric(), content))
    assert counts[0] == counts[1] == counts[2] <= 8


def test_a_version_is_read_in_both_languages(organiser: Client):
    content = copy.deepcopy(make_rubric().content)
    content["attributes"][0]["guidance"] = {"portrait": {"en": "Look at the eyes.", "zh-hans": "看眼睛。"}}
    draft_rubric.draft_version(make_rubric(), content)
    page = read(organiser, f"{DRAFT}/")
    for words in (
        "weight 7 %",
        "70 to 120 English words",
        "Parts sit at random",
        "各部分随意堆放",
        "看眼睛。",
        "人像摄影",
    ):
        assert words in page


def test_a_draft_is_begun_once(organiser: Client):
    begin(organiser)
    answer = organiser.post("/organiser/rubrics/artimuse/1/draft/", follow=True)
    assert "artimuse 2 is a draft already" in unescape(answer.content.decode())
    assert RubricVersion.objects.count() == 2


def test_a_form_sent_back_untouched_changes_nothing(organiser: Client):
    draft = begin(organiser)
    assert "The draft is saved." in save(organiser, typed(draft))
    assert RubricVersion.objects.get(number=2).content == make_rubric().content


def test_each_field_finds_its_place_in_the_rubric(organiser: Client, olga: User):
    draft = begin(organiser)
    place = "attributes.composition_design"
    changes = {
        "title.zh-hans": "新标题",
        "categories.photography.subcategories.portrait.name.en": "Portraits",
        f"{place}.definition.en": "New\r\n words.",
        f"{place}.weight": "8",
        "attributes.visual_elements.weight": "6",
        f"{place}.words.to": "130",
        f"{place}.anchors.0.score": "",
        f"{place}.anchors.0.text.en": "",
        f"{place}.anchors.0.text.zh-hans": "",
        f"{place}.anchors.5.score": "9.5",
        f"{place}.anchors.5.text.en": "Nearly there.",
        f"{place}.guidance.portrait.en": "Look at the eyes.",
    }
    save(organiser, typed(draft, **changes))
    draft.refresh_from_db()
    first = draft.content["attributes"][0]
    assert draft.content["title"]["zh-hans"] == "新标题"
    assert draft.content["categories"][0]["subcategories"][3]["name"]["en"] == "Portraits"
    assert (first["definition"]["en"], first["weight"], first["words"]) == ("New words.", 8, [70, 130])
    assert [anchor["score"] for anchor in first["anchors"]] == [3, 5, 7, 9, 9.5]
    assert first["anchors"][-1]["text"] == {"en": "Nearly there."}
    assert first["guidance"] == {"portrait": {"en": "Look at the eyes."}}
    assert draft.edited_by == olga
    changed = set(make_rubric().content["attributes"][2]) ^ set(draft.content["attributes"][2])
    assert changed == set()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (GESTALT, "", "Overall Gestalt · Definition · English</a>: This field is required"),
        ("attributes.overall_gestalt.weight", "101", "Overall Gestalt · Weight</a>: Ensure this value is less"),
        ("attributes.overall_gestalt.weight", "9", "Attributes: the weights add up to"),
        (
            "attributes.overall_gestalt.anchors.0.score",
            "10.2",
            "Anchor 1 · Score</a>: 10.2 is not on the scale",
        ),
        ("attributes.overall_gestalt.anchors.0.score", "3", "Overall Gestalt · Anchors: the scores must rise"),
        ("attributes.overall_gestalt.anchors.1.text.en", "", "Anchor 3 · English</a>: An English wording is needed"),
        (
            "attributes.overall_gestalt.anchors.5.text.en",
            "More",
            "New anchor · Score</a>: A score is needed",
        ),
        ("attributes.overall_gestalt.guidance.sketch.zh-hans", "线条", "Guidance · Sketch · English</a>: An English"),
    ],
)
def test_a_mistake_is_named_with_attribute_and_field_and_all_that_was_typed_stays(
    organiser: Client, field: str, value: str, words: str
):
    draft = begin(organiser)
    page = save(
        organiser, typed(draft, **{"attributes.visual_elements.name.en": "A name typed here", field: value}), 422
    )
    assert words in page
    assert 'value="A name typed here"' in page
    draft.refresh_from_db()
    assert draft.content == make_rubric().content


def test_what_two_people_change_in_different_places_is_brought_together(organiser: Client):
    draft = begin(organiser)
    mine = typed(draft, **{GESTALT: "My definition."})
    theirs = typed(draft, **{"title.en": "Their title", GESTALT: draft.content["attributes"][6]["definition"]["en"]})
    other = Client()
    other.force_login(make_user("oscar", is_superuser=True))
    save(other, theirs)
    page = save(organiser, mine, 409)
    assert "oscar saved this draft" in page
    assert 'value="Their title"' in page
    assert ">My definition.</textarea>" in page.replace("> My", ">My")
    assert "saved meanwhile:" not in page
    save(organiser, again(page, mine, **{"title.en": "Their title"}))
    draft.refresh_from_db()
    assert draft.content["title"]["en"] == "Their title"
    assert draft.content["attributes"][6]["definition"]["en"] == "My definition."


def again(page: str, fields: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return the fields with the hidden ones of the page shown."""
    seen = re.search(r'name="seen" value="(\w*)"', page)
    stored = RubricVersion.objects.draft_of("artimuse")
    assert seen
    assert stored
    return {**fields, "seen": seen[1], "base": DraftForm(stored.content, "").base, **changed}


def test_where_two_people_change_the_same_text_the_later_one_sees_both(organiser: Client):
    draft = begin(organiser)
    mine = typed(draft, **{GESTALT: "My definition."})
    draft_rubric.draft_version(draft, changed_gestalt("Their definition."))
    page = save(organiser, mine, 409)
    assert "My definition.</textarea>" in page
    assert re.search(r'class="stored-text">.*Their definition\.</span>', page)
    assert RubricVersion.objects.get(number=2).content["attributes"][6]["definition"]["en"] == "Their definition."


def test_what_was_typed_into_a_draft_published_meanwhile_can_become_the_next_one(organiser: Client):
    draft = begin(organiser)
    mine = typed(draft, **{GESTALT: "My definition."})
    draft_rubric.publish_version(draft_rubric.draft_version(draft, changed_gestalt("Published.")))
    page = save(organiser, mine, 409)
    assert "published or discarded meanwhile" in page
    assert "My definition.</textarea>" in page
    save(organiser, {**mine, "seen": ""})
    newest = RubricVersion.objects.get(number=3)
    assert (newest.published_at, newest.content["attributes"][6]["definition"]["en"]) == (None, "My definition.")


def test_a_draft_thrown_away_meanwhile_takes_nothing_of_what_was_typed_with_it(organiser: Client):
    draft = begin(organiser)
    mine = typed(draft, **{GESTALT: "My definition."})
    draft_rubric.discard_draft(draft, by=None)
    assert "My definition.</textarea>" in save(organiser, mine, 409)


def changed_gestalt(words: str) -> Any:
    content = copy.deepcopy(make_rubric().content)
    content["attributes"][6]["definition"]["en"] = words
    return content


def test_a_rubric_is_edited_as_yaml(organiser: Client):
    draft = begin(organiser)
    page = read(organiser, f"{DRAFT}/source/")
    assert "key: overall_gestalt" in page
    source = dump(changed_gestalt("From YAML."))
    save(organiser, {"source": source, "seen": draft.content_hash}, page="source")
    draft.refresh_from_db()
    assert draft.content == changed_gestalt("From YAML.")
    file = SimpleUploadedFile("rubric.yaml", dump(changed_gestalt("From a file.")).encode())
    save(organiser, {"source": source, "file": file, "seen": draft.content_hash}, page="source")
    draft.refresh_from_db()
    assert draft.content == changed_gestalt("From a file.")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("slug: a\ntitle: {en: A", "line 2 is no YAML"),
        ("slug: other\n", "slug: 'artimuse' is accepted"),
        ("slug: artimuse\n", "Scale: is missing"),
        ("[1]", "another rubric is not a version"),
    ],
)
def test_yaml_with_a_mistake_is_refused_and_stays(organiser: Client, source: str, words: str):
    draft = begin(organiser)
    page = save(organiser, {"source": source, "seen": draft.content_hash}, 422, "source")
    assert words in page
    assert " ".join(source.split()) in page


def test_a_file_that_is_no_text_is_refused(organiser: Client):
    draft = begin(organiser)
    file = SimpleUploadedFile("rubric.yaml", b"slug: \xff")
    page = save(organiser, {"source": "", "file": file, "seen": draft.content_hash}, 422, "source")
    assert "byte 6 is something else" in page


def test_yaml_saved_on_top_of_another_save_shows_both(organiser: Client):
    draft = begin(organiser)
    draft_rubric.draft_version(draft, changed_gestalt("Their definition."))
    source = dump(changed_gestalt("My definition."))
    page = save(organiser, {"source": source, "seen": draft.content_hash}, 409, "source")
    assert "data-difference><del>Their definition.</del><ins>My definition.</ins></p>" in page
    assert "Overall Gestalt · Definition · English" in page
    draft.refresh_from_db()
    save(organiser, {"source": source, "seen": draft.content_hash}, page="source")
    draft.refresh_from_db()
    assert draft.content == changed_gestalt("My definition.")


def test_a_version_can_be_taken_as_a_file(organiser: Client):
    make_rubric()
    answer = organiser.get("/organiser/rubrics/artimuse/1/rubric.yaml")
    assert yaml.safe_load(answer.content) == make_rubric().content
    assert 'filename="artimuse-1.yaml"' in answer["Content-Disposition"]


def test_edits_are_marked_and_published(organiser: Client):
    draft = begin(organiser)
    content = changed_gestalt("Do all parts fuse?")
    content["title"]["en"] = "The rubric"
    content["attributes"][0]["guidance"] = {"portrait": {"en": "Look."}}
    content["attributes"][0]["weight"], content["attributes"][1]["weight"] = 8, 6
    draft = draft_rubric.draft_version(draft, content)
    page = read(organiser, f"{DRAFT}/changes/")
    assert page.count('type="checkbox" name="semantic"') == 5
    assert page.count("checked disabled") == 2
    assert 'class="difference"><del>7</del><ins>8</ins></p>' in page
    assert "Guidance · Portrait · English" in page
    organiser.post(f"{DRAFT}/publish/", {"seen": draft.content_hash, "semantic": [GESTALT]})
    draft.refresh_from_db()
    assert draft.published_at
    kinds = {edit["path"]: edit["kind"] for edit in draft.edits}
    assert kinds == {
        GESTALT: "semantic",
        "attributes.composition_design.guidance.portrait.en": "wording",
        "attributes.composition_design.weight": "semantic",
        "attributes.visual_elements.weight": "semantic",
        "title.en": "wording",
    }
    shown = read(organiser, f"{DRAFT}/changes/")
    assert shown.count('badge warn">changes the meaning') == 3


def test_a_draft_saved_since_it_was_read_is_not_published_and_the_ticks_stay(organiser: Client):
    draft = begin(organiser)
    draft = draft_rubric.draft_version(draft, changed_gestalt("One"))
    seen = draft.content_hash
    draft_rubric.draft_version(draft, changed_gestalt("Two"))
    answer = organiser.post(f"{DRAFT}/publish/", {"seen": seen, "semantic": [GESTALT]})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f'value="{GESTALT}" checked' in page
    assert RubricVersion.objects.get(number=2).published_at is None


def test_a_draft_is_thrown_away_only_when_that_is_confirmed(organiser: Client):
    begin(organiser)
    organiser.post(f"{DRAFT}/discard/")
    assert RubricVersion.objects.count() == 2
    organiser.post(f"{DRAFT}/discard/", {"confirmed": "yes"})
    assert RubricVersion.objects.count() == 1


def test_a_published_version_cannot_be_edited_or_thrown_away(organiser: Client):
    make_rubric()
    for page in ("edit", "source"):
        answer = organiser.get(f"/organiser/rubrics/artimuse/1/{page}/")
        assert answer["Location"] == "/organiser/rubrics/artimuse/1/"
    organiser.post("/organiser/rubrics/artimuse/1/discard/", {"confirmed": "yes"})
    assert RubricVersion.objects.count() == 1


def test_what_taking_a_version_up_does_is_said_beforehand(organiser: Client, campaign: Campaign, alice: User):
    judge(campaign, alice)
    for words, semantic in (("One", []), ("Two", ["attributes"])):
        draft = draft_rubric.draft_version(make_rubric(), changed_gestalt(words))
        draft_rubric.publish_version(draft, semantic=semantic)
    assert "a later version is there" in read(organiser, "/organiser/portraits/")
    assert "All answers stay" in read(organiser, "/organiser/portraits/rubric/?to=2")
    page = read(organiser, "/organiser/portraits/rubric/")
    assert "1 answer is asked for again." in page
    assert campaign.assignments.filter(superseded=True).count() == 0
    answer = organiser.post("/organiser/portraits/rubric/", {"to": "3"}, follow=True)
    assert "artimuse 3 from now on; 1 answer is asked for again" in answer.content.decode()
    assert Campaign.objects.get().rubric_version.number == 3
    assert "no later published version" in read(organiser, "/organiser/portraits/rubric/")
    read(organiser, "/organiser/portraits/rubric/?to=2", 404)


def test_a_version_that_lacks_the_images_subcategory_says_so(organiser: Client, campaign: Campaign):
    content = copy.deepcopy(make_rubric().content)
    del content["categories"][0]["subcategories"][0]
    draft_rubric.publish_version(draft_rubric.draft_version(make_rubric(), content))
    page = read(organiser, "/organiser/portraits/rubric/")
    assert "images of daily_photo" in page
    assert "Take up artimuse 2" not in page
    answer = organiser.post("/organiser/portraits/rubric/", {"to": "2"})
    assert "which rubric artimuse 2 lacks" in unescape(answer.content.decode())
    assert Campaign.objects.get().rubric_version.number == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("attributes.overall_gestalt.anchors.7.text.zh-hans", "Overall Gestalt · Anchor 7 · Chinese"),
        ("attributes[0].anchors[1].score", "Composition & Design · Anchor 3 · Score"),
        ("attributes[0].anchors", "Composition & Design · Anchors"),
        ("categories.photography.subcategories.portrait.name.en", "Photography · Portrait · Name · English"),
        ("scale.minimum", "Scale · minimum"),
        ("attributes.gone.weight", "gone · Weight"),
    ],
)
def test_places_are_named_in_words(path: str, words: str):
    assert label(path, make_rubric().content, "en") == words
