"""Who may start which action: a table of actions and people, with a second campaign for outsiders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from annotation.actions.agreement import plan_analysis
from annotation.actions.agreement.inputs import take_cut_off
from annotation.actions.agreement.measure_agreement import measure_agreement, recompute_report
from annotation.actions.answers import annotate
from annotation.actions.assignments import assign, take_back
from annotation.actions.assignments.check_viewing import check_viewing
from annotation.actions.campaigns import (
    campaign_settings,
    change_campaign,
    consent,
    open_calibration,
    open_campaign,
    question,
)
from annotation.actions.campaigns.delete_draft import delete_draft
from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.images.import_images import import_images
from annotation.actions.jobs import runs
from annotation.actions.people.erase_person import erase_person
from annotation.actions.people.export_person import export_person
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.actions.releases import send_release, withdraw
from annotation.actions.releases.publish_release import freeze_foreseen, publish_release
from annotation.actions.reviews import review, send_back
from annotation.actions.rubrics import change_rubric, draft_rubric
from annotation.dataset.format.frozen import EVERYTHING
from annotation.design.calibration import Rule
from annotation.errors import ConnoisseurError, NotAllowed
from annotation.models import (
    Calibration,
    Campaign,
    Case,
    ModelVersion,
    NearDuplicatePair,
    Release,
    Report,
    RubricVersion,
    Run,
    SendBack,
)
from annotation.roles import Role
from tests.annotation.test_gate import INNER_STEPS, who_asks
from tests.harness.factories import give_roles, make_campaign, make_content, make_release, make_user, tie
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

# Everyone but olga, who administers, and mallory has one role in one campaign.
PORTRAITS = {"oscar": Role.ORGANISER, "rita": Role.ADJUDICATOR, "arthur": Role.AUDITOR, "vera": Role.VIEWER}
LANDSCAPES = {"otto": Role.ORGANISER, "dave": Role.ANNOTATOR, "ruth": Role.ADJUDICATOR, "anna": Role.AUDITOR}
ORGANISERS = {"oscar", "olga"}
OF_THE_RUBRIC = {"oscar", "olga", "otto"}  # Both campaigns go by the same.
AUDITORS = {*ORGANISERS, "arthur"}

NOWHERE = Path("nowhere")
Act = Callable[[Any, User], object]

# Each action, done to the campaign "portraits" or something in it, and who may. What is asked for is refused where
# doing it would take long; that is said later than who may.
ACTIONS: dict[str, tuple[Act, set[str]]] = {
    "agreement/measure_agreement.py: measure_agreement": (
        lambda here, by: measure_agreement(here.campaign, by=by, scope={"nothing": "such"}),
        ORGANISERS,
    ),
    "agreement/measure_agreement.py: recompute_report": (
        lambda here, by: recompute_report(here.report, by=by),
        AUDITORS,
    ),
    "agreement/plan_analysis.py: freeze_plan": (
        lambda here, by: plan_analysis.freeze_plan(here.campaign, {"nothing": "such"}, by=by),
        ORGANISERS,
    ),
    "answers/annotate.py: commit_annotation": (
        lambda here, by: annotate.commit_annotation(here.assignment, {}, by=by),
        {"alice"},
    ),
    "answers/annotate.py: commit_and_go_on": (
        lambda here, by: annotate.commit_and_go_on(here.assignment, {}, by=by),
        {"alice"},
    ),
    "answers/annotate.py: revise_and_go_on": (
        lambda here, by: annotate.revise_and_go_on(here.assignment, make_content(), by=by),
        {"alice"},
    ),
    "answers/annotate.py: revise_annotation": (
        lambda here, by: annotate.revise_annotation(here.assignment, make_content(), by=by),
        {"alice"},
    ),
    "answers/annotate.py: correct_annotation": (
        lambda here, by: annotate.correct_annotation(here.assignment, make_content(), by=by),
        {"alice"},
    ),
    "assignments/assign.py: renew_lease": (lambda here, by: assign.renew_lease(here.assignment, by=by), {"alice"}),
    "assignments/assign.py: save_draft": (
        lambda here, by: assign.save_draft(here.assignment, {}, version=0, by=by),
        {"alice"},
    ),
    "assignments/assign.py: skip_assignment": (
        lambda here, by: assign.skip_assignment(here.assignment, "broken", by=by),
        {"alice"},
    ),
    "assignments/take_back.py: take_back_skip": (
        lambda here, by: take_back.take_back_skip(here.assignment, by=by),
        {"alice"},
    ),
    "assignments/take_back.py: hand_back_image": (
        lambda here, by: take_back.hand_back_image(here.assignment, by=by),
        ORGANISERS,
    ),
    "assignments/check_viewing.py: check_viewing": (lambda here, by: check_viewing({}, by=by), {"alice", "dave"}),
    "campaigns/campaign_settings.py: change_description": (
        lambda here, by: campaign_settings.change_description(here.campaign, "Portraits", "Of them.", by=by),
        ORGANISERS,
    ),
    "campaigns/campaign_settings.py: choose_pace": (
        lambda here, by: campaign_settings.choose_pace(
            here.campaign, lease_minutes=30, daily_cap=None, correction_minutes=60, by=by
        ),
        ORGANISERS,
    ),
    "campaigns/campaign_settings.py: choose_case_spread": (
        lambda here, by: campaign_settings.choose_case_spread(here.campaign, None, by=by),
        ORGANISERS,
    ),
    "campaigns/campaign_settings.py: choose_draws": (
        lambda here, by: campaign_settings.choose_draws(here.campaign, "person", 1, by=by),
        ORGANISERS,
    ),
    "campaigns/campaign_settings.py: choose_surround": (
        lambda here, by: campaign_settings.choose_surround(here.campaign, 60, by=by),
        ORGANISERS,
    ),
    "campaigns/campaign_settings.py: cap_person": (
        lambda here, by: campaign_settings.cap_person(here.campaign, here.alice, 5, by=by),
        ORGANISERS,
    ),
    "campaigns/change_campaign.py: change_campaign_state": (
        lambda here, by: change_campaign.change_campaign_state(here.campaign, "pause", by=by),
        ORGANISERS,
    ),
    "campaigns/change_campaign.py: change_annotations_per_image": (
        lambda here, by: change_campaign.change_annotations_per_image(here.campaign, 4, by=by),
        ORGANISERS,
    ),
    "campaigns/change_campaign.py: choose_arms": (
        lambda here, by: change_campaign.choose_arms(here.campaign, "blind-panel", by=by),
        ORGANISERS,
    ),
    "campaigns/change_campaign.py: choose_repeats": (
        lambda here, by: change_campaign.choose_repeats(here.campaign, 5, 7, by=by),
        ORGANISERS,
    ),
    "campaigns/change_campaign.py: choose_precision": (
        lambda here, by: change_campaign.choose_precision(here.campaign, None, None, by=by),
        ORGANISERS,
    ),
    "campaigns/change_campaign.py: state_release_terms": (
        lambda here, by: change_campaign.state_release_terms(here.campaign, "CC0-1.0", {}, by=by),
        ORGANISERS,
    ),
    "campaigns/change_campaign.py: dismiss_person": (
        lambda here, by: change_campaign.dismiss_person(here.campaign, here.alice, by=by),
        ORGANISERS,
    ),
    "campaigns/change_campaign.py: clone_campaign": (
        lambda here, by: change_campaign.clone_campaign(here.campaign, "copy", title="Copy", by=by),
        ORGANISERS,
    ),
    "campaigns/consent.py: ask_for_consent": (
        lambda here, by: consent.ask_for_consent(here.campaign, "Another text.", by=by),
        ORGANISERS,
    ),
    "campaigns/consent.py: copy_consent": (
        lambda here, by: consent.copy_consent(here.campaign, here.campaign, by=by),
        ORGANISERS,
    ),
    "campaigns/consent.py: give_consent": (
        lambda here, by: consent.give_consent(here.campaign, by=by, version=1),
        {"alice"},
    ),
    "campaigns/delete_draft.py: delete_draft": (
        lambda here, by: delete_draft(here.campaign, by=by),
        ORGANISERS,
    ),
    "campaigns/open_calibration.py: open_calibration": (
        lambda here, by: open_calibration.open_calibration(here.campaign, here.campaign, rule=Rule(1, None), by=by),
        ORGANISERS,
    ),
    "campaigns/open_calibration.py: change_calibration_rule": (
        lambda here, by: open_calibration.change_calibration_rule(here.campaign, Rule(2, None), by=by),
        ORGANISERS,
    ),
    "campaigns/open_calibration.py: choose_anchor_set": (
        lambda here, by: open_calibration.choose_anchor_set(here.campaign, None, by=by),
        ORGANISERS,
    ),
    "campaigns/open_calibration.py: take_panel_scores_anew": (
        lambda here, by: open_calibration.take_panel_scores_anew(here.campaign, by=by),
        ORGANISERS,
    ),
    "campaigns/open_calibration.py: let_annotator_through": (
        lambda here, by: open_calibration.let_annotator_through(here.membership, by=by),
        ORGANISERS,
    ),
    "campaigns/open_calibration.py: ask_anchors_anew": (
        lambda here, by: open_calibration.ask_anchors_anew(here.membership, by=by),
        ORGANISERS,
    ),
    "campaigns/open_campaign.py: create_campaign": (
        lambda here, by: open_campaign.create_campaign("new-one", title="", rubric_version=here.version, by=by),
        {"olga"},
    ),
    "campaigns/open_campaign.py: invite_people": (
        lambda here, by: open_campaign.invite_people(here.campaign, [here.mallory], by=by),
        ORGANISERS,
    ),
    "campaigns/open_campaign.py: open_campaign": (
        lambda here, by: open_campaign.open_campaign(here.campaign, by=by),
        ORGANISERS,
    ),
    "campaigns/open_campaign.py: show_model": (
        lambda here, by: open_campaign.show_model(here.campaign, here.model, by=by),
        ORGANISERS,
    ),
    "campaigns/open_campaign.py: show_first_model": (
        lambda here, by: open_campaign.show_first_model(here.campaign, here.model, by=by),
        ORGANISERS,
    ),
    "campaigns/question.py: ask_question": (
        lambda here, by: question.ask_question(here.assignment, "Why?", by=by),
        {"alice"},
    ),
    "campaigns/question.py: reply_to_question": (
        lambda here, by: question.reply_to_question(here.assignment, "So.", by=by),
        ORGANISERS,
    ),
    "duplicates/decide_pair.py: decide_pair": (
        lambda here, by: decide_pair(here.pair, same=True, by=by, campaign=here.campaign),
        ORGANISERS,
    ),
    "images/add_to_campaign.py: add_images": (lambda here, by: add_images(here.campaign, [], by=by), ORGANISERS),
    "images/import_images.py: import_images": (
        lambda here, by: import_images(here.campaign, NOWHERE, by=by),
        ORGANISERS,
    ),
    "jobs/runs.py: start_run": (lambda here, by: runs.start_run(here.campaign, "prefill", "fake", by=by), ORGANISERS),
    "jobs/runs.py: resume_run": (lambda here, by: runs.resume_run(here.run, by=by), ORGANISERS),
    "jobs/runs.py: cancel_run": (lambda here, by: runs.cancel_run(here.run, by=by), ORGANISERS),
    "people/erase_person.py: erase_person": (
        lambda here, by: erase_person(here.alice, by=by, reason="no such reason"),
        {"olga"},
    ),
    "people/export_person.py: export_person": (
        lambda here, by: export_person(here.alice, by=by),
        {"olga", "alice"},
    ),
    "ratings/import_ratings.py: import_ratings": (
        lambda here, by: import_ratings(here.campaign, NOWHERE, by=by),
        ORGANISERS,
    ),
    "releases/publish_release.py: freeze_foreseen": (
        lambda here, by: freeze_foreseen(here.campaign, "no version", None, out=NOWHERE, by=by, scope=EVERYTHING),  # type: ignore[arg-type]
        ORGANISERS,
    ),
    "releases/publish_release.py: publish_release": (
        lambda here, by: publish_release(here.campaign, "no version", out=NOWHERE, by=by),
        ORGANISERS,
    ),
    "releases/send_release.py: push_release": (
        lambda here, by: send_release.push_release(here.release, None, "a/b", private=True, by=by),  # type: ignore[arg-type]
        ORGANISERS,
    ),
    "releases/send_release.py: reserve_doi": (
        lambda here, by: send_release.reserve_doi(here.campaign, by=by),
        ORGANISERS,
    ),
    "releases/send_release.py: deposit_release": (
        lambda here, by: send_release.deposit_release(
            here.release,
            None,  # type: ignore[arg-type]
            creators=(),
            licence="",
            publish=False,
            by=by,
        ),
        ORGANISERS,
    ),
    "releases/withdraw.py: withdraw_image": (
        lambda here, by: withdraw.withdraw_image(here.assignment.image, by=by, reason="no such reason"),
        ORGANISERS,
    ),
    "releases/withdraw.py: withdraw_person": (
        lambda here, by: withdraw.withdraw_person(here.campaign, here.alice, by=by, reason="no such reason"),
        ORGANISERS,
    ),
    "reviews/send_back.py: send_back": (
        lambda here, by: send_back.send_back(here.assignment, "Look again.", by=by),
        ORGANISERS,
    ),
    "reviews/send_back.py: withdraw_send_back": (
        lambda here, by: send_back.withdraw_send_back(here.send_back, by=by),
        ORGANISERS,
    ),
    "reviews/review.py: adjudicate_case": (
        lambda here, by: review.adjudicate_case(here.case, by=by, cause="", reason=""),
        {"rita"},
    ),
    "reviews/review.py: reopen_case": (lambda here, by: review.reopen_case(here.case, by=by, reason="."), {"rita"}),
    "rubrics/change_rubric.py: adopt_rubric": (
        lambda here, by: change_rubric.adopt_rubric(here.campaign, here.version, by=by),
        ORGANISERS,
    ),
    "rubrics/draft_rubric.py: start_draft": (
        lambda here, by: draft_rubric.start_draft(here.version, by=by),
        OF_THE_RUBRIC,
    ),
    "rubrics/draft_rubric.py: draft_version": (
        lambda here, by: draft_rubric.draft_version(here.version, {}, by=by),
        OF_THE_RUBRIC,
    ),
    "rubrics/draft_rubric.py: discard_draft": (
        lambda here, by: draft_rubric.discard_draft(here.version, by=by),
        OF_THE_RUBRIC,
    ),
    "rubrics/draft_rubric.py: publish_version": (
        lambda here, by: draft_rubric.publish_version(here.version, by=by),
        OF_THE_RUBRIC,
    ),
}


def make_places() -> None:
    """Make two campaigns with their people, and in the first one of everything that actions change."""
    landscapes = make_campaign("landscapes", people=(make_user("dave"),))
    portraits = make_campaign(people=(make_user("alice"),))
    for campaign, cast in ((portraits, PORTRAITS), (landscapes, LANDSCAPES)):
        for name, role in cast.items():
            give_roles(User.objects.filter(username=name).first() or make_user(name), campaign, role)
    make_user("olga", is_superuser=True)
    make_user("mallory")
    assign.next_assignment(portraits, User.objects.get(username="alice"))
    oscar = User.objects.get(username="oscar")
    SendBack.objects.create(assignment=portraits.assignments.get(), author=oscar, text="Look again.")
    one, other = portraits.images.filter(assignments=None)
    tie(one, other, NearDuplicatePair.State.UNDECIDED)
    Case.objects.create(campaign=portraits, image=one, rule=Case.Rule.FLAG, disputed=["broken"])
    query = {"as_of": take_cut_off(portraits), "scope": {"nothing": "such"}, "period": ""}
    report = Report.objects.create(
        campaign=portraits, figures={}, query=query, seed=1, engine_version="", input_hash=""
    )
    make_release(portraits, "0.1.0", state=Release.State.DONE, report=report)
    runs.start_run(portraits, "prefill", "fake", by=None)
    portraits.calibration = Calibration.objects.create(campaign=make_campaign("anchors"), panel=portraits)
    portraits.save()


@pytest.fixture
def here(recall: Callable[[Callable[[], None]], None]) -> SimpleNamespace:
    """What actions change, by name."""
    recall(make_places)
    campaign = Campaign.objects.get(slug="portraits")
    alice = User.objects.get(username="alice")
    return SimpleNamespace(
        campaign=campaign,
        alice=alice,
        mallory=User.objects.get(username="mallory"),
        assignment=campaign.assignments.get(),
        membership=campaign.memberships.get(user=alice),
        report=Report.objects.get(),
        release=Release.objects.get(),
        run=Run.objects.get(),
        send_back=SendBack.objects.get(),
        case=Case.objects.get(),
        pair=NearDuplicatePair.objects.get(),
        version=RubricVersion.objects.get(),
        model=ModelVersion.objects.get(),
    )


def is_let(act: Act, here: SimpleNamespace, by: User) -> bool:
    """Tell whether a person gets past the question whether they may; nothing of it stays."""
    try:
        with transaction.atomic():
            act(here, by)
            transaction.set_rollback(True)
    except NotAllowed:
        return False
    except ConnoisseurError:
        return True
    return True


@pytest.mark.parametrize("name", ACTIONS)
def test_each_action_is_open_to_whom_it_is_made_for_and_to_nobody_else(name: str, here: SimpleNamespace):
    act, allowed = ACTIONS[name]
    people = User.objects.order_by("username")
    assert {person.username for person in people if is_let(act, here, person)} == allowed


@pytest.mark.parametrize("name", ACTIONS)
def test_a_refused_action_writes_nothing(name: str, here: SimpleNamespace):
    with CaptureQueriesContext(connection) as queries, pytest.raises(NotAllowed):
        ACTIONS[name][0](here, here.mallory)
    assert [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_every_action_stands_in_the_table():
    assert set(who_asks()) - INNER_STEPS == set(ACTIONS)


@pytest.mark.parametrize(
    "name", ["campaigns/change_campaign.py: change_campaign_state", "answers/annotate.py: commit_annotation"]
)
def test_a_closed_account_may_nothing(name: str, here: SimpleNamespace):
    act, allowed = ACTIONS[name]
    User.objects.update(is_active=False)
    assert not any(is_let(act, here, person) for person in User.objects.filter(username__in=allowed))


def test_whoever_was_let_go_adds_nothing_any_more(here: SimpleNamespace):
    change_campaign.dismiss_person(here.campaign, here.alice, by=None)
    for name in (
        "answers/annotate.py: commit_annotation",
        "assignments/assign.py: save_draft",
        "campaigns/question.py: ask_question",
    ):
        assert not is_let(ACTIONS[name][0], here, here.alice)
