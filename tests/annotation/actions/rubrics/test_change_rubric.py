import copy

import pytest

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns import consent
from annotation.actions.rubrics import change_rubric, draft_rubric
from annotation.errors import Conflict, NotAllowed
from annotation.models import Campaign, Event, RubricVersion
from tests.harness.factories import judge, make_campaign, make_content, make_rubric

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def reworded(words="Do all parts fuse?"):
    content = copy.deepcopy(make_rubric().content)
    content["attributes"][6]["definition"]["en"] = words
    return content


def published(content, semantic=()):
    return draft_rubric.publish_version(draft_rubric.draft_version(make_rubric(), content), semantic=semantic)


def annotated_in_new_version(campaign, user):
    assignment = assign.next_assignment(campaign, user)
    content = make_content(9) | {"rubric_version": 2}
    return annotate.commit_annotation(assignment, content, by=user)


def test_after_a_wording_edit_the_answers_stay(campaign, alice, olga):
    judge(campaign, alice)
    assert change_rubric.adopt_rubric(campaign, published(reworded()), by=olga) == 0
    assert campaign.annotations.counted().count() == 1
    assert Campaign.objects.get().rubric_version.number == 2


def test_after_a_semantic_edit_answers_are_asked_again_and_kept(alice, bob, olga):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=2)
    for person in (alice, bob):
        for _ in range(2):
            judge(campaign, person, 4)
    version = published(reworded(), ["attributes.overall_gestalt"])
    assert change_rubric.adopt_rubric(campaign, version, by=olga) == 4
    campaign = Campaign.objects.get()
    assert campaign.annotations.counted().count() == 0
    for _ in range(2):
        done = annotated_in_new_version(campaign, alice)
        assert done.earlier().annotation.revisions.get().holistic == 400
    assert assign.next_assignment(campaign, alice) is None
    assert campaign.annotations.filter(annotator=alice).count() == 4
    assert campaign.annotations.counted().filter(annotator=alice).count() == 2
    assert Event.objects.get(verb="rubric.adopted").details == {"from": 1, "to": 2, "asked_again": 4}


def test_only_a_later_published_version_of_the_same_rubric_follows(campaign, olga):
    draft = draft_rubric.draft_version(make_rubric(), reworded())
    for version in (draft, RubricVersion.objects.get(number=1)):
        with pytest.raises(Conflict, match="only a later published version"):
            change_rubric.adopt_rubric(campaign, version, by=olga)


def test_what_adopting_would_do_is_known_beforehand(alice, olga):
    campaign = make_campaign(people=(alice,), images=2)
    judge(campaign, alice)
    published(reworded())
    worded, meant = published(reworded("Again?")), published(reworded("Something else?"), ["attributes"])
    assert change_rubric.preview_adoption(campaign, worded).asked_again == 0
    told = change_rubric.preview_adoption(campaign, meant)
    assert (told.asked_again, len(told.edits), told.unknown) == (1, 3, [])
    assert campaign.assignments.filter(superseded=True).count() == 0
    assert change_rubric.adopt_rubric(campaign, meant, by=olga) == 1


def test_a_version_without_the_subcategories_of_the_images_is_refused(campaign, olga):
    content = copy.deepcopy(make_rubric().content)
    del content["categories"][0]["subcategories"][0]
    version = published(content)
    assert change_rubric.preview_adoption(campaign, version).unknown == ["daily_photo"]
    with pytest.raises(Conflict, match="has images of daily_photo, which rubric artimuse 2 lacks"):
        change_rubric.adopt_rubric(campaign, version, by=olga)
    assert Campaign.objects.get().rubric_version.number == 1


def test_nobody_judges_before_they_consent_to_the_text_as_it_stands(campaign, alice, mallory, olga):
    consent.ask_for_consent(campaign, "Your answers are published under a pseudonym.", by=olga)
    with pytest.raises(Conflict, match="consent is asked for"):
        assign.next_assignment(campaign, alice)
    consent.give_consent(campaign, by=alice, version=1)
    assert assign.next_assignment(campaign, alice)
    consent.ask_for_consent(campaign, "And kept for ten years.", by=olga)
    with pytest.raises(Conflict, match="consent is asked for"):
        assign.next_assignment(campaign, alice)
    with pytest.raises(Conflict, match="has changed since you read it"):
        consent.give_consent(campaign, by=alice, version=1)
    with pytest.raises(NotAllowed):
        consent.give_consent(campaign, by=mallory, version=2)
    assert Event.objects.get(verb="consent.given").actor == alice
