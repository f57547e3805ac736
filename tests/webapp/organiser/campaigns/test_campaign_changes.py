"""Running a campaign from its page: what each form changes, and what is said where it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation.actions.assignments import assign
from annotation.actions.campaigns import change_campaign
from annotation.errors import BadInput
from annotation.models import Assignment, Campaign, Event, Preset
from annotation.roles import ANNOTATE, Role
from tests.harness.factories import judge, make_campaign, make_user
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ANNOTATOR: dict[str, Any] = {"roles": ["annotator"]}


def send(client: Client, change: str, status: int = 200, **fields: Any) -> str:
    """Send a form of the campaign page and return the page that follows."""
    answer = client.post(f"/organiser/portraits/{change}/", fields, follow=True)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def offered(client: Client) -> list[str]:
    page = client.get("/organiser/portraits/").content.decode()
    return [verb for verb in ("open", "pause", "resume", "close", "reopen") if f'name="verb" value="{verb}"' in page]


def test_the_page_offers_the_moves_its_state_allows(organiser: Client, campaign: Campaign):
    assert offered(organiser) == ["pause", "close"]
    assert "is paused" in send(organiser, "state", verb="pause")
    assert offered(organiser) == ["resume", "close"]
    send(organiser, "state", verb="resume")
    send(organiser, "state", verb="close")
    assert offered(organiser) == ["reopen"]
    send(organiser, "state", verb="reopen")
    assert Campaign.objects.get().state == Campaign.State.OPEN


def test_a_draft_can_be_opened(organiser: Client, alice: User):
    make_campaign(people=(alice,), opened=False)
    assert offered(organiser) == ["open"]
    send(organiser, "state", verb="open")
    assert Campaign.objects.get().state == Campaign.State.OPEN


def test_a_draft_without_people_says_what_is_missing(organiser: Client):
    make_campaign(opened=False)
    assert "has no people yet" in send(organiser, "state", verb="open")
    assert Campaign.objects.get().state == Campaign.State.DRAFT


@pytest.mark.parametrize(("verb", "words"), [("resume", "only one that is paused can resume"), ("melt", "is unknown")])
def test_a_move_that_is_not_possible_is_refused_with_the_reason(
    organiser: Client, campaign: Campaign, verb: str, words: str
):
    assert words in send(organiser, "state", verb=verb)
    assert Campaign.objects.get().state == Campaign.State.OPEN


def test_annotations_per_image_can_be_raised(organiser: Client, campaign: Campaign):
    assert "5 answers from now on" in send(organiser, "annotations-per-image", annotations_per_image=5)
    assert Campaign.objects.get().annotations_per_image == 5


def test_no_answers_at_all_are_refused_and_what_was_typed_stays(organiser: Client, campaign: Campaign):
    page = send(organiser, "annotations-per-image", 422, annotations_per_image=0)
    assert "greater than or equal to 1" in page
    assert 'name="annotations_per_image" value="0"' in page
    assert Campaign.objects.get().annotations_per_image == 3


def test_a_preset_that_would_shrink_the_blind_share_is_refused_with_the_reason(organiser: Client, campaign: Campaign):
    page = " ".join(organiser.get("/organiser/portraits/").content.decode().split())
    assert "The blind share of 100 % stays for the life of the campaign" in page
    page = send(organiser, "arms", 422, preset=Preset.PREFILLED)
    assert "prefilled has 20 %" in page
    assert '<option value="prefilled" selected>' in page
    assert Campaign.objects.get().preset == Preset.BLIND_PANEL


def test_a_preset_with_a_larger_blind_share_is_taken(organiser: Client, alice: User):
    make_campaign(people=(alice,), preset=Preset.COMMIT_THEN_REVIEW)
    send(organiser, "arms", preset=Preset.PREFILLED)
    assert Campaign.objects.get().shares == {"blind": 20, "reveal": 0, "assisted": 80}


def test_hidden_repeats_are_changed_midway(organiser: Client, campaign: Campaign):
    page = " ".join(organiser.get("/organiser/portraits/").content.decode().split())
    assert "4 %, after 7 days" in page
    assert "5 % of what is handed out from now on" in send(organiser, "repeats", share=5, gap_days=14)
    campaign.refresh_from_db()
    assert (campaign.repeat_share, campaign.repeat_gap_days) == (5, 14)
    event = Event.objects.filter(verb="campaign.changed").latest("number")
    assert event.details == {"repeat_share": 5, "repeat_gap_days": 14}
    assert "Nothing is repeated" in send(organiser, "repeats", share=0, gap_days=14)


@pytest.mark.parametrize(("share", "gap_days"), [(26, 7), (-1, 7), (4, 0), (4, 366)])
def test_repeats_out_of_bounds_are_refused_by_page_and_domain(
    organiser: Client, campaign: Campaign, share: int, gap_days: int
):
    page = send(organiser, "repeats", 422, share=share, gap_days=gap_days)
    assert f'name="share" value="{share}"' in page
    with pytest.raises(BadInput, match="accepted, not"):
        change_campaign.choose_repeats(campaign, share, gap_days, by=None)
    campaign.refresh_from_db()
    assert (campaign.repeat_share, campaign.repeat_gap_days) == (4, 7)


def test_a_target_of_precision_is_set_and_taken_back(organiser: Client, campaign: Campaign):
    assert "up to 6 times" in send(organiser, "precision", target="0.75", most=6)
    campaign.refresh_from_db()
    assert (campaign.precision_target, campaign.most_annotations_per_image) == (75, 6)
    event = Event.objects.filter(verb="campaign.changed").latest("number")
    assert event.details == {"precision_target": 75, "most_annotations_per_image": 6}
    page = " ".join(organiser.get("/organiser/portraits/").content.decode().split())
    assert 'name="target" value="0.75"' in page
    send(organiser, "precision", target="", most="")
    campaign.refresh_from_db()
    assert (campaign.precision_target, campaign.most_annotations_per_image) == (None, None)


@pytest.mark.parametrize(
    ("target", "most", "words"),
    [
        ("0.75", "", "Fill in both fields, or neither."),
        ("", "6", "Fill in both fields, or neither."),
        ("0.75", "3", "4 or more are accepted, as each image has 3 anyway, not 3"),
        ("0", "6", "greater than or equal to 0.05"),
    ],
)
def test_half_a_target_is_refused(organiser: Client, campaign: Campaign, target: str, most: str, words: str):
    assert words in send(organiser, "precision", 422, target=target, most=most)
    campaign.refresh_from_db()
    assert campaign.precision_target is None


def test_the_domain_refuses_half_a_target(campaign: Campaign):
    for target, most in ((75, None), (None, 6), (0, 6)):
        with pytest.raises(BadInput, match="precision_target"):
            change_campaign.choose_precision(campaign, target, most, by=None)


def test_a_person_is_invited_for_the_categories_ticked(organiser: Client, campaign: Campaign):
    dora = make_user("dora")
    assert "dora takes part." in send(organiser, "invite", **ANNOTATOR, username="dora", categories=["photography"])
    membership = campaign.memberships.get(user=dora)
    assert membership.roles == ANNOTATE
    assert membership.categories == ["photography"]


def test_an_unknown_name_is_refused_and_the_ticks_stay(organiser: Client, campaign: Campaign):
    page = send(organiser, "invite", 422, **ANNOTATOR, username="nobody", categories=["photography"])
    assert "account is called nobody" in page
    assert 'name="username" value="nobody"' in page
    assert 'value="photography" id="invite_categories_0" checked' in page


@pytest.mark.parametrize("name", ["olga", "arthur", "eve"])
def test_nobody_annotates_who_reads_or_whose_account_is_closed(
    organiser: Client, campaign: Campaign, arthur: User, name: str
):
    make_user("eve", is_active=False)
    send(organiser, "invite", 422, **ANNOTATOR, username=name)
    assert campaign.memberships.annotators().count() == 3


def test_a_person_is_invited_to_several_roles_that_do_not_clash(organiser: Client, campaign: Campaign):
    dora = make_user("dora")
    send(organiser, "invite", 422, username="dora", roles=["annotator", "auditor"])
    assert not campaign.memberships.filter(user=dora).exists()
    assert "auditor" in send(organiser, "invite", username="dora", roles=["organiser", "auditor"])
    assert campaign.memberships.get(user=dora).roles == {Role.ORGANISER, Role.AUDITOR}


def test_whoever_is_let_go_hands_on_their_work_and_keeps_their_answers(
    organiser: Client, campaign: Campaign, alice: User
):
    judge(campaign, alice)
    assign.next_assignment(campaign, alice)
    assert "alice takes part no more" in send(organiser, "dismiss", person=alice.pk, confirmed="on")
    assert not campaign.memberships.get(user=alice).roles
    states = campaign.assignments.of(alice).values_list("state", flat=True)
    assert sorted(states) == [Assignment.State.DONE, Assignment.State.RETURNED]
    assert campaign.annotations.count() == 1


def test_nobody_is_let_go_without_confirmation(organiser: Client, campaign: Campaign, alice: User):
    page = send(organiser, "dismiss", 422, person=alice.pk)
    assert "Tick this to confirm" in page
    assert f'<option value="{alice.pk}" selected>' in page
    assert campaign.memberships.get(user=alice).annotator


def test_only_people_of_this_campaign_can_be_let_go(organiser: Client, campaign: Campaign, mallory: User):
    send(organiser, "dismiss", 422, person=mallory.pk, confirmed="on")
    assert campaign.memberships.annotators().count() == 3


def test_the_licence_and_the_statements_are_set_and_shown(organiser: Client, campaign: Campaign):
    page = send(organiser, "terms", annotations_licence="CC-BY-4.0", funding="A grant.")
    assert "Releases made from now on say this." in page
    assert '<span class="soft small">CC-BY-4.0</span>' in page
    assert "A grant.</textarea>" in page
    page = send(organiser, "terms", 422, annotations_licence="all mine", funding="Another grant.")
    assert "A name of SPDX is accepted, such as CC-BY-4.0." in page
    assert "Another grant.</textarea>" in page
    assert Campaign.objects.get().statements == {"funding": "A grant."}


def test_a_copy_is_a_draft_with_the_same_images_and_people(organiser: Client, campaign: Campaign, alice: User):
    judge(campaign, alice)
    page = send(organiser, "clone", slug="second", title="Second round")
    assert "Second round" in page
    copy = Campaign.objects.get(slug="second")
    assert copy.state == Campaign.State.DRAFT
    assert (copy.images.count(), copy.memberships.annotators().count(), copy.annotations.count()) == (3, 3, 0)


@pytest.mark.parametrize(
    ("slug", "words"),
    [("portraits", "is there already"), ("plan", "address of another page"), ("a b", "valid “slug”"), ("", "required")],
)
def test_a_name_that_cannot_be_is_refused_and_the_title_stays(
    organiser: Client, campaign: Campaign, slug: str, words: str
):
    page = send(organiser, "clone", 422, slug=slug, title="Second round")
    assert words in page
    assert 'value="Second round"' in page
    assert Campaign.objects.count() == 1
