"""Each form of the organiser says what its page showed, and is refused where that has changed since."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from annotation.actions.answers import annotate
from annotation.actions.campaigns.campaign_settings import cap_person
from annotation.actions.campaigns.change_campaign import change_campaign_state, dismiss_person
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.actions.campaigns.question import ask_question, reply_to_question
from annotation.actions.jobs.runs import start_run
from annotation.actions.reviews.send_back import send_back
from annotation.models import Campaign, NearDuplicatePair, Release, Run, SendBack
from annotation.roles import Role
from tests.harness.factories import give_roles, judge, make_campaign, make_content, make_release, make_user, tie
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
INPUT = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
PAGE = "/organiser/portraits/"
# What they show goes with them in another way: `seen` of drafts and consent, and the release that is foreseen.
OWN_WAY = ("/consent/", "/releases/new/", "/agreement/")


def fields_of(client: Client, page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form on a page that is sent to an address."""
    html = client.get(page).content.decode()
    for attributes, inside in FORM.findall(html):
        address = re.search(r'action="([^"#]*)', attributes)
        if (address.group(1) if address else page) == action:
            return {name: unescape(value) for name, value in INPUT.findall(inside) if name != "csrfmiddlewaretoken"}
    raise AssertionError(f"no form on {page} is sent to {action}")


@pytest.fixture
def campaign(alice: User, bob: User, carol: User, olga: User) -> Campaign:
    return make_campaign(people=(alice, bob, carol))


def change(**values: Any) -> Callable[[Campaign, User], None]:
    def update(campaign: Campaign, olga: User) -> None:
        Campaign.objects.update(**values)

    return update


def pause(campaign: Campaign, olga: User) -> None:
    change_campaign_state(campaign, "pause", by=olga)


def let_bob_go(campaign: Campaign, olga: User) -> None:
    dismiss_person(campaign, User.objects.get(username="bob"), by=olga)


def invite_dora(campaign: Campaign, olga: User) -> None:
    invite_people(campaign, [make_user("dora")], by=olga)


def cap_bob(campaign: Campaign, olga: User) -> None:
    cap_person(campaign, User.objects.get(username="bob"), 5, by=olga)


STALE = [
    ("annotations-per-image/", {"annotations_per_image": "5"}, change(annotations_per_image=4), ("3", "4", "5")),
    ("arms/", {"preset": "blind-panel"}, change(preset="prefilled"), ("Blind panel", "Review a prefilled form")),
    ("repeats/", {"share": "9", "gap_days": "30"}, change(repeat_gap_days=20), ("7", "20", "30")),
    (
        "precision/",
        {"target": "0.5", "most": "6"},
        change(precision_target=75, most_annotations_per_image=9),
        ("0.75", "9", "0.5"),
    ),
    (
        "terms/",
        {"annotations_licence": "CC0-1.0"},
        change(annotations_licence="CC-BY-4.0", statements={"funding": "The Crown."}),
        ("CC-BY-4.0", "The Crown.", "CC0-1.0"),
    ),
    ("state/", {"verb": "pause"}, pause, ("open", "paused")),
    ("invite/", {"username": "erin", "roles": "annotator"}, let_bob_go, ("bob", "annotator", "erin")),
    ("dismiss/", {"person": "1", "confirmed": "on"}, invite_dora, ("dora", "annotator")),
    # Who and what is gone is told with what the page showed of it, and what was sent in the words of the page.
    (
        "dismiss/",
        {"person": "1", "confirmed": "on"},
        let_bob_go,
        ("annotator</td>", "–</td>", "<dt>Person</dt>", "yes<"),
    ),
    ("cap/", {"person": "1", "cap": "9"}, cap_bob, ("–</td>", "5</td>", "Most answers in this campaign")),
    ("state/", {"verb": "close"}, pause, ("What to do", "Close<")),
]


@pytest.mark.parametrize(("action", "typed", "meanwhile", "words"), STALE, ids=[case[0] for case in STALE])
def test_a_form_of_a_page_that_is_behind_is_refused_and_shows_both(
    organiser: Client,
    campaign: Campaign,
    olga: User,
    action: str,
    typed: dict[str, str],
    meanwhile: Callable[[Campaign, User], None],
    words: tuple[str, ...],
):
    fields = fields_of(organiser, PAGE, PAGE + action)
    meanwhile(campaign, olga)
    before = Campaign.objects.values().get()
    answer = organiser.post(PAGE + action, fields | typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Nothing was done." in page
    for word in words:
        assert word in page
    assert Campaign.objects.values().get() == before


def test_of_two_organisers_with_one_form_the_later_is_told_and_may_do_it_all_the_same(
    organiser: Client, campaign: Campaign, oscar: Client
):
    address = f"{PAGE}annotations-per-image/"
    first, second = fields_of(organiser, PAGE, address), fields_of(oscar, PAGE, address)
    assert organiser.post(address, first | {"annotations_per_image": "4"}).status_code == 302
    refused = oscar.post(address, second | {"annotations_per_image": "2"})
    assert refused.status_code == 409
    again = {name: unescape(value) for name, value in INPUT.findall(refused.content.decode()) if name == "shown"}
    assert '<textarea name="annotations_per_image" hidden>\n2</textarea>' in refused.content.decode()
    assert oscar.post(address, again | {"annotations_per_image": "2"}).status_code == 302
    assert Campaign.objects.get().annotations_per_image == 2


@pytest.fixture
def oscar(campaign: Campaign) -> Client:
    person = make_user("oscar")
    give_roles(person, campaign, Role.ORGANISER)
    client = Client()
    client.force_login(person)
    return client


def test_a_form_is_not_refused_for_what_it_does_not_show(organiser: Client, campaign: Campaign, alice: User):
    address = f"{PAGE}repeats/"
    fields = fields_of(organiser, PAGE, address)
    judge(campaign, alice)
    Campaign.objects.update(annotations_per_image=4, annotations_licence="CC0-1.0")
    assert organiser.post(address, fields | {"share": "5", "gap_days": "9"}).status_code == 302


def test_another_language_is_no_change(organiser: Client, campaign: Campaign):
    fields = fields_of(organiser, PAGE, f"{PAGE}state/")
    organiser.cookies["django_language"] = "zh-hans"
    assert organiser.post(f"{PAGE}state/", fields | {"verb": "pause"}).status_code == 302


def test_what_a_page_showed_cannot_be_made_up(organiser: Client, campaign: Campaign, olga: User):
    fields = fields_of(organiser, PAGE, f"{PAGE}state/")
    pause(campaign, olga)
    answer = organiser.post(f"{PAGE}state/", {"shown": fields["shown"][:-2] + "xx", "verb": "close"})
    assert answer.status_code == 409
    assert Campaign.objects.get().state == Campaign.State.PAUSED


def test_an_answer_to_a_question_that_a_colleague_answered_meanwhile_is_held_back(
    organiser: Client, campaign: Campaign, alice: User, olga: User
):
    assignment = judge(campaign, alice)
    ask_question(assignment, "Is this a seal?", by=alice)
    address = f"{PAGE}questions/{assignment.pk}/"
    fields = fields_of(organiser, f"{PAGE}questions/", address)
    reply_to_question(assignment, "Yes.", by=olga)
    answer = organiser.post(address, fields | {"text": "No."})
    assert answer.status_code == 409
    assert "No." in answer.content.decode()


def test_an_answer_that_was_changed_meanwhile_is_not_sent_back_unseen(
    organiser: Client, campaign: Campaign, alice: User
):
    assignment = judge(campaign, alice)
    address = f"{PAGE}sent-back/{assignment.pk}/"
    fields = fields_of(organiser, f"{PAGE}images/{assignment.image_id}/", address)
    annotate.correct_annotation(assignment, make_content(3), by=alice)
    assert organiser.post(address, fields | {"text": "Look again."}).status_code == 409
    assert not SendBack.objects.exists()


def test_a_pair_that_was_decided_meanwhile_is_not_decided_again_unseen(organiser: Client, campaign: Campaign):
    one, other, _third = campaign.images.order_by("pk")
    pair = tie(one, other, NearDuplicatePair.State.UNDECIDED)
    address = f"{PAGE}near-duplicates/{pair.pk}/"
    fields = fields_of(organiser, f"{PAGE}near-duplicates/", address)
    NearDuplicatePair.objects.update(state=NearDuplicatePair.State.SAME)
    assert organiser.post(address, fields | {"verdict": "rejected"}).status_code == 409


@pytest.fixture
def everything(campaign: Campaign, alice: User, olga: User) -> None:
    """One of all that has a form."""
    assignment = judge(campaign, alice)
    ask_question(assignment, "Is this a seal?", by=alice)
    one, other, _third = campaign.images.order_by("pk")
    tie(one, other, NearDuplicatePair.State.UNDECIDED)
    make_release(campaign, "1.0.0", state=Release.State.BUILDING)
    start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    send_back(assignment, "Look again.", by=olga)


@pytest.mark.usefixtures("everything")
def test_every_form_of_a_campaign_says_what_its_page_shows(organiser: Client, campaign: Campaign):
    rooms = ["", "questions/", "near-duplicates/", "calibration/", "rubric/", "analysis-plan/", "sent-back/", "skips/"]
    rooms += [f"runs/{Run.objects.get().pk}/", f"images/{SendBack.objects.get().assignment.image_id}/", "consent/"]
    without = []
    for page in [PAGE + room for room in rooms]:
        for attributes, inside in FORM.findall(organiser.get(page).content.decode()):
            address = re.search(r'action="([^"#]*)', attributes)
            action = address.group(1) if address else page
            if action.startswith(PAGE) and 'name="shown"' not in inside and not action.endswith(OWN_WAY):
                without.append(action)
    assert without == []
