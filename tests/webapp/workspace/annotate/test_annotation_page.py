"""The judging page holds the rubric in force, the same for every assignment."""

import copy

import pytest

from annotation.actions.campaigns.open_campaign import publish_rubric
from tests.harness.factories import make_campaign

pytestmark = pytest.mark.django_db


def test_guidance_for_a_subcategory_stands_with_the_definition(client, alice):
    campaign = make_campaign("guided", people=(alice,))
    content = copy.deepcopy(campaign.rubric_version.content)
    content["attributes"][0]["guidance"] = {"calligraphy": {"en": "Follow the brush.", "zh-hans": "看笔势。"}}
    campaign.rubric_version = publish_rubric(content)
    campaign.save()
    client.force_login(alice)
    page = client.get("/workspace/guided/").content.decode()
    assert '<p data-guidance="calligraphy" hidden>Follow the brush.</p>' in page


def test_each_person_has_the_attributes_in_an_order_of_their_own_with_the_last_one_last(client, alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol))
    orders = []
    for person in (alice, bob, carol):
        client.force_login(person)
        pages = [client.get("/workspace/portraits/").context["attributes"] for _ in range(2)]
        keys = [[attribute["key"] for attribute in page] for page in pages]
        assert keys[0] == keys[1]
        assert keys[0][-1] == campaign.rubric.overall.key
        orders.append(tuple(keys[0]))
    assert len(set(orders)) > 1
