"""Erase a person: their account closed and stripped, what only concerned them deleted, their answers under a tombstone.

The account's row stays, with nothing in it that tells whose it was: answers, verdicts and events name it by its key,
so that their hash chain holds.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from annotation import policy
from annotation.actions.campaigns.change_campaign import dismiss_person
from annotation.actions.events.record import record_event
from annotation.actions.releases.withdraw import copies_of, withdraw_person
from annotation.errors import BadInput, Conflict
from annotation.models import (
    Annotation,
    Assignment,
    Campaign,
    Erasure,
    Figures,
    Message,
    Release,
    SendBack,
    ViewingCheck,
    Withdrawal,
)
from annotation.phrases import phrase as _

from .export_person import WAYS_TO_SIGN_IN, relations_of
from .sessions import sessions_of


@dataclass
class ErasureReport:
    """What was done: the tombstone's names, how many rows were deleted or emptied, where answers were withdrawn.

    `copies` are imported copies of withdrawn answers, which have to be withdrawn too.
    """

    name: str = ""
    pseudonym: str = ""
    left: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    copies: list[dict[str, str]] = field(default_factory=list)
    deleted: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def erase_person(
    person: AbstractBaseUser, *, by: AbstractBaseUser | None, reason: str, with_annotations: bool = False
) -> ErasureReport:
    """Erase a person for good; their answers stay and count, unless they are to be withdrawn too.

    Raise BadInput for an unknown reason, Conflict for somebody erased already and for the last administrator.
    """
    policy.require(policy.may_administer, by)
    if reason not in Erasure.Reason.values:
        accepted = ", ".join(Erasure.Reason.values)
        raise BadInput(_("reason %(reason)r is unknown; accepted: %(accepted)s", reason=reason, accepted=accepted))
    account: Any = get_user_model()._default_manager.select_for_update(no_key=True).get(pk=person.pk)
    _refuse_erasure(account)
    campaigns = Campaign.objects.filter(Q(memberships__user=account) | Q(annotations__annotator=account))
    concerned = list(campaigns.distinct().order_by("pk"))
    report = ErasureReport()
    if with_annotations:
        _withdraw_annotations(account, concerned, by, report)
    for campaign in concerned:
        # Asked each time: whoever leaves a campaign leaves its calibration too.
        if campaign.memberships.having_roles().filter(user=account).exists():
            dismiss_person(campaign, account, by=by)
            report.left.append(campaign.slug)
    report.deleted = _delete_what_only_concerned(account)
    # They name people by their pseudonyms, and are worked out anew.
    Figures.objects.filter(campaign__in=concerned).delete()
    _strip_account(account)
    report.name, report.pseudonym = account.username, account.pseudonym
    # Whoever erases themselves is nobody from here on.
    actor = None if by is None or by.pk == account.pk else by
    erasure = Erasure.objects.create(person=account, reason=reason, erased_by_id=actor.pk if actor else None)
    details = {"user": account.pk, "reason": str(erasure.reason)}
    for campaign in concerned:
        record_event(campaign, "person.erased", erasure, by=actor, content=details, details=details)
    return report


def _refuse_erasure(account: Any) -> None:
    if Erasure.objects.filter(person=account).exists():
        raise Conflict(_("%(person)s is erased already", person=account))
    administrators = get_user_model()._default_manager.filter(is_superuser=True, is_active=True)
    if account.is_superuser and not administrators.exclude(pk=account.pk).exists():
        raise Conflict(_("%(person)s is the last administrator; make another one first", person=account))


def _withdraw_annotations(
    account: Any, campaigns: list[Campaign], by: AbstractBaseUser | None, report: ErasureReport
) -> None:
    for campaign in campaigns:
        annotated = campaign.annotations.filter(annotator=account).exists()
        # Asked each time: whoever withdraws from a campaign withdraws from its calibration too.
        if annotated and not Withdrawal.objects.filter(campaign=campaign, person=account).exists():
            withdraw_person(campaign, account, by=by, reason=Withdrawal.Reason.CONSENT)
    for withdrawal in Withdrawal.objects.filter(person=account).select_related("campaign", "person"):
        report.withdrawn.append(withdrawal.campaign.slug)
        report.copies += copies_of(withdrawal)


def _delete_what_only_concerned(account: Any) -> dict[str, int]:
    """Delete what is no part of the record, and return how many of each there were."""
    drafts = Assignment.objects.filter(annotator=account).exclude(draft=None)
    # What others wrote to them may call them by name.
    theirs = Q(author=account) | Q(assignment__annotator=account)
    messages = Message.objects.filter(theirs).exclude(text="")
    send_backs = SendBack.objects.filter(theirs).exclude(text="")
    sessions = sessions_of(account)
    log = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(account), object_id=str(account.pk)
    ).exclude(object_repr="")
    return {
        "drafts": drafts.update(draft=None, draft_version=F("draft_version") + 1),
        # Threads keep their order and their events.
        "messages": messages.update(text=""),
        "send_backs": send_backs.update(text=""),
        "viewing_checks": ViewingCheck.objects.filter(user=account).delete()[0],
        "sessions": sum(session.delete()[0] for session in sessions),
        "admin_log_entries": log.update(object_repr="", change_message=""),
        **_forget_account(account),
    }


def _forget_account(account: Any) -> dict[str, int]:
    """Delete the ways in which a person signed in; have other models forget them that say how."""
    counts: dict[str, int] = {}
    models = {relation.related_model: relation.field.name for relation in relations_of(account)}
    for model, name in models.items():
        if model._meta.app_label in WAYS_TO_SIGN_IN:
            number = model._base_manager.filter(**{name: account}).delete()[0]
            counts["ways_to_sign_in"] = counts.get("ways_to_sign_in", 0) + number
        elif hasattr(model, "forget"):
            counts[f"{model._meta.model_name}s"] = model.forget(account)
    return counts


def _strip_account(account: AbstractUser) -> None:
    token = secrets.token_hex(4)
    account.username, account.first_name, account.last_name, account.email = f"erased-{token}", "", "", ""
    account.set_unusable_password()
    account.is_active = account.is_staff = account.is_superuser = False
    account.last_login, account.date_joined = None, timezone.now()
    account.groups.clear()
    account.user_permissions.clear()
    if not _is_published(account):
        setattr(account, "pseudonym", f"erased-{token}")  # noqa: B010
    account.save()


def _is_published(account: Any) -> bool:
    """Tell whether a report, a release or a list of what was withdrawn knows the person by their pseudonym.

    Then it stays: it is drawn at random and says nothing of anybody, readers of releases find by it what was withdrawn,
    and under another one neither report nor release could be computed again.
    """
    own = Campaign.objects.filter(annotations__annotator=account)
    slugs = set(own.values_list("slug", flat=True))
    return (
        own.filter(Q(reports__isnull=False) | Q(releases__isnull=False)).exists()
        or Withdrawal.objects.filter(person=account).exists()
        or Annotation.objects.filter(imported=True, declared_rater=account.pseudonym).exists()
        or any(not slugs.isdisjoint(release.frozen.scope.also) for release in Release.objects.all())
    )
