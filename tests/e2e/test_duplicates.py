"""An organiser decides on a pair of near duplicates by one key, without touching the mouse."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Visitor
from tests.harness.installation import Installation
from tests.harness.views import look

pytestmark = pytest.mark.browser

PLANT = """
from annotation.models import Campaign, NearDuplicatePair
one, other = Campaign.objects.get(slug="demo").images.order_by("pk")[:2]
NearDuplicatePair.objects.create(one=one, other=other, bits=9, likeness=912, state="undecided")
"""


def test_a_pair_is_decided_by_one_key(seeded: Installation, visitor: Visitor):
    seeded.manage("shell", "-c", PLANT)
    visitor.sign_in("olga")
    visitor.open("/organiser/demo/near-duplicates/")
    page = visitor.page
    assert page.inner_text(".pair .badge") == "1 pair to decide"
    look(visitor, "near duplicates-undecided")
    page.keyboard.press("Control+d")
    page.keyboard.press("x")
    assert page.locator(".pair").count() == 1
    with page.expect_navigation():
        page.keyboard.press("d")
    assert page.locator(".pair").count() == 0
    assert "different, by a person" in page.inner_text(".pairs")
    look(visitor, "near duplicates-decided")
