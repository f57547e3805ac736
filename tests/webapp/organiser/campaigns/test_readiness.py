"""The page of a draft says what is missing until people can begin, and leads to where it is seen to."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from annotation.actions.agreement.plan_analysis import freeze_plan
from annotation.actions.campaigns.campaign_settings import change_description
from annotation.actions.campaigns.change_campaign import state_release_terms
from annotation.actions.campaigns.consent import ask_for_consent
from annotation.actions.campaigns.open_campaign import create_campaign, invite_people, what_is_missing
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.runs import start_run
from annotation.models import Calibration, Campaign, ModelVersion, Prefill, Run
from annotation.roles import Role
from tests.harness.factories import make_campaign, make_image, make_rubric, make_user
from webapp.accounts.invite import Invitee, invite
from webapp.accounts.models import User
from webapp.organiser.campaigns import readiness
from webapp.organiser.campaigns.readiness import steps_to_opening

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Campaign:
    return create_campaign("spring", title="Spring", rubric_version=make_rubric(), by=None)


def steps(campaign: Campaign) -> dict[str, tuple[str, str]]:
    campaign = Campaign.objects.get(pk=campaign.pk)
    return {step.name: (step.state, step.words) for step in steps_to_opening(campaign)}


def test_a_new_draft_lacks_images_people_and_a_model(draft: Campaign):
    assert steps(draft) == {
        "Images": ("missing", "None is in it yet."),
        "People": ("missing", "Nobody judges yet."),
        "Model": ("missing", "None was asked yet; the first one asked will be shown."),
        "Consent": ("free", "None is asked for."),
        "Calibration": ("free", "None is asked for; people begin at once."),
        "Analysis plan": ("free", "None is frozen; one can be until the first answer."),
        "Description and licence": ("free", "Releases would say: no description, no licence stated."),
    }
    assert set(what_is_missing(draft)) == {"images", "people", "model"}


def test_what_was_seen_to_is_done(draft: Campaign, alice: User, bob: User, carol: User):
    add_images(draft, [image := make_image()], by=None)
    invite_people(draft, [alice, bob, carol], by=None)
    model = ModelVersion.objects.create(name="critic", version="1")
    Campaign.objects.update(shown_model=model)
    assert steps(draft)["Model"] == ("look", "critic 1 has not answered on every image yet.")
    Prefill.objects.create(image=image, model_version=model, score=50, attributes={}, seconds=0.1)
    ask_for_consent(draft, "Published under a pseudonym.", by=None)
    change_description(draft, "Spring", "Of flowers.", by=None)
    assert steps(draft)["Description and licence"] == ("free", "Releases would say: no licence stated.")
    state_release_terms(draft, "CC0-1.0", {}, by=None)
    calibration = Calibration.objects.create(campaign=make_campaign("anchors"), panel=draft)
    Campaign.objects.filter(pk=draft.pk).update(calibration=calibration)
    assert steps(draft) | {"Analysis plan": ()} == {
        "Images": ("done", "1 image is in it."),
        "People": ("done", "3 people judge."),
        "Model": ("done", "critic 1 is shown."),
        "Consent": ("done", "Version 1 is asked for."),
        "Calibration": ("done", "Anchor images come first."),
        "Analysis plan": (),
        "Description and licence": ("done", "Both are stated."),
    }


def test_of_a_large_draft_the_run_says_whether_the_model_has_answered(draft: Campaign, monkeypatch):
    monkeypatch.setattr(readiness, "LOOKED_AT", 0)
    add_images(draft, [make_image()], by=None)
    run = start_run(draft, "prefill", "fake", by=None)
    Campaign.objects.update(shown_model=run.model_version)
    assert steps(draft)["Model"][0] == "look"
    Run.objects.update(state=Run.State.DONE)
    assert steps(draft)["Model"][0] == "done"


def test_too_few_people_for_a_subcategory_are_named(draft: Campaign, alice: User, bob: User, carol: User):
    add_images(draft, [make_image()], by=None)
    invite_people(draft, [alice, bob], by=None)
    invite_people(draft, [carol], by=None, categories=["graphic_design"])
    state, words = steps(draft)["People"]
    assert state == "look"
    assert words.startswith("Fewer than the 3 people each image needs may judge: ")
    invite_people(draft, [make_user("dora")], by=None)
    assert steps(draft)["People"] == ("done", "4 people judge.")


def test_invitations_that_wait_are_counted(draft: Campaign, olga: User):
    invite([Invitee(roles=frozenset({Role.ANNOTATOR}))], by=None, campaign=draft)
    assert steps(draft)["People"] == ("missing", "Nobody judges yet; 1 invitation waits.")


def test_a_blind_panel_needs_no_model(draft: Campaign):
    Campaign.objects.update(blind_share=100, reveal_share=0)
    assert steps(draft)["Model"] == ("done", "None is shown, as the preset says.")


def test_each_step_leads_to_a_page_or_a_section_that_is_there(organiser: Client, draft: Campaign, olga: User):
    invite_people(draft, [olga], by=None, roles=frozenset({Role.ORGANISER}))
    page = organiser.get("/organiser/spring/").content.decode()
    assert "Still missing until people can begin" in page
    for step in steps_to_opening(draft):
        assert f'href="{step.address}"' in page
        answer: Any = organiser.get(step.address)
        assert answer.status_code == 200
        _path, _hash, section = step.address.partition("#")
        assert not section or f'id="{section}"' in answer.content.decode()


def test_what_is_needed_is_there_and_an_open_campaign_is_told_nothing(organiser: Client, alice: User):
    campaign = make_campaign(people=(alice,), opened=False, preset="blind-panel")
    page = organiser.get("/organiser/portraits/").content.decode()
    assert "Ready to open" in page
    assert re.search(r"Fewer than the \d people", page)
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.OPEN)
    assert 'id="missing"' not in organiser.get("/organiser/portraits/").content.decode()


def test_a_frozen_plan_is_done(draft: Campaign):
    freeze_plan(draft, {}, by=None)
    assert steps(draft)["Analysis plan"] == ("done", "It is frozen.")
