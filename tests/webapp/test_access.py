"""Who may open which page: a table of people and pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.assignments import assign
from annotation.actions.campaigns.consent import ask_for_consent
from annotation.actions.jobs.references import sign_image
from annotation.actions.jobs.runs import start_run
from annotation.actions.rubrics import draft_rubric
from annotation.dataset.format import manifest
from annotation.models import Assignment, Calibration, Campaign, Case, NearDuplicatePair, Release, Report, Run
from annotation.roles import Role
from tests.harness.factories import give_roles, give_tiles, make_campaign, make_release, make_user, somebody, tie
from webapp.accounts.invite import Invitee, invite
from webapp.accounts.models import Invitation, User

pytestmark = pytest.mark.django_db

# olga administers the installation, oscar organises this campaign, vera views it; the outsiders are at home elsewhere.
PEOPLE = ("alice", "rita", "olga", "oscar", "arthur", "vera", "mallory", "a stranger")

OUTSIDERS = {"otto": Role.ORGANISER, "ruth": Role.ADJUDICATOR, "anna": Role.AUDITOR, "vito": Role.VIEWER}

NOBODYS = "00000000-0000-0000-0000-000000000000"

# Each page by the name of its address, and what happens to each of the people above who asks for it.
# 302 sends a stranger to the sign-in page; who may not see a page learns nothing from it.
PAGES: dict[str, tuple[str, tuple[int, ...]]] = {
    "home": ("/", (302, 302, 302, 302, 302, 302, 200, 302)),
    "sign-in": ("/sign-in/", (302, 302, 302, 302, 302, 302, 302, 200)),
    "account_login": ("/sign-in/", (302, 302, 302, 302, 302, 302, 302, 200)),
    "account": ("/account/", (200, 200, 200, 200, 200, 200, 200, 302)),
    "account_change_password": ("/account/password/", (200, 200, 200, 200, 200, 200, 200, 302)),
    # Leads whoever has a password to where it is changed.
    "account_set_password": ("/account/password/first/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "account_reauthenticate": ("/account/confirm/", (200, 200, 200, 200, 200, 200, 200, 302)),
    "account_reset_password": ("/password/", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_reset_password_done": ("/password/sent/", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_reset_password_from_key": ("/password/1-nonsense/", (200, 200, 200, 200, 200, 200, 200, 200)),
    "reset-link": ("/people/{person}/password/", (404, 404, 200, 404, 404, 404, 404, 302)),
    "mfa_index": ("/account/", (200, 200, 200, 200, 200, 200, 200, 302)),
    # For whoever has given a password, and nobody else.
    "mfa_authenticate": ("/sign-in/second-factor/", (302, 302, 302, 302, 302, 302, 302, 302)),
    # What a browser is to sign is random, and the same for everybody.
    "mfa_login_webauthn": ("/sign-in/passkey/", (302, 302, 302, 302, 302, 302, 302, 200)),
    # Where the password, or whatever else there is, is asked for first.
    "mfa_reauthenticate": ("/account/confirm/code/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "mfa_reauthenticate_webauthn": ("/account/confirm/passkey/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "mfa_activate_totp": ("/account/app/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "mfa_deactivate_totp": ("/account/app/remove/", (404, 404, 404, 404, 404, 404, 404, 302)),
    "mfa_view_recovery_codes": ("/account/recovery-codes/", (404, 404, 404, 404, 404, 404, 404, 302)),
    "mfa_generate_recovery_codes": ("/account/recovery-codes/new/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "mfa_add_webauthn": ("/account/passkeys/add/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "mfa_remove_webauthn": ("/account/passkeys/1/remove/", (302, 302, 302, 302, 302, 302, 302, 302)),
    # No institution is set here.
    "openid_connect_login": ("/sign-in/institution/start/", (404, 404, 404, 404, 404, 404, 404, 404)),
    "openid_connect_callback": ("/sign-in/institution/callback/", (404, 404, 404, 404, 404, 404, 404, 404)),
    "people": ("/people/", (404, 404, 200, 404, 404, 404, 404, 302)),
    "person": ("/people/{person}/", (404, 404, 200, 404, 404, 404, 404, 302)),
    "person-export": ("/people/{person}/export/", (404, 404, 200, 404, 404, 404, 404, 302)),
    "person-erase": ("/people/{person}/erase/", (404, 404, 200, 404, 404, 404, 404, 302)),
    # No such key was sent to anybody.
    "account_confirm_email": ("/account/e-mail/nonsense/", (200, 200, 200, 200, 200, 200, 200, 200)),
    "start": ("/start/", (404, 404, 200, 404, 404, 404, 404, 302)),
    "invitations": ("/people/invitations/", (404, 404, 200, 404, 404, 404, 404, 302)),
    "invitation-link": ("/invitations/nonsense/", (302, 302, 302, 302, 302, 302, 302, 302)),
    # Nobody opened one.
    "invitation": ("/invitation/", (410, 410, 410, 410, 410, 410, 410, 410)),
    "organiser:invitations": ("/organiser/portraits/invitations/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "health": ("/health/", (200, 200, 200, 200, 200, 200, 200, 200)),
    # Nobody has set a contact here.
    "security-contact": ("/.well-known/security.txt", (404, 404, 404, 404, 404, 404, 404, 404)),
    "workspace:home": ("/workspace/", (200, 404, 404, 404, 404, 404, 404, 302)),
    "workspace:annotate": ("/workspace/portraits/", (200, 404, 404, 404, 404, 404, 404, 302)),
    "workspace:cases": ("/workspace/cases/", (404, 200, 404, 404, 404, 404, 404, 302)),
    "workspace:case": ("/workspace/cases/{review}/", (404, 200, 404, 404, 404, 404, 404, 302)),
    "workspace:questions": ("/workspace/questions/", (200, 404, 404, 404, 404, 404, 404, 302)),
    "workspace:calibration": ("/workspace/calibrated/calibration/", (200, 404, 404, 404, 404, 404, 404, 302)),
    "workspace:recent": ("/workspace/portraits/recent/", (200, 404, 404, 404, 404, 404, 404, 302)),
    "workspace:consent": ("/workspace/portraits/consent/", (200, 404, 404, 404, 404, 404, 404, 302)),
    "organiser:home": ("/organiser/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:campaign": ("/organiser/portraits/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:run": ("/organiser/portraits/runs/{run}/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:new-campaign": ("/organiser/new/", (404, 404, 200, 404, 404, 404, 404, 302)),
    "organiser:plan": ("/organiser/plan/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:cases": ("/organiser/portraits/cases/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:skips": ("/organiser/portraits/skips/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:questions": ("/organiser/portraits/questions/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:near-duplicates": ("/organiser/portraits/near-duplicates/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:calibration": ("/organiser/portraits/calibration/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:rubrics": ("/organiser/rubrics/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:rubric": ("/organiser/rubrics/artimuse/1/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:rubric-file": ("/organiser/rubrics/artimuse/1/rubric.yaml", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:rubric-changes": ("/organiser/rubrics/artimuse/2/changes/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:rubric-edit": ("/organiser/rubrics/artimuse/2/edit/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:rubric-source": ("/organiser/rubrics/artimuse/2/source/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:adoption": ("/organiser/portraits/rubric/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:consent": ("/organiser/portraits/consent/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:analysis-plan": ("/organiser/portraits/analysis-plan/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:prepare-release": ("/organiser/portraits/releases/new/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:hours": ("/organiser/portraits/hours/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:hours-csv": ("/organiser/portraits/hours.csv", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:answers": ("/organiser/portraits/images/{image}/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "organiser:sent-back": ("/organiser/portraits/sent-back/", (404, 404, 200, 200, 404, 404, 404, 302)),
    "audit:home": ("/audit/", (404, 404, 200, 200, 200, 200, 404, 302)),
    "audit:agreement": ("/audit/portraits/agreement/", (404, 404, 200, 200, 200, 200, 404, 302)),
    "audit:report": ("/audit/reports/{report}/", (404, 404, 200, 200, 200, 200, 404, 302)),
    "audit:report-csv": ("/audit/reports/{report}/agreement.csv", (404, 404, 200, 200, 200, 200, 404, 302)),
    "audit:analysis-plan": ("/audit/portraits/analysis-plan/", (404, 404, 200, 200, 200, 200, 404, 302)),
    "audit:report-methods": ("/audit/reports/{report}/methods-en.txt", (404, 404, 200, 200, 200, 200, 404, 302)),
    "audit:image": ("/audit/portraits/images/{image}/", (404, 404, 200, 200, 200, 404, 404, 302)),
    "audit:retest": ("/audit/portraits/retest/", (404, 404, 200, 200, 200, 404, 404, 302)),
    "audit:releases": ("/audit/portraits/releases/", (404, 404, 200, 200, 200, 200, 404, 302)),
    "audit:events": ("/audit/portraits/events/", (404, 404, 200, 200, 200, 404, 404, 302)),
    "release-files": ("/releases/portraits/0.1.0/", (404, 404, 200, 200, 200, 200, 404, 302)),
    "release-download": ("/releases/portraits/0.1.0/download/", (404, 404, 200, 200, 200, 200, 404, 302)),
    "release-file": ("/releases/portraits/0.1.0/files/README.md", (404, 404, 200, 200, 200, 200, 404, 302)),
    "image": ("/images/{image}/display/", (200, 404, 200, 200, 200, 404, 404, 302)),
    "tile": ("/images/{image}/tiles/0/0/0/", (200, 404, 200, 200, 200, 404, 404, 302)),
    "api-ahead": ("/api/v1/campaigns/portraits/ahead/", (200, 200, 200, 200, 200, 200, 404, 403)),
    "api-anchors": ("/api/v1/campaigns/portraits/anchors/", (200, 200, 200, 200, 200, 200, 404, 403)),
    # Open to whoever holds a token of ours, and to nobody else.
    "signed-image": ("/images/{token}/", (200, 200, 200, 200, 200, 200, 200, 200)),
    "api-runs": ("/api/v1/campaigns/portraits/runs/", (404, 404, 200, 200, 200, 404, 404, 403)),
    "api-sent-back": ("/api/v1/sent-back/", (200, 200, 200, 200, 200, 200, 200, 403)),
    "api-schema": ("/api/v1/schema/", (200, 200, 200, 200, 200, 200, 200, 403)),
    "api-assignment": ("/api/v1/assignments/{assignment}/", (200, 404, 404, 404, 404, 404, 404, 403)),
}

# Addresses that only take a POST, and what one of each person does: 302 queues the work, or leads to the sign-in page;
# 422 shows the form again, as it says nothing here.
CHANGES: dict[str, tuple[str, tuple[int, ...]]] = {
    "organiser:start-prefill": ("/organiser/portraits/prefills/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:run-cancel": ("/organiser/portraits/runs/{run}/cancel/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:run-resume": ("/organiser/portraits/runs/{run}/resume/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:measure": ("/organiser/portraits/agreement/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "audit:report-recompute": ("/audit/reports/{report}/recompute/", (404, 404, 302, 302, 302, 404, 404, 302)),
    "organiser:publish": ("/organiser/portraits/releases/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:release-go-on": ("/organiser/portraits/releases/9.0.0/go-on/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:change-state": ("/organiser/portraits/state/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:choose-annotations-per-image": (
        "/organiser/portraits/annotations-per-image/",
        (404, 404, 422, 422, 404, 404, 404, 302),
    ),
    "organiser:choose-arms": ("/organiser/portraits/arms/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:choose-repeats": ("/organiser/portraits/repeats/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:choose-precision": ("/organiser/portraits/precision/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:change-description": (
        "/organiser/portraits/description/",
        (404, 404, 422, 422, 404, 404, 404, 302),
    ),
    "organiser:choose-pace": ("/organiser/portraits/pace/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:choose-case-spread": (
        "/organiser/portraits/case-spread/",
        (404, 404, 302, 302, 404, 404, 404, 302),
    ),
    "organiser:choose-draws": ("/organiser/portraits/draws/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:choose-surround": ("/organiser/portraits/surround/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:choose-model": ("/organiser/portraits/model/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:cap-person": ("/organiser/portraits/cap/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:invite": ("/organiser/portraits/invite/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:dismiss": ("/organiser/portraits/dismiss/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:renew-invitation": (
        "/organiser/portraits/invitations/{invitation}/renew/",
        (404, 404, 200, 200, 404, 404, 404, 302),
    ),
    "organiser:withdraw-invitation": (
        "/organiser/portraits/invitations/{invitation}/withdraw/",
        (404, 404, 302, 302, 404, 404, 404, 302),
    ),
    # Nobody has this number.
    **{
        f"person-{verb}": (f"/people/999999/{verb}/", (404, 404, 404, 404, 404, 404, 404, 302))
        for verb in ("end", "reopen", "make-administrator", "unmake-administrator", "remove-factors", "sign-out")
    },
    "change-name": ("/account/name/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "change-email": ("/account/e-mail/", (422, 422, 422, 422, 422, 422, 422, 302)),
    "sign-out-elsewhere": ("/account/sessions/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "export-own": ("/account/export/", (200, 200, 200, 200, 200, 200, 200, 302)),
    "renew-invitation": ("/people/invitations/{invitation}/renew/", (404, 404, 200, 404, 404, 404, 404, 302)),
    "withdraw-invitation": ("/people/invitations/{invitation}/withdraw/", (404, 404, 302, 404, 404, 404, 404, 302)),
    "invitation-as-somebody-else": ("/invitation/somebody-else/", (302, 302, 302, 302, 302, 302, 302, 302)),
    "organiser:answer-question": (
        f"/organiser/portraits/questions/{NOBODYS}/",
        (404, 404, 404, 404, 404, 404, 404, 302),
    ),
    "organiser:hand-back": (
        f"/organiser/portraits/skips/{NOBODYS}/hand-back/",
        (404, 404, 404, 404, 404, 404, 404, 302),
    ),
    "organiser:near-duplicate": (
        "/organiser/portraits/near-duplicates/{pair}/",
        (404, 404, 302, 302, 404, 404, 404, 302),
    ),
    "organiser:calibration-decide": (
        "/organiser/portraits/calibration/decide/",
        (404, 404, 404, 404, 404, 404, 404, 302),
    ),
    "organiser:compare-with": ("/organiser/portraits/calibration/anchors/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:send-back": (f"/organiser/portraits/sent-back/{NOBODYS}/", (404, 404, 404, 404, 404, 404, 404, 302)),
    "organiser:withdraw-send-back": (
        "/organiser/portraits/sent-back/1/withdraw/",
        (404, 404, 404, 404, 404, 404, 404, 302),
    ),
    "workspace:case-send-back": ("/workspace/cases/1/send-back/", (404, 404, 404, 404, 404, 404, 404, 302)),
    "workspace:case-send-back-withdraw": (
        "/workspace/cases/1/send-back/1/withdraw/",
        (404, 404, 404, 404, 404, 404, 404, 302),
    ),
    "workspace:ask": (f"/workspace/questions/{NOBODYS}/", (404, 404, 404, 404, 404, 404, 404, 302)),
    "organiser:rubric-draft": ("/organiser/rubrics/artimuse/1/draft/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:rubric-discard": ("/organiser/rubrics/artimuse/1/discard/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:rubric-publish": ("/organiser/rubrics/artimuse/1/publish/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:state-terms": ("/organiser/portraits/terms/", (404, 404, 302, 302, 404, 404, 404, 302)),
    "organiser:delete-draft": ("/organiser/portraits/delete/", (404, 404, 422, 422, 404, 404, 404, 302)),
    "organiser:clone": ("/organiser/portraits/clone/", (404, 404, 422, 422, 404, 404, 404, 302)),
}


def belongs_to_a_campaign(address: str) -> bool:
    """Tell whether an address names a campaign or something in it."""
    return "portraits" in address or any(
        f"{{{name}}}" in address for name in ("review", "report", "image", "assignment")
    )


# Open to everyone, or tested with what they change.
ELSEWHERE = {
    "workspace:case-reopen",
    "sign-out",
    "account_logout",
    "set_language",
    "api-next",
    "api-draft",
    "api-heartbeat",
    "api-commit",
    "api-revise",
    "api-correct",
    "api-skip",
    "api-take-back",
    "api-question",
    "api-viewing-check",
}


def make_places() -> None:
    """Make one of everything that has an address; the image is one that alice was asked about."""
    alice, bob, carol = map(make_user, ("alice", "bob", "carol"))
    campaign = make_campaign(people=(alice, bob, carol))
    assignment = assign.next_assignment(campaign, alice)
    assert assignment is not None
    report = measure_agreement(campaign, by=None, replicates=10)
    make_release(campaign, "0.1.0", state=Release.State.DONE, report=report)
    ask_for_consent(campaign, "Published under a pseudonym.", by=None)
    campaign.memberships.update(consented_version=1)
    calibrated = make_campaign("calibrated", people=(alice,))
    calibrated.calibration = Calibration.objects.create(campaign=make_campaign("anchors"), panel=campaign)
    calibrated.save()
    other = campaign.images.exclude(pk=assignment.image_id)[0]
    Case.objects.create(campaign=campaign, image=other, rule=Case.Rule.FLAG, disputed=["broken"])
    give_tiles(assignment.image)
    draft_rubric.start_draft(campaign.rubric_version, by=None)
    start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    make_everybody()


@pytest.fixture
def places(recall: Callable[[Callable[[], None]], None], tmp_path: Path) -> dict[str, Any]:
    """What stands in the addresses of all that has one."""
    recall(make_places)
    (tmp_path / "README.md").write_text("a release")
    manifest_hash = manifest.write(tmp_path)
    Release.objects.update(folder=str(tmp_path), manifest_hash=manifest_hash)
    assignment = Assignment.objects.get()
    return {
        "assignment": assignment.pk,
        "image": assignment.image_id,
        "token": sign_image(assignment.image),
        "report": Report.objects.get().pk,
        "review": Case.objects.get().pk,
        "run": Run.objects.get().pk,
        "person": User.objects.get(username="alice").pk,
    }


def make_changeable() -> None:
    """Make one of everything that can be changed by a POST to an address."""
    campaign = make_campaign(people=tuple(make_user(name) for name in ("alice", "bob", "carol")))
    measure_agreement(campaign, by=None, replicates=10)
    make_release(campaign, "9.0.0", state=Release.State.BUILDING)
    one, other, _third = campaign.images.order_by("pk")
    tie(one, other, NearDuplicatePair.State.UNDECIDED)
    start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    make_everybody()
    invite([Invitee(roles=frozenset({Role.VIEWER}))], by=User.objects.get(username="olga"), campaign=campaign)


@pytest.fixture
def changeable(recall: Callable[[Callable[[], None]], None]) -> dict[str, Any]:
    """What stands in the addresses of all that can be changed."""
    recall(make_changeable)
    return {
        "run": Run.objects.get().pk,
        "report": Report.objects.get().pk,
        "pair": NearDuplicatePair.objects.get().pk,
        "invitation": Invitation.objects.get().pk,
    }


def make_everybody() -> None:
    """Make whoever asks for an address: the cast, and people of another campaign."""
    for name in ("alice", "rita", "arthur", "mallory"):
        somebody(name)
    somebody("olga", is_superuser=True)
    for name, role in (("oscar", Role.ORGANISER), ("vera", Role.VIEWER)):
        person = make_user(name)
        for campaign in Campaign.objects.all():
            give_roles(person, campaign, role)
    make_outsiders()


def make_outsiders() -> None:
    elsewhere = make_campaign("elsewhere", people=(make_user("dave"),))
    for name, role in OUTSIDERS.items():
        give_roles(make_user(name), elsewhere, role)


@pytest.fixture
def cast() -> dict[str, User | None]:
    """Whoever was made with the places, by name."""
    return {person.username: person for person in User.objects.all()} | {"a stranger": None}


@pytest.fixture
def outsiders(db: None) -> list[User]:
    """People with all roles there are, each in another campaign only."""
    if not Campaign.objects.filter(slug="elsewhere").exists():
        make_outsiders()
    return list(User.objects.filter(username__in=["dave", *OUTSIDERS]))


def signed_in(person: User | None) -> Client:
    client = Client()
    if person:
        client.force_login(person)
    return client


@pytest.mark.parametrize("name", PAGES)
def test_each_page_opens_for_whom_it_is_made_and_for_nobody_else(
    name: str, places: dict[str, Any], cast: dict[str, User | None]
):
    address, expected = PAGES[name]
    answers = [signed_in(cast[person]).get(address.format(**places)).status_code for person in PEOPLE]
    assert dict(zip(PEOPLE, answers, strict=True)) == dict(zip(PEOPLE, expected, strict=True))


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_open_to_whom_it_is_made_for_and_to_nobody_else(
    name: str, changeable: dict[str, Any], cast: dict[str, User | None]
):
    address, expected = CHANGES[name]
    address = address.format(**changeable)
    answers = [signed_in(cast[person]).post(address).status_code for person in PEOPLE]
    assert dict(zip(PEOPLE, answers, strict=True)) == dict(zip(PEOPLE, expected, strict=True))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_never_made_by_a_mere_link(name: str, olga: User):
    assert signed_in(olga).get(CHANGES[name][0].format(run=1, report=1, pair=1, invitation=1)).status_code == 405


@pytest.mark.parametrize("name", [name for name, (address, _) in PAGES.items() if belongs_to_a_campaign(address)])
def test_no_page_of_a_campaign_is_there_for_people_of_another(name: str, places: dict[str, Any], outsiders: list[User]):
    address = PAGES[name][0].format(**places)
    assert {person.username: signed_in(person).get(address).status_code for person in outsiders} == {
        person.username: 404 for person in outsiders
    }


@pytest.mark.parametrize("name", [name for name, (address, _) in CHANGES.items() if belongs_to_a_campaign(address)])
def test_nothing_of_a_campaign_is_changed_by_people_of_another(
    name: str, changeable: dict[str, Any], outsiders: list[User]
):
    address = CHANGES[name][0].format(**changeable)
    assert {person.username: signed_in(person).post(address).status_code for person in outsiders} == {
        person.username: 404 for person in outsiders
    }


@pytest.mark.parametrize(
    ("person", "address"),
    [
        ("otto", "/organiser/"),
        ("otto", "/organiser/rubrics/"),
        ("otto", "/audit/"),
        ("anna", "/audit/"),
        ("vito", "/audit/"),
        ("dave", "/workspace/"),
        ("ruth", "/workspace/cases/"),
    ],
)
def test_lists_name_a_persons_own_campaigns_only(
    person: str, address: str, places: dict[str, Any], outsiders: list[User]
):
    page = signed_in(User.objects.get(username=person)).get(address).content.decode()
    assert "Portraits" not in page
    assert "Elsewhere" in page or person == "ruth"


def test_every_address_stands_in_a_table():
    assert set(names_of(get_resolver())) == {*PAGES, *CHANGES, *ELSEWHERE}


def test_a_stranger_who_signs_in_returns_to_the_page_asked_for(client: Client):
    answer = client.get("/audit/portraits/events/?page=2")
    assert answer.headers["Location"] == "/sign-in/?next=/audit/portraits/events/%3Fpage%3D2"


def test_pages_of_what_is_not_there_look_like_pages_of_what_one_may_not_see(campaign: Campaign, mallory: User):
    client = signed_in(mallory)
    pages = [client.get(f"/organiser/{slug}/").content.decode() for slug in ("portraits", "nowhere")]
    there, nowhere = (re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in pages)
    assert there.replace("portraits", "nowhere") == nowhere


def test_an_error_page_speaks_the_language_of_its_reader(client: Client):
    client.cookies["django_language"] = "zh-hans"
    assert '<html lang="zh-hans">' in client.get("/nowhere/").content.decode()


def test_administration_is_for_staff_and_uses_the_one_sign_in_page(client: Client, olga: User):
    assert client.get("/admin/login/?next=/admin/").headers["Location"].startswith("/sign-in/?next=")
    client.force_login(olga)
    assert client.get("/admin/", follow=True).status_code == 404
    User.objects.filter(pk=olga.pk).update(is_staff=True)
    assert client.get("/admin/").status_code == 200


def test_a_closed_account_opens_nothing(campaign: Campaign, olga: User):
    client = signed_in(olga)
    User.objects.filter(pk=olga.pk).update(is_active=False)
    assert client.get("/organiser/").status_code == 302


def names_of(resolver: URLResolver, space: str = "") -> list[str]:
    """Return the names of all addresses of ours."""
    names = []
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                names.append(f"{space}{pattern.name}")
        elif pattern.app_name != "admin":
            names.extend(names_of(pattern, f"{pattern.app_name}:" if pattern.app_name else space))
    return names


def test_pages_forbid_foreign_scripts_and_frames(client: Client):
    answer = client.get("/sign-in/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "style=" not in answer.content.decode()
    assert settings.SESSION_COOKIE_HTTPONLY
