"""What administrators change of other people's accounts, and everybody of their own sessions."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from annotation import policy
from annotation.actions.people.sessions import sessions_of
from annotation.errors import Conflict
from annotation.models import Erasure
from annotation.phrases import phrase as _
from webapp.operations.access_log import record_access

from .models import User


@transaction.atomic
def end_account(person: User, *, by: User | None) -> None:
    """Close an account at once, and end its sessions. Raise Conflict for the last administrator."""
    policy.require(policy.may_administer, by)
    account = lock_account(person)
    refuse_last_administrator(account)
    account.is_active = False
    account.save(update_fields=["is_active"])
    end_sessions(account, by=by)


@transaction.atomic
def reopen_account(person: User, *, by: User | None) -> None:
    """Open an account again that was closed. Raise Conflict for somebody who was erased."""
    policy.require(policy.may_administer, by)
    account = lock_account(person)
    if Erasure.objects.filter(person=account).exists():
        raise Conflict(_("%(person)s was erased, which is for good", person=account))
    account.is_active = True
    account.save(update_fields=["is_active"])


@transaction.atomic
def make_administrator(person: User, *, by: User | None) -> None:
    """Let a person run the installation. Raise Conflict for a closed account, and for one that programs answer as."""
    policy.require(policy.may_administer, by)
    account = lock_account(person)
    if not account.is_active or account.simulated:
        raise Conflict(_("only people whose account is open can be administrators"))
    account.is_superuser = account.is_staff = True
    account.save(update_fields=["is_superuser", "is_staff"])


@transaction.atomic
def unmake_administrator(person: User, *, by: User | None) -> None:
    """Take the right to run the installation away. Raise Conflict for the last administrator."""
    policy.require(policy.may_administer, by)
    account = lock_account(person)
    refuse_last_administrator(account)
    account.is_superuser = account.is_staff = False
    account.save(update_fields=["is_superuser", "is_staff"])


@transaction.atomic
def end_sessions(person: User, *, by: User | None, but: str | None = None) -> int:
    """Sign a person out everywhere, but for the session of a key; return how many sessions ended."""
    if by is None or by.pk != person.pk:
        policy.require(policy.may_administer, by)
    # By what sessions hold: some began before they were listed.
    ended = [session for session in sessions_of(person) if session.session_key != but]
    for session in ended:
        session.delete()
    UserSession.objects.filter(user=person).exclude(session_key=but or "").delete()
    record_access("sessions ended", account=person.get_username(), sessions=len(ended))
    return len(ended)


@transaction.atomic
def remove_factors(person: User, *, by: User | None) -> None:
    """Take away second factors, passkeys and recovery codes of somebody who lost them, and end their sessions."""
    policy.require(policy.may_administer, by)
    account = lock_account(person)
    Authenticator.objects.filter(user=account).delete()
    record_access("second factors removed", account=account.get_username())
    end_sessions(account, by=by)


def lock_account(person: User) -> User:
    """Return the account as it is, locked; the administrators with it, of whom one must stay."""
    rows = User.objects.select_for_update(no_key=True).order_by("pk")
    # All of them, so that two who take each other's right away do not both succeed.
    list(rows.filter(is_superuser=True))
    return rows.get(pk=person.pk)


def refuse_last_administrator(account: User) -> None:
    """Raise Conflict where nobody would be left to run the installation."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=account.pk)
    if account.is_superuser and account.is_active and not others.exists():
        raise Conflict(_("%(person)s is the last administrator; make another one first", person=account))
