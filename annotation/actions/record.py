"""Append events: each change writes one, in the same transaction, chained by hashes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone

from annotation.models import Campaign, Event, EventChain


def canonical(data: Any) -> str:
    """Return JSON text that is the same for the same data, whatever the order of keys."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def digest(data: Any) -> str:
    """Return the SHA-256 of data that JSON can carry."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


@transaction.atomic
def record(
    campaign: Campaign,
    verb: str,
    subject: models.Model,
    *,
    by: AbstractBaseUser | None,
    content: Any,
    details: dict[str, Any] | None = None,
) -> Event:
    """Append an event to the campaign's chain and return it.

    `content` is what was written to the row; its hash goes into the event, so that a later edit behind the
    application's back shows. `details` are kept in the open.
    """
    chain = lock_chain(campaign)
    event = Event(
        chain=chain,
        number=chain.length + 1,
        verb=verb,
        actor_id=None if by is None else by.pk,
        subject=f"{subject._meta.model_name}:{subject.pk}",
        content_hash=digest(content),
        details=details or {},
        created_at=timezone.now(),
        previous_hash=chain.head,
    )
    event.hash = digest(event_content(event))
    event.save()
    chain.length, chain.head = event.number, event.hash
    chain.save(update_fields=["length", "head"])
    return event


def lock_chain(campaign: Campaign) -> EventChain:
    """Lock and return the campaign's chain, the last of the rows that are locked; call it inside a transaction."""
    EventChain.objects.get_or_create(campaign=campaign)
    return EventChain.objects.select_for_update().get(campaign=campaign)


def event_content(event: Event) -> dict[str, Any]:
    """Return what the hash of an event covers."""
    return {
        "campaign": event.chain.campaign_id,
        "number": event.number,
        "verb": event.verb,
        "actor": event.actor_id,
        "subject": event.subject,
        "content": event.content_hash,
        "details": event.details,
        "at": event.created_at.isoformat(),
        "previous": event.previous_hash,
    }
