"""A person leaves: exported, erased, and nothing that names them is left."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments import assign
from annotation.actions.campaigns.question import ask_question
from annotation.actions.people.erase_person import erase_person
from annotation.actions.people.export_person import export_person
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Annotation, Campaign, Event, Membership, Message, SendBack, ViewingCheck, Withdrawal
from annotation.roles import Role
from tests.harness.factories import give_roles, judge, make_campaign, make_user
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.engine, pytest.mark.usefixtures("quick")]

NAMES = ("anna", "Arendt", "anna@example.org")


@pytest.fixture
def anna(campaign: Campaign, client: Client) -> User:
    """Somebody who left traces wherever one can."""
    anna = make_user("anna", first_name="Anna", last_name="Arendt", email="anna@example.org", is_staff=True)
    give_roles(anna, campaign, Role.ANNOTATOR)
    judge(campaign, anna, 6)
    assignment = assign.next_assignment(campaign, anna)
    assert assignment is not None
    ask_question(assignment, "I know this Arendt", by=anna)
    oskar = make_user("oskar")
    Message.objects.create(assignment=assignment, author=oskar, text="Which Arendt, anna?")
    SendBack.objects.create(assignment=anna.assignments.get(state="done"), author=oskar, text="Look again, anna")
    assignment.draft = {"critique": "by anna"}
    assignment.save()
    ViewingCheck.objects.create(user=anna, screen={"width": 1920})
    client.force_login(anna)
    LogEntry.objects.create(
        user=anna,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(anna.pk),
        object_repr="anna",
        action_flag=CHANGE,
        change_message="anna@example.org",
    )
    return anna


def every_text() -> str:
    """Return all there is in the database, but the names of tables and columns."""
    out = StringIO()
    call_command("dumpdata", stdout=out)
    return out.getvalue() + "".join(json.dumps(session.get_decoded()) for session in Session.objects.all())


def test_nothing_names_a_person_who_was_erased_and_their_answers_stay(
    campaign: Campaign, anna: User, alice: User, olga: User, client: Client
):
    judge(campaign, alice)
    report = erase_person(anna, by=olga, reason="request")
    assert all(name not in every_text() for name in NAMES)
    anna.refresh_from_db()
    assert (anna.is_active, anna.is_staff, anna.has_usable_password()) == (False, False, False)
    assert (anna.username, anna.pseudonym) == (report.name, report.pseudonym)
    assert report.pseudonym == report.name
    assert report.pseudonym.startswith("erased-")
    assert report.deleted == {
        "drafts": 1,
        "messages": 2,
        "send_backs": 1,
        "viewing_checks": 1,
        "sessions": 1,
        "admin_log_entries": 1,
        "ways_to_sign_in": 0,
        "invitations": 0,
    }
    assert client.get("/workspace/").status_code == 302
    assert Annotation.objects.counted().filter(annotator=anna).count() == 1
    assert campaign.memberships.get(user=anna).roles == frozenset()
    assert verify_events(campaign) == []
    assert {"person.dismissed", "person.erased"} <= set(Event.objects.values_list("verb", flat=True))


def test_places_of_a_person_who_was_erased_are_free_again(campaign: Campaign, anna: User):
    before = sum(campaign.entries.values_list("places", flat=True))
    erase_person(anna, by=None, reason="request")
    assert sum(campaign.entries.values_list("places", flat=True)) == before + 1


def test_answers_are_withdrawn_where_that_is_asked_for(campaign: Campaign, anna: User):
    report = erase_person(anna, by=None, reason="request", with_annotations=True)
    assert report.withdrawn == ["portraits"]
    assert Withdrawal.objects.get().person == anna
    assert not Annotation.objects.counted().filter(annotator=anna).exists()
    assert verify_events(campaign) == []


def test_a_pseudonym_that_a_report_names_stays_so_that_it_can_be_computed_again(
    campaign: Campaign, anna: User, alice: User
):
    judge(campaign, alice)
    measure_agreement(campaign, by=None)
    pseudonym = anna.pseudonym
    assert erase_person(anna, by=None, reason="request").pseudonym == pseudonym
    assert all(name not in every_text() for name in NAMES)


def test_whoever_has_other_roles_or_none_can_be_erased(campaign: Campaign, rita: User, arthur: User, mallory: User):
    for person in (rita, arthur, mallory):
        erase_person(person, by=None, reason="retention")
    assert not Membership.objects.having_roles().filter(user__in=[rita, arthur, mallory]).exists()


def test_who_may_erase_whom(campaign: Campaign, anna: User, alice: User, olga: User):
    oscar = make_user("oscar")
    give_roles(oscar, campaign, Role.ORGANISER)
    for person in (anna, alice, oscar):
        with pytest.raises(NotAllowed):
            erase_person(anna, by=person, reason="request")
    for person in (alice, oscar):
        with pytest.raises(NotAllowed):
            export_person(anna, by=person)
    with pytest.raises(BadInput, match="accepted: request, retention, mistake"):
        erase_person(anna, by=olga, reason="anna asked")
    with pytest.raises(Conflict, match="last administrator"):
        erase_person(olga, by=olga, reason="request")
    erase_person(anna, by=olga, reason="request")
    with pytest.raises(Conflict, match="erased already"):
        erase_person(anna, by=olga, reason="request")


def test_an_administrator_can_erase_themselves_where_another_one_is_left(campaign: Campaign, olga: User):
    make_user("otto", is_superuser=True)
    erase_person(olga, by=olga, reason="request")
    assert not Event.objects.filter(verb="person.erased", actor=olga).exists()


def test_all_that_is_kept_of_a_person_is_exported(campaign: Campaign, anna: User):
    exported: Any = export_person(anna, by=None)
    assert exported["account"]["email"] == "anna@example.org"
    assert exported["account"]["password"] == "kept as a hash"
    assert "pbkdf2" not in json.dumps(exported)
    [annotation] = exported["annotation.annotation.annotator"]
    assert annotation["campaign"] == "portraits"
    assert len(annotation["revisions"][0]["judgements"]) == 8
    [message] = exported["annotation.message.author"]
    assert message["text"] == "I know this Arendt"
    drafts = [row["draft"] for row in exported["annotation.assignment.annotator"]]
    assert {"critique": "by anna"} in drafts
    assert exported["annotation.viewingcheck.user"][0]["screen"] == {"width": 1920}
    assert exported["send_backs_to_them"][0]["text"] == "Look again, anna"
    assert len(exported["sessions"]) == len(exported["admin_log_entries_about_them"]) == 1
    assert "annotation.committed" in {event["verb"] for event in exported["annotation.event.actor"]}


def test_the_commands_write_what_the_docs_describe(campaign: Campaign, anna: User, tmp_path: Path):
    path = tmp_path / "anna.json"
    call_command("export_person", "anna", out=path)
    assert json.loads(path.read_text(encoding="utf-8"))["account"]["username"] == "anna"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="cannot be written: File exists"):
        call_command("export_person", "anna", out=path)
    out = StringIO()
    call_command("erase_person", anna.pseudonym, reason="request", json=True, stdout=out)
    erased = json.loads(out.getvalue())["erased"]
    assert erased.keys() == {"name", "pseudonym", "left", "withdrawn", "copies", "deleted"}
    assert erased["left"] == ["portraits"]
    with pytest.raises(CommandError, match="nobody's pseudonym or user name"):
        call_command("erase_person", "anna", reason="request")


def test_a_thread_says_that_its_words_were_erased(campaign: Campaign, anna: User, olga: User, client: Client):
    erase_person(anna, by=olga, reason="request")
    client.force_login(olga)
    assert set(Message.objects.values_list("text", flat=True)) == {""}
    assert "erased with the account" in client.get("/organiser/portraits/questions/").content.decode()


def test_a_person_of_several_campaigns_leaves_them_all(anna: User):
    make_campaign("other", people=(anna,), images=1)
    assert erase_person(anna, by=None, reason="request").left == ["portraits", "other"]
