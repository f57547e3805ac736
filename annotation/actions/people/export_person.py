"""All that is kept of one person, as JSON can carry it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from annotation import policy
from annotation.models import Annotation, Campaign, Consensus, Event, Image, Message, Revision, SendBack

from .sessions import sessions_of

# What would tell people how they are studied, and who wrote what without a name to it.
UNBLINDING = {
    "annotation.assignment.annotator": (
        ["arm", "repeat", "shown_prefill", "surplus", "superseded", "superseded_at", "position", "lease_until"]
    ),
    "annotation.annotation.annotator": ["surplus", "exposed"],
    "annotation.membership.user": ["block", "walked", "latest_image", "handed_out", "assigned"],
    "annotation.persontally.person": ["counted", "surplus", "superseded", "repeats"],
    "annotation.event.actor": ["details"],
    "messages_to_them": ["author"],
    "send_backs_to_them": ["author", "case"],
    "events_about_them": ["actor", "details"],
}
# What hangs on a row that is theirs.
CHILDREN: dict[type[models.Model], str] = {Annotation: "revisions", Revision: "judgements", Consensus: "scores"}
# Rows of these are called by what others call them.
NAMES: dict[type[models.Model], str] = {Campaign: "slug", Image: "sha256"}
# Tables of django-allauth hold how somebody signs in, and nothing of what they did.
WAYS_TO_SIGN_IN = ("account", "mfa", "socialaccount", "usersessions")
# What somebody could sign in with, or be let in by, in tables about accounts.
SECRETS = {"token_hash", "session_key", "data", "token", "token_secret", "key"}


def export_person(person: AbstractBaseUser, *, by: AbstractBaseUser | None) -> dict[str, Any]:
    """Return every row that refers to a person, by the model and the field that does, and their account.

    Models that come to refer to people are found by themselves. Of the password only is said that there is one. Who
    asks for their own gets nothing that would unblind them: which image was a repeat, what is shown when, by whom.
    """
    policy.require(policy.may_export, by, person)
    exported = _everything_of(person)
    if by is not None and not policy.may_administer(by):
        for name, hidden in UNBLINDING.items():
            exported[name] = [_without(row, hidden) for row in exported.get(name, [])]
    plain: dict[str, Any] = json.loads(json.dumps(exported, cls=DjangoJSONEncoder, ensure_ascii=False))
    return plain


def _without(row: dict[str, Any], hidden: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in hidden}


def _everything_of(person: AbstractBaseUser) -> dict[str, Any]:
    account = _row(person) | {"password": "kept as a hash" if person.has_usable_password() else "none"}
    exported: dict[str, Any] = {"account": account, "groups": [str(group) for group in getattr(person, "groups").all()]}  # noqa: B009
    for relation in relations_of(person):
        if rows := _rows(relation.related_model, relation.field.name, person):
            exported[f"{relation.related_model._meta.label_lower}.{relation.field.name}"] = rows
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(person), object_id=str(person.pk))
    exported |= {
        "messages_to_them": [_row(one) for one in Message.objects.filter(assignment__annotator=person.pk)],
        "send_backs_to_them": [_row(one) for one in SendBack.objects.filter(assignment__annotator=person.pk)],
        "sessions": [{"ends_at": session.expire_date} for session in sessions_of(person)],
        "events_about_them": [_row(event) for event in Event.objects.filter(details__user=person.pk)],
        "admin_log_entries_about_them": [_row(entry) for entry in about],
    }
    return exported


def relations_of(person: AbstractBaseUser) -> list[Any]:
    """Return the relations by which rows of other models refer to a person."""
    # Hidden ones too: that nobody asks for them in this direction does not make them less.
    fields = person._meta.get_fields(include_hidden=True)
    return [one for one in fields if one.auto_created and (one.one_to_many or one.one_to_one)]


def _rows(model: type[models.Model], field: str, person: AbstractBaseUser) -> list[dict[str, Any]]:
    rows = model._base_manager.filter(**{field: person.pk}).order_by("pk")
    named = [one.name for one in model._meta.concrete_fields if one.related_model in NAMES]
    path = "revisions__judgements" if model is Annotation else CHILDREN.get(model)
    rows = rows.select_related(*named) if named else rows
    return [_row(row) for row in (rows.prefetch_related(path) if path else rows)]


def _row(row: models.Model) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        is_secret = column.name in SECRETS and row._meta.app_label in ("accounts", *WAYS_TO_SIGN_IN)
        if is_secret or isinstance(column, models.BinaryField):
            continue
        values[column.name] = getattr(row, column.attname)
        if column.related_model in NAMES and values[column.name] is not None:
            values[column.name] = getattr(getattr(row, column.name), NAMES[column.related_model])
    children = CHILDREN.get(type(row))
    if children:
        values[children] = [_row(child) for child in getattr(row, children).all()]
    return values
