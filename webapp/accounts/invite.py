"""Invitations: made, mailed, withdrawn, renewed and accepted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.actions.events.record import record_event
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Campaign
from annotation.phrases import phrase as _
from annotation.roles import Roles, roles_clash
from webapp.operations.access_log import record_access

from .mail import MailFailed, send_messages
from .models import Invitation, User

# Seconds for all mail of one form: whoever waits for the page sees which links are left to be copied.
MAILING_SECONDS = 30


@dataclass(frozen=True)
class Invitee:
    """One person to invite: where mail reaches them, what they are called, in which roles, for which categories."""

    email: str = ""
    name: str = ""
    roles: Roles = frozenset()
    categories: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Link:
    """An invitation with its token, which is known only as long as the answer is being made."""

    invitation: Invitation
    token: str


def require_may_invite(by: User | None, campaign: Campaign | None) -> None:
    """Raise NotAllowed unless this person may invite into the campaign; into none, administrators invite."""
    if campaign is None:
        policy.require(policy.may_administer, by)
    else:
        policy.require(policy.may_organise, by, campaign)


@transaction.atomic
def invite(
    invitees: Sequence[Invitee],
    *,
    by: User | None,
    campaign: Campaign | None = None,
    administrator: bool = False,
    form_key: UUID | None = None,
) -> list[Link]:
    """Make an invitation for each, or renew the one that waits for the same address; all of them, or none.

    Raise BadInput for roles that clash or are missing, and for an unknown category, Conflict for a form that was sent
    before.
    """
    require_may_invite(by, campaign)
    if administrator:
        policy.require(policy.may_administer, by)
    if form_key and Invitation.objects.filter(form_key=form_key).exists():
        raise Conflict(_("these people were invited already; renew an invitation to get its link again"))
    return [_invite_one(invitee, by, campaign, administrator, form_key) for invitee in invitees]


def _invite_one(
    invitee: Invitee, by: User | None, campaign: Campaign | None, administrator: bool, form_key: UUID | None
) -> Link:
    check_roles(invitee, campaign)
    waiting = Invitation.objects.waiting().filter(campaign=campaign, email__iexact=invitee.email)
    invitation = (waiting.select_for_update().first() if invitee.email else None) or Invitation()
    token = invitation.renew_token()
    invitation.email, invitation.name = invitee.email, invitee.name
    invitation.campaign, invitation.administrator = campaign, administrator
    invitation.roles, invitation.categories = sorted(invitee.roles), list(invitee.categories)
    invitation.invited_by, invitation.form_key = by, form_key
    invitation.save()
    record(invitation, "invitation.made", by)
    return Link(invitation, token)


def check_roles(invitee: Invitee, campaign: Campaign | None) -> None:
    """Raise BadInput unless the campaign can take somebody in these roles, for these categories."""
    if campaign is None:
        return
    if not invitee.roles:
        raise BadInput(_("at least one role is needed"))
    if roles_clash(invitee.roles):
        raise BadInput(_("annotator and adjudicator do not go together with the other roles"))
    accepted = [category.key for category in campaign.rubric.categories]
    for key in invitee.categories:
        if key not in accepted:
            raise BadInput(
                _("category %(key)r is unknown; accepted: %(accepted)s", key=key, accepted=", ".join(accepted))
            )


def mail_invitations(links: Sequence[Link], write: Callable[[Link], EmailMessage]) -> list[Link]:
    """Send those that have an address; return those whose link is still to be handed on by whoever invites.

    The first that the mail server does not take ends it: others would wait as long.
    """
    end = time.monotonic() + MAILING_SECONDS
    unsent = [link for link in links if not link.invitation.email]
    to_mail = [link for link in links if link.invitation.email]
    try:
        for number, link in enumerate(to_mail):
            if time.monotonic() > end:
                return unsent + to_mail[number:]
            send_messages([write(link)])
            link.invitation.mailed_at = timezone.now()
            link.invitation.save(update_fields=["mailed_at"])
    except MailFailed:
        return unsent + [link for link in to_mail if link.invitation.mailed_at is None]
    return unsent


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: User | None) -> None:
    """Let nobody in by an invitation any more. Raise Conflict for one that was accepted or withdrawn meanwhile."""
    require_may_manage(invitation, by)
    locked = lock_waiting(invitation)
    locked.withdrawn_at = timezone.now()
    locked.save(update_fields=["withdrawn_at"])
    record(locked, "invitation.withdrawn", by)


@transaction.atomic
def renew_invitation(invitation: Invitation, *, by: User | None) -> Link:
    """Make a new link, good for its whole time. Raise Conflict for an invitation accepted or withdrawn meanwhile."""
    require_may_manage(invitation, by)
    locked = lock_waiting(invitation)
    token = locked.renew_token()
    # Whoever renews it answers for it from now on.
    locked.invited_by = by
    locked.save()
    record(locked, "invitation.renewed", by)
    return Link(locked, token)


def require_may_manage(invitation: Invitation, by: User | None) -> None:
    """Raise NotAllowed unless this person may withdraw or renew the invitation."""
    require_may_invite(by, invitation.campaign)
    if invitation.administrator:
        policy.require(policy.may_administer, by)


def lock_waiting(invitation: Invitation) -> Invitation:
    """Return the invitation as it is, locked. Raise Conflict for one accepted or withdrawn meanwhile."""
    locked = Invitation.objects.waiting().select_for_update(of=("self",)).filter(pk=invitation.pk).first()
    if locked is None:
        raise Conflict(_("this invitation was accepted or withdrawn meanwhile"))
    return locked


def what_is_wrong(invitation: Invitation | None) -> str:
    """Return why nobody gets in by an invitation, in a sentence; empty where it is good."""
    if invitation is None:
        return _("This link leads to no invitation. A part of it may be missing, or it was replaced by a newer one.")
    reasons = {
        _("This invitation was accepted already. Each one lets in one person, once."): invitation.accepted_at,
        _("This invitation was withdrawn."): invitation.withdrawn_at,
        _("The time of this invitation is over. Ask whoever invited you to renew it."): invitation.is_expired,
    }
    return next((words for words, holds in reasons.items() if holds), "") or _who_may_not(invitation)


def _who_may_not(invitation: Invitation) -> str:
    """Return why the invitation is not whoever made it's to make any more, empty where it still is."""
    if is_set_up(invitation):
        is_over = User.objects.filter(is_superuser=True, is_active=True).exists()
        return _("This installation has its administrator already.") if is_over else ""
    try:
        require_may_manage(invitation, invitation.invited_by)
    except NotAllowed:
        return _("Whoever invited you does not run this any more. Ask for another invitation.")
    return ""


def is_set_up(invitation: Invitation) -> bool:
    """Tell whether it makes the first administrator."""
    return invitation.administrator and invitation.invited_by_id is None


@transaction.atomic
def accept_invitation(invitation: Invitation, person: User) -> Invitation:
    """Let a person in who has an account, as the invitation says.

    Raise Conflict for one that is good no more, BadInput where the person cannot have its roles beside their own.
    """
    locked = lock_waiting(invitation)
    if wrong := what_is_wrong(locked):
        raise Conflict(wrong)
    locked.accepted_by, locked.accepted_at = person, timezone.now()
    locked.save(update_fields=["accepted_by", "accepted_at"])
    if locked.administrator:
        person.is_superuser = person.is_staff = True
        person.save(update_fields=["is_superuser", "is_staff"])
    if locked.campaign:
        # In the name of whoever invited: whether they still may is asked now.
        invite_people(
            locked.campaign, [person], by=locked.invited_by, categories=locked.categories, roles=locked.role_set
        )
    record_access("invitation accepted", account=person.get_username(), invitation=locked.pk)
    return locked


@transaction.atomic
def accept_with_new_account(
    invitation: Invitation, *, username: str, display_name: str, password: str | None
) -> tuple[Invitation, User]:
    """Make an account and let it in; without a password where another way to sign in follows.

    Raise as `accept_invitation` does.
    """
    lock_waiting(invitation)
    person = User(username=username, first_name=display_name, email=invitation.email.lower())
    if password:
        person.set_password(password)
    else:
        person.set_unusable_password()
    person.save()
    if invitation.email:
        # Only who reads the mail has a link that was mailed; one that was copied has been through other hands.
        is_proven = invitation.mailed_at is not None and not has_proven(invitation.email)
        EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=is_proven)
    return accept_invitation(invitation, person), person


def has_proven(email: str) -> bool:
    """Tell whether somebody has shown that an address is theirs."""
    return bool(EmailAddress.objects.filter(email__iexact=email, verified=True).exists())


def record(invitation: Invitation, verb: str, by: User | None) -> None:
    """Record what became of an invitation, without a word on whom it is for."""
    details = {"invitation": invitation.pk, "roles": invitation.roles, "categories": invitation.categories}
    if invitation.campaign:
        record_event(invitation.campaign, verb, invitation, by=by, content=details, details=details)
    record_access(verb.replace(".", " "), invitation=invitation.pk, administrator=invitation.administrator)


def with_roles(invitee: Invitee, roles: Roles, categories: Sequence[str]) -> Invitee:
    """Return the invitee with what the form says, where their own line says nothing."""
    return replace(invitee, roles=invitee.roles or roles, categories=invitee.categories or tuple(categories))
