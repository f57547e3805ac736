"""People come in by links: made, mailed, accepted, refused with the reason."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from annotation.actions.campaigns.change_campaign import dismiss_person
from annotation.actions.people.erase_person import erase_person
from annotation.actions.people.export_person import export_person
from annotation.models import Campaign, Event, Membership
from annotation.roles import Role
from tests.harness.factories import PASSWORD, give_roles, make_campaign, make_user
from tests.harness.smtp_server import mail_server, silent_server
from webapp.accounts.models import Invitation, User

from .test_passwords import use_server

pytestmark = pytest.mark.django_db
PAGE = "/organiser/portraits/invitations/"
ACCOUNT = {"username": "ada", "display_name": "Ada Byron", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def oscar(campaign: Campaign) -> User:
    """Who organises this campaign only."""
    person = make_user("oscar")
    give_roles(person, campaign, Role.ORGANISER)
    return person


def browser_of(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def send_form(person: User, people: str = "", *, address: str = PAGE, **more: Any) -> Any:
    fields = {"people": people, "roles": ["annotator"], "form_key": str(uuid.uuid4())} | more
    return browser_of(person).post(address, fields)


def links_in(page: Any) -> list[str]:
    return re.findall(r"http://testserver(/invitations/[\w-]+/)", page.content.decode())


def invite(person: User, people: str = "", **more: Any) -> str:
    [link] = links_in(send_form(person, people, **more))
    return link


def accept(link: str, browser: Any = None, **changes: Any) -> Any:
    browser = browser or Client()
    browser.get(link)
    return browser.post("/invitation/", ACCOUNT | changes)


def words_of(link: str, browser: Client | None = None) -> str:
    page = (browser or Client()).get(link, follow=True)
    assert page.status_code == 410
    return page.content.decode()


def test_an_invited_person_makes_an_account_and_lands_in_the_campaign(oscar: User, campaign: Campaign):
    browser = Client()
    answer = accept(invite(oscar, categories=["photography"]), browser)
    assert answer.headers["Location"] == "/workspace/portraits/"
    assert browser.get("/workspace/portraits/").status_code == 200
    ada = User.objects.get(username="ada")
    membership = Membership.objects.get(campaign=campaign, user=ada)
    assert (membership.roles, membership.categories) == (frozenset({Role.ANNOTATOR}), ["photography"])
    assert (ada.first_name, ada.is_staff, ada.is_superuser) == ("Ada Byron", False, False)
    event = Event.objects.get(verb="person.invited", actor=oscar)
    assert event.details == {"user": ada.pk, "roles": ["annotator"], "categories": ["photography"]}


def test_a_link_is_kept_as_a_hash_and_its_page_has_an_address_without_it(oscar: User):
    link = invite(oscar, "ada@example.org")
    token = link.split("/")[2]
    invitation = Invitation.objects.get()
    assert token not in str(invitation.__dict__)
    browser = Client()
    answer = browser.get(link)
    assert answer.headers["Location"] == "/invitation/"
    assert token not in str(dict(browser.session.items()))
    assert token not in browser.get("/invitation/").content.decode()
    details = Event.objects.get(verb="invitation.made").details
    assert details == {"invitation": invitation.pk, "roles": ["annotator"], "categories": []}


def test_a_link_lets_in_one_person_once(oscar: User):
    link = invite(oscar)
    late = Client()
    late.get(link)
    assert accept(link).status_code == 302
    assert "accepted already" in words_of(link)
    assert late.post("/invitation/", ACCOUNT | {"username": "eve"}).status_code == 410
    assert not User.objects.filter(username="eve").exists()


def test_a_link_that_is_over_withdrawn_renewed_or_made_up_lets_nobody_in(oscar: User):
    over = invite(oscar, "over@example.org")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "time of this invitation is over" in words_of(over)
    renewed = Invitation.objects.get()
    page = browser_of(oscar).post(f"/organiser/portraits/invitations/{renewed.pk}/renew/")
    [again] = links_in(page)
    assert "leads to no invitation" in words_of(over)
    assert Client().get(again, follow=True).status_code == 200
    browser_of(oscar).post(f"/organiser/portraits/invitations/{renewed.pk}/withdraw/")
    assert "was withdrawn" in words_of(again)
    assert "leads to no invitation" in words_of("/invitations/made-up/")
    assert accept(again).status_code == 410
    assert not User.objects.filter(username="ada").exists()


def test_an_invitation_ends_with_the_right_of_whoever_made_it(oscar: User, campaign: Campaign):
    link = invite(oscar)
    dismiss_person(campaign, oscar, by=None)
    assert "does not run this any more" in words_of(link)
    assert accept(link).status_code == 410


def test_who_is_signed_in_is_asked_whether_they_accept_as_who_they_are(oscar: User, campaign: Campaign, mallory: User):
    link = invite(oscar, "ada@example.org")
    browser = browser_of(mallory)
    page = browser.get(link, follow=True).content.decode()
    assert "You are signed in as mallory" in page
    assert "another e-mail address" in page
    assert "ada@example.org" not in page
    assert not Membership.objects.filter(user=mallory, annotator=True).exists()
    assert browser.post("/invitation/").headers["Location"] == "/workspace/portraits/"
    assert Membership.objects.get(user=mallory, campaign=campaign).roles == {Role.ANNOTATOR}
    assert browser.get(link, follow=True).redirect_chain[-1][0] == "/workspace/portraits/"


def test_somebody_else_signs_out_and_goes_on_with_the_link(oscar: User, mallory: User):
    browser = browser_of(mallory)
    browser.get(invite(oscar))
    page = browser.post("/invitation/somebody-else/", follow=True)
    assert "Make my account and accept" in page.content.decode()
    assert browser.post("/invitation/", ACCOUNT).status_code == 302
    assert not Membership.objects.filter(user=mallory).exists()


def test_who_has_an_account_signs_in_and_comes_back_to_the_invitation(oscar: User, mallory: User):
    browser = Client()
    browser.get(invite(oscar))
    fields = {"username": "mallory", "password": PASSWORD, "next": "/invitation/"}
    assert browser.post("/sign-in/", fields).headers["Location"] == "/invitation/"
    assert browser.post("/invitation/").status_code == 302
    assert Membership.objects.get(user=mallory).annotator


def test_roles_that_clash_with_those_one_has_are_refused_and_the_link_stays_good(oscar: User, campaign: Campaign):
    vera = make_user("vera")
    give_roles(vera, campaign, Role.VIEWER)
    link = invite(oscar)
    browser = browser_of(vera)
    browser.get(link)
    page = browser.post("/invitation/")
    assert (page.status_code, "cannot judge images and read" in page.content.decode()) == (422, True)
    assert Membership.objects.get(user=vera).roles == {Role.VIEWER}
    assert accept(link).status_code == 302


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "ALICE"}, "called so already"),
        ({"username": "olga@example.org"}, "is no name here"),
        ({"username": "a b"}, "valid username"),
        ({"password2": "something else altogether"}, "not the same password"),
        ({"password1": "password123", "password2": "password123"}, "too common"),
        ({"username": ""}, "required"),
    ],
)
def test_an_account_that_cannot_be_made_is_said_so_and_the_link_stays_good(
    oscar: User, changes: dict[str, str], words: str
):
    link = invite(oscar)
    page = accept(link, **changes)
    assert (page.status_code, words in page.content.decode()) == (422, True)
    assert accept(link).status_code == 302


def test_nobody_goes_through_a_list_of_names_by_one_invitation(oscar: User):
    link = invite(oscar)
    answers = [accept(link, username="alice").status_code for _ in range(21)]
    assert (set(answers[:20]), answers[20]) == ({422}, 429)


def test_a_list_invites_all_or_nobody(oscar: User):
    page = send_form(oscar, "ada@example.org\nno address\nbob@example.org")
    assert page.status_code == 422
    assert "line 2: &#x27;no address&#x27; is no e-mail address" in page.content.decode()
    assert not Invitation.objects.exists()
    assert len(links_in(send_form(oscar, "ada@example.org\nBob <bob@example.org>"))) == 2


def test_a_table_comes_from_a_file_of_excel_in_china(oscar: User, campaign: Campaign):
    table = "email,name,roles\nada@example.org,欧阳晓婷同学,adjudicator\nbob@example.org,王小明同学,\n".encode(
        "gb18030"
    )
    page = send_form(oscar, file=SimpleUploadedFile("people.csv", table))
    assert len(links_in(page)) == 2
    roles = {invitation.name: invitation.roles for invitation in Invitation.objects.all()}
    assert roles == {"欧阳晓婷同学": ["adjudicator"], "王小明同学": ["annotator"]}


def test_a_file_that_is_too_long_invites_nobody_not_even_its_first_lines(oscar: User):
    table = "\n".join(f"{number}@example.org,{'x' * 990}" for number in range(101))
    page = send_form(oscar, file=SimpleUploadedFile("people.csv", table.encode()))
    assert (page.status_code, "at most 100 kB" in page.content.decode()) == (422, True)
    assert not Invitation.objects.exists()


def test_the_same_form_sent_again_and_the_same_address_make_no_second_invitation(oscar: User):
    key = str(uuid.uuid4())
    first = invite(oscar, "ada@example.org", form_key=key)
    again = send_form(oscar, "ada@example.org", form_key=key)
    assert (again.status_code, "invited already" in again.content.decode()) == (422, True)
    second = invite(oscar, "Ada <ADA@example.org>")
    assert Invitation.objects.count() == 1
    assert "leads to no invitation" in words_of(first)
    assert accept(second).status_code == 302


@pytest.mark.parametrize("fields", [{"administrator": "on"}, {"roles": ["viewer", "annotator"]}, {"roles": []}])
def test_an_organiser_makes_no_administrator_and_no_roles_that_clash(oscar: User, fields: dict[str, Any]):
    page = send_form(oscar, **fields)
    assert not Invitation.objects.filter(administrator=True).exists()
    assert page.status_code == (200 if "administrator" in fields else 422)


def test_an_organiser_of_another_campaign_sees_and_changes_nothing(oscar: User):
    make_campaign("elsewhere")
    otto = make_user("otto")
    give_roles(otto, Campaign.objects.get(slug="elsewhere"), Role.ORGANISER)
    invite(oscar, "zoe@example.org")
    pk = Invitation.objects.get().pk
    assert send_form(otto).status_code == 404
    for place in ("/organiser/portraits", "/organiser/elsewhere"):
        assert browser_of(otto).post(f"{place}/invitations/{pk}/withdraw/").status_code == 404
    assert "zoe@example.org" not in browser_of(otto).get("/organiser/elsewhere/invitations/").content.decode()
    assert Invitation.objects.waiting().exists()


def test_an_administrator_makes_another_one(olga: User):
    link = invite(olga, address="/people/invitations/", administrator="on")
    browser = Client()
    assert accept(link, browser).headers["Location"] == "/"
    ada = User.objects.get(username="ada")
    assert (ada.is_superuser, ada.is_staff) == (True, True)
    assert browser.get("/people/invitations/").status_code == 200


def test_an_administrators_invitation_ends_when_they_are_none_any_more(olga: User):
    link = invite(olga, address="/people/invitations/", administrator="on")
    User.objects.filter(pk=olga.pk).update(is_superuser=False)
    assert "does not run this any more" in words_of(link)


def test_links_go_by_mail_and_are_not_shown_and_prove_the_address(oscar: User, settings: Any):
    with mail_server() as (port, mails):
        use_server(settings, port)
        page = send_form(oscar, "Ada <ada@example.org>")
    assert links_in(page) == []
    assert "1 invitation is on its way by mail" in page.content.decode()
    [mail] = mails
    assert "To: ada@example.org" in mail
    [link] = re.findall(r"http://testserver(/invitations/[\w-]+/)", mail.replace("=\n", ""))
    assert accept(link).status_code == 302
    assert EmailAddress.objects.get(email="ada@example.org").verified


def test_a_link_that_was_copied_proves_no_address(oscar: User):
    assert accept(invite(oscar, "ada@example.org")).status_code == 302
    assert not EmailAddress.objects.get(email="ada@example.org").verified


def test_a_mail_server_that_hangs_leaves_all_links_to_be_copied(oscar: User, settings: Any):
    with silent_server() as port:
        use_server(settings, port)
        page = send_form(oscar, "ada@example.org\nbob@example.org\ncleo@example.org")
    assert len(links_in(page)) == 3
    assert "did not take all of the messages" in page.content.decode()
    assert not Invitation.objects.exclude(mailed_at=None).exists()


def test_what_an_invitation_says_of_a_person_is_exported_without_the_hash_and_erased_with_them(oscar: User, olga: User):
    accept(invite(oscar, "Ada <ada@example.org>"))
    ada = User.objects.get(username="ada")
    invite(oscar, "ada@example.org", roles=["adjudicator"])
    [row] = export_person(ada, by=olga)["accounts.invitation.accepted_by"]
    assert (row["email"], "token_hash" in row) == ("ada@example.org", False)
    erase_person(ada, by=olga, reason="request")
    assert not Invitation.objects.exclude(email="", name="").exists()
    assert not Invitation.objects.waiting().exists()
    assert not EmailAddress.objects.exists()


def test_the_page_of_a_campaign_names_nobody_of_campaigns_that_its_organisers_do_not_run(oscar: User, mallory: User):
    make_campaign("elsewhere", people=(make_user("dave"),))
    own = make_campaign("own", people=(make_user("erin"),))
    give_roles(oscar, own, Role.ORGANISER)
    page = browser_of(oscar).get("/organiser/portraits/").content.decode()
    assert 'value="erin"' in page
    assert "Elsewhere" not in page
    for name in ("dave", "mallory"):
        assert f'value="{name}"' not in page
