import copy

import pytest

from annotation.actions import annotate, assign, change_rubric, consent
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Campaign, Event, RubricVersion
from annotation.rubric_changes import compare, mark
from tests.factories import judge, make_answer, make_campaign, make_rubric

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def reworded(words="Do all parts fuse?"):
    content = copy.deepcopy(make_rubric().content)
    content["attributes"][6]["definition"]["en"] = words
    return content


def published(content, semantic=()):
    return change_rubric.publish_version(change_rubric.draft_version(make_rubric(), content), semantic=semantic)


def answered_in_new_version(campaign, user):
    assignment = assign.next_assignment(campaign, user)
    answer = make_answer(9) | {"rubric_version": 2}
    return annotate.commit(assignment, answer, by=user)


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


def test_a_version_is_drafted_published_and_frozen():
    draft = change_rubric.draft_version(make_rubric(), reworded("One wording"))
    again = change_rubric.draft_version(make_rubric(), reworded("Another wording"))
    assert (draft.pk, again.number, again.published_at) == (again.pk, 2, None)
    version = change_rubric.publish_version(again)
    assert [edit["kind"] for edit in version.edits] == ["wording"]
    version.content = reworded("Third wording")
    with pytest.raises(Conflict, match="frozen"):
        version.save()
    with pytest.raises(Conflict, match="published already"):
        change_rubric.publish_version(version)


def test_a_draft_that_changes_nothing_is_not_published():
    with pytest.raises(Conflict, match="changes nothing"):
        published(make_rubric().content)


def test_after_a_wording_edit_the_answers_stay(campaign, alice, olga):
    judge(campaign, alice)
    assert change_rubric.adopt(campaign, published(reworded()), by=olga) == 0
    assert campaign.annotations.counted().count() == 1
    assert Campaign.objects.get().rubric_version.number == 2


def test_after_a_semantic_edit_answers_are_asked_again_and_kept(alice, bob, olga):
    campaign = make_campaign(people=(alice, bob), images=2, answers_per_image=2)
    for person in (alice, bob):
        for _ in range(2):
            judge(campaign, person, 4)
    version = published(reworded(), ["attributes.overall_gestalt"])
    assert change_rubric.adopt(campaign, version, by=olga) == 4
    campaign = Campaign.objects.get()
    assert campaign.annotations.counted().count() == 0
    for _ in range(2):
        done = answered_in_new_version(campaign, alice)
        assert done.earlier().annotation.revisions.get().holistic == 400
    assert assign.next_assignment(campaign, alice) is None
    assert campaign.annotations.filter(annotator=alice).count() == 4
    assert campaign.annotations.counted().filter(annotator=alice).count() == 2
    assert Event.objects.get(verb="rubric.adopted").details == {"from": 1, "to": 2, "asked_again": 4}


def test_only_a_later_published_version_of_the_same_rubric_follows(campaign, olga):
    draft = change_rubric.draft_version(make_rubric(), reworded())
    for version in (draft, RubricVersion.objects.get(number=1)):
        with pytest.raises(Conflict, match="only a later published version"):
            change_rubric.adopt(campaign, version, by=olga)


def test_nobody_judges_before_they_consent_to_the_text_as_it_stands(campaign, alice, mallory, olga):
    consent.ask_consent(campaign, "Your answers are published under a pseudonym.", by=olga)
    with pytest.raises(Conflict, match="consent is asked for"):
        assign.next_assignment(campaign, alice)
    consent.consent(campaign, by=alice, version=1)
    assert assign.next_assignment(campaign, alice)
    consent.ask_consent(campaign, "And kept for ten years.", by=olga)
    with pytest.raises(Conflict, match="consent is asked for"):
        assign.next_assignment(campaign, alice)
    with pytest.raises(Conflict, match="has changed since you read it"):
        consent.consent(campaign, by=alice, version=1)
    with pytest.raises(NotAllowed):
        consent.consent(campaign, by=mallory, version=2)
    assert Event.objects.get(verb="consent.given").actor == alice
