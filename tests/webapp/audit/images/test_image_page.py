"""The page of one image: all that was said of it, under pseudonyms."""

from __future__ import annotations

import pytest
from django.test import Client

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.withdraw import withdraw_image
from annotation.actions.reviews import review
from annotation.models import Campaign, Case, Withdrawal
from annotation.roles import Role
from tests.harness.factories import (
    SECRET_WORDS,
    force_arm,
    give_roles,
    judge,
    make_campaign,
    make_content,
    prefill_all,
)
from tests.webapp.audit.reading import read
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def test_an_image_shows_first_and_final_answers_under_pseudonyms(auditor: Client, alice: User, bob: User):
    panel = make_campaign("panel", people=(alice, bob), images=1, annotations_per_image=2)
    prefill_all(panel)
    force_arm(panel, reveal=100)
    annotation = judge(panel, alice, 4)
    annotate.revise_annotation(annotation, make_content(6), by=alice)
    force_arm(panel, blind=100)
    judge(panel, bob, 8.5)
    page = read(auditor, f"/audit/panel/images/{annotation.image_id}/")
    assert "<td>reveal</td><td>blind</td>" in page
    assert "4.0 <span" in page
    assert "<strong>6.0</strong>" in page
    assert "8.5 </td>" in page
    assert "My own words on overall_gestalt." in page
    assert "the model proposes a heron" in page
    assert alice.pseudonym in page
    assert "alice" not in page.partition("<main")[2]


def test_an_image_shows_what_was_adjudicated_and_what_stays_out_of_the_figures(
    auditor: Client, campaign: Campaign, alice: User, rita: User
):
    annotation = judge(campaign, alice, 7)
    case = Case.objects.create(campaign=campaign, image=annotation.image, rule="spread", disputed=["overall_gestalt"])
    review.adjudicate_case(case, by=rita, cause="taste", reason="Seen anew.", scores={"overall_gestalt": 3.5})
    Withdrawal.objects.create(campaign=campaign, person=alice, reason="consent")
    page = read(auditor, f"/audit/portraits/images/{annotation.image_id}/")
    assert "Seen anew." in page
    assert '<dd class="big">3.5</dd>' in page
    assert rita.pseudonym in page
    assert "withdrawn" in page


def test_an_image_of_another_campaign_is_not_found(auditor: Client, campaign: Campaign):
    other = make_campaign("other", images=1).images.get()
    assert auditor.get(f"/audit/portraits/images/{other.pk}/").status_code == 404


def test_who_has_still_to_judge_an_image_elsewhere_reads_no_prefill_of_it(client: Client, alice: User, bob: User):
    blind = make_campaign("blind", people=(bob,), images=1)
    panel = make_campaign("panel", people=(alice,), images=0, opened=False)
    add_images(panel, [blind.images.get()], by=None)
    prefill_all(panel)
    assignment = assign.next_assignment(blind, bob)
    assert assignment is not None
    give_roles(bob, panel, Role.AUDITOR)
    client.force_login(bob)
    address = f"/audit/panel/images/{assignment.image_id}/"
    page = read(client, address)
    assert SECRET_WORDS not in page
    assert "is shown once you have judged it" in page
    annotate.commit_annotation(assignment, make_content(), by=bob)
    assert SECRET_WORDS in read(client, address)


def test_models_of_other_campaigns_are_not_named(auditor: Client, alice: User):
    panel = make_campaign("panel", people=(alice,), images=1)
    elsewhere = make_campaign("elsewhere", people=(alice,), images=0, opened=False)
    add_images(elsewhere, [panel.images.get()], by=None)
    prefill_all(elsewhere)
    assert SECRET_WORDS not in read(auditor, f"/audit/panel/images/{panel.images.get().pk}/")
    assert SECRET_WORDS in read(auditor, f"/audit/elsewhere/images/{panel.images.get().pk}/")


def test_a_withdrawn_image_shows_a_tombstone_with_the_reason_and_what_became_of_its_files(
    auditor: Client, campaign: Campaign, alice: User
):
    image = judge(campaign, alice).image
    withdraw_image(image, by=None, reason="depicted")
    page = read(auditor, f"/audit/portraits/images/{image.pk}/")
    assert "asked for by somebody depicted. Nobody is shown this image any more." in page
    assert "Its files: erased from storage." in page
    assert f"/images/{image.pk}/display/" not in page
    assert "excluded by an adjudicator" not in page
