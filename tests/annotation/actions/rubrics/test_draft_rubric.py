import pytest

from annotation.actions.campaigns.open_campaign import publish_rubric
from annotation.actions.rubrics import draft_rubric
from annotation.errors import BadInput, Conflict
from annotation.models import Event, RubricVersion
from annotation.rubric.changes import compare, mark
from tests.annotation.actions.rubrics.test_change_rubric import reworded
from tests.harness.factories import make_campaign, make_rubric

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_edits_are_found_one_by_one():
    before = make_rubric().content
    after = reworded()
    after["attributes"][0]["weight"], after["attributes"][1]["weight"] = 8, 6
    del after["categories"][0]["subcategories"][4]
    found = {edit.path: edit.kind for edit in compare(before, after)}
    assert found["attributes.overall_gestalt.definition.en"] == "wording"
    assert found["attributes.composition_design.weight"] == "semantic"
    assert any("movie_still" in path and kind == "semantic" for path, kind in found.items())
    assert compare(before, before) == []


def test_an_author_marks_a_wording_as_a_change_of_meaning():
    edits = compare(make_rubric().content, reworded())
    assert [edit.kind for edit in mark(edits, ["attributes.overall_gestalt"])] == ["semantic"]
    with pytest.raises(BadInput, match=r"'attributes.theme' was not edited; edited: attributes\.overall_gestalt"):
        mark(edits, ["attributes.theme"])


def test_only_an_edit_without_another_meaning_can_be_called_wording():
    before, after = make_rubric().content, make_rubric().content
    after["attributes"][0]["guidance"] = {"portrait": {"en": "Look at the eyes first."}}
    after["attributes"][0]["weight"], after["attributes"][1]["weight"] = 8, 6
    edits = compare(before, after)
    guidance = "attributes.composition_design.guidance"
    assert [edit.kind for edit in edits] == ["semantic"] * 3
    assert [edit.path for edit in mark(edits, [], [guidance]) if edit.kind == "wording"] == [f"{guidance}.portrait.en"]
    with pytest.raises(BadInput, match=r"composition_design\.weight' changes the meaning by its nature"):
        mark(edits, [], ["attributes"])


def test_a_key_that_reads_like_a_field_is_no_wording():
    before, after = make_rubric().content, make_rubric().content
    for content, weight in ((before, 7), (after, 8)):
        content["attributes"][0] |= {"key": "text", "weight": weight}
    assert [(edit.path, edit.kind) for edit in compare(before, after)] == [("attributes.text.weight", "semantic")]


def test_a_version_is_drafted_published_and_frozen():
    draft = draft_rubric.draft_version(make_rubric(), reworded("One wording"))
    again = draft_rubric.draft_version(make_rubric(), reworded("Another wording"))
    assert (draft.pk, again.number, again.published_at) == (again.pk, 2, None)
    version = draft_rubric.publish_version(again)
    assert [edit["kind"] for edit in version.edits] == ["wording"]
    version.content = reworded("Third wording")
    with pytest.raises(Conflict, match="frozen"):
        version.save()
    with pytest.raises(Conflict, match="published already"):
        draft_rubric.publish_version(version)


def test_a_draft_that_changes_nothing_is_not_published():
    with pytest.raises(Conflict, match="changes nothing"):
        draft_rubric.publish_version(draft_rubric.draft_version(make_rubric(), make_rubric().content))


def test_a_draft_begins_with_a_version_and_there_is_one_at_a_time(campaign, olga):
    draft = draft_rubric.start_draft(make_rubric(), by=olga)
    assert (draft.number, draft.content, draft.edited_by) == (2, make_rubric().content, olga)
    with pytest.raises(Conflict, match="artimuse 2 is a draft already"):
        draft_rubric.start_draft(make_rubric(), by=olga)
    draft_rubric.discard_draft(draft, by=olga)
    assert RubricVersion.objects.count() == 1
    assert [event.verb for event in Event.objects.order_by("number")][-2:] == ["rubric.drafted", "rubric.discarded"]


def test_whoever_saves_a_draft_that_was_saved_meanwhile_is_told(olga):
    draft = draft_rubric.start_draft(make_rubric(), by=olga)
    seen = draft.content_hash
    first = draft_rubric.draft_version(draft, reworded("First"), by=olga, seen=seen)
    with pytest.raises(Conflict, match="artimuse 2 was saved meanwhile, by somebody else"):
        draft_rubric.draft_version(draft, reworded("Second"), by=olga, seen=seen)
    with pytest.raises(Conflict, match="was saved meanwhile"):
        draft_rubric.publish_version(draft, by=olga, seen=seen)
    assert draft_rubric.draft_version(draft, reworded("Second"), seen=first.content_hash).content == reworded("Second")


def test_a_draft_published_meanwhile_is_not_brought_back_unasked(olga):
    draft = draft_rubric.draft_version(make_rubric(), reworded(), seen="")
    draft_rubric.publish_version(draft)
    with pytest.raises(Conflict, match="published or discarded meanwhile"):
        draft_rubric.draft_version(draft, reworded("Later"), seen=draft.content_hash)
    assert draft_rubric.draft_version(draft, reworded("Later"), seen="").number == 3


def test_publishing_is_recorded_where_the_rubric_is_used(campaign, olga):
    other = make_campaign("other")
    draft = draft_rubric.draft_version(make_rubric(), reworded(), by=olga)
    draft_rubric.publish_version(draft, by=olga, semantic=["attributes"])
    events = Event.objects.filter(verb="rubric.published")
    assert {event.chain.campaign for event in events} == {campaign, other}
    assert events[0].details == {
        "rubric": "artimuse 2",
        "edits": [{"path": "attributes.overall_gestalt.definition.en", "kind": "semantic"}],
    }


def test_a_draft_beside_which_a_file_was_published_comes_after_it():
    draft = draft_rubric.draft_version(make_rubric(), reworded("One"))
    published = publish_rubric(reworded("Two"))
    assert (draft.number, published.number) == (2, 3)
    assert [edit["kind"] for edit in published.edits] == ["wording"]
    version = draft_rubric.publish_version(draft)
    assert version.number == 4
    assert [(edit["before"], edit["after"]) for edit in version.edits] == [("Two", "One")]
