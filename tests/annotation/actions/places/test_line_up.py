"""Orders of images: whoever may judge one finds it in theirs, however it came."""

import json

import pytest

from annotation.actions.assignments import assign
from annotation.actions.campaigns.open_campaign import invite_people, publish_rubric
from annotation.actions.places.line_up import line_up_images
from annotation.actions.rubrics.change_rubric import adopt_rubric
from tests.harness.factories import judge, make_campaign, rubric_content

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_an_image_of_an_import_that_was_slower_than_the_next_one_is_lined_up_too(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=2)
    # An import stores a key that it drew before a later one was done.
    slow = campaign.entries.order_by("pk").first()
    campaign.entries.filter(pk=slow.pk).delete()
    membership = campaign.memberships.get(user=alice)
    line_up_images(membership)
    slow.save(force_insert=True)
    assert {judge(campaign, alice).image_id for _ in range(2)} == {image.pk for image in campaign.images.all()}
    assert assign.next_assignment(campaign, alice) is None


def test_a_subcategory_that_moves_to_another_category_goes_to_whom_may_judge_that(alice, bob):
    campaign = make_campaign(people=(alice,), images=1)
    invite_people(campaign, [bob], by=None, categories=["design_3d"])
    assert assign.next_assignment(campaign, bob) is None
    content = json.loads(rubric_content())
    categories = {category["key"]: category["subcategories"] for category in content["categories"]}
    [moved] = [one for one in categories["photography"] if one["key"] == "daily_photo"]
    categories["photography"].remove(moved)
    categories["design_3d"].append(moved)
    adopt_rubric(campaign, publish_rubric(content), by=None)
    campaign.refresh_from_db()
    assert assign.next_assignment(campaign, bob) is not None
