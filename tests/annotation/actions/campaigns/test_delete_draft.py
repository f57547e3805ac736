"""A draft is deleted: nobody finds it any more, its events and what was read there stay."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from annotation import policy
from annotation.actions.answers.verify_events import verify_events
from annotation.actions.campaigns.change_campaign import clone_campaign
from annotation.actions.campaigns.delete_draft import delete_draft
from annotation.actions.campaigns.open_campaign import check_slug, open_campaign
from annotation.actions.jobs.runs import start_run
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Calibration, Campaign, Event, Image, Membership, Run
from annotation.roles import Role
from tests.harness.factories import give_roles, judge, make_campaign, make_release, make_user
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_nobody_finds_it_any_more_and_its_name_is_free(alice: User, olga: User):
    draft = make_campaign(people=(alice,), opened=False)
    oscar = make_user("oscar")
    give_roles(oscar, draft, Role.ORGANISER)
    delete_draft(draft, by=oscar)
    for person in (alice, oscar, olga):
        assert not Campaign.objects.visible_to(person).exists()
    assert not policy.may_organise(oscar, draft)
    assert policy.roles_anywhere(oscar) == policy.roles_anywhere(alice) == frozenset()
    assert check_slug("portraits") == "portraits"
    assert make_campaign("portraits").pk != draft.pk
    with pytest.raises(BadInput, match="choose another short name"):
        check_slug(f"deleted-{draft.pk}")
    with pytest.raises(NotAllowed):
        delete_draft(draft, by=oscar)


def test_its_events_stay_whole_and_say_who_deleted_it(olga: User, capsys: pytest.CaptureFixture[str]):
    draft = make_campaign(opened=False)
    start_run(draft, "prefill", "fake", by=None)
    delete_draft(draft, by=olga)
    draft.refresh_from_db()
    *_, cancelled, deleted = Event.objects.filter(chain__campaign=draft)
    assert (cancelled.verb, Run.objects.get().state) == ("prefill.cancelled", "cancelled")
    assert (deleted.verb, deleted.actor) == ("campaign.deleted", olga)
    assert deleted.details == {"slug": "portraits", "title": "Portraits"}
    assert verify_events(draft) == []
    call_command("verify_events", draft.slug)
    assert "all whole" in capsys.readouterr().out


def test_commands_do_not_find_it():
    draft = make_campaign(opened=False)
    delete_draft(draft, by=None)
    draft.refresh_from_db()
    with pytest.raises(CommandError, match="is unknown; there are: none yet"):
        call_command("open_campaign", draft.slug)
    with pytest.raises(Conflict):
        open_campaign(draft, by=None)


def test_whoever_read_of_its_images_is_known_to_have(alice: User):
    draft = make_campaign(opened=False)
    oscar = make_user("oscar")
    give_roles(oscar, draft, Role.ORGANISER)
    since = Membership.objects.get(user=oscar).reader_since
    delete_draft(draft, by=oscar)
    membership = Membership.objects.readers().get(user=oscar)
    assert (membership.reader_since, membership.roles) == (since, frozenset())
    assert draft.entries.count() == 3


def test_its_images_are_withdrawn_by_an_administrator_or_where_they_are_besides(olga: User):
    draft = make_campaign(opened=False)
    oscar = make_user("oscar")
    give_roles(oscar, draft, Role.ORGANISER)
    kept = clone_campaign(draft, "kept", title="Kept", by=oscar)
    delete_draft(draft, by=oscar)
    image = Image.objects.first()
    assert image is not None
    User.objects.filter(pk=olga.pk).update(is_superuser=True)
    administrator = User.objects.get(pk=olga.pk)
    assert policy.may_withdraw(oscar, image)
    assert policy.may_withdraw(administrator, image)
    delete_draft(kept, by=oscar)
    assert not policy.may_withdraw(oscar, image)
    assert policy.may_withdraw(administrator, image)


@pytest.mark.parametrize(
    ("state", "message"), [("open", "opened before"), ("closed", "opened before"), ("draft", "holds answers")]
)
def test_what_was_opened_or_holds_answers_stays(campaign: Campaign, alice: User, state: str, message: str):
    judge(campaign, alice)
    Campaign.objects.update(state=state)
    with pytest.raises(Conflict, match=message):
        delete_draft(campaign, by=None)
    assert Campaign.objects.get().slug == "portraits"
    assert campaign.memberships.annotators().count() == 3


def test_a_release_and_a_calibration_keep_a_draft():
    released, calibrated = make_campaign("released", opened=False), make_campaign("calibrated", opened=False)
    make_release(released, "0.1.0")
    with pytest.raises(Conflict, match="holds answers or a release"):
        delete_draft(released, by=None)
    calibrated.calibration = Calibration.objects.create(campaign=make_campaign("anchors"), panel=released)
    calibrated.save()
    with pytest.raises(Conflict, match="asks for a calibration"):
        delete_draft(calibrated, by=None)
