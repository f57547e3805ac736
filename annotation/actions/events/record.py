"""Append events: each change writes one, in the same transaction, chained by hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone

from annotation.models import Campaign, Event, EventChain
from annotation.models.prepared import prepared


@dataclass
class _Batch:
    """Events of one campaign that are written together."""

    campaign_id: int
    chain: EventChain | None = None
    events: list[Event] = field(default_factory=list)


_batch: ContextVar[_Batch | None] = ContextVar("events that are written together", default=None)


def canonical_json(data: Any) -> str:
    """Return JSON text that is the same for the same data, whatever the order of keys."""
    # NaN is no JSON: a hash over it could not be recomputed by other programs.
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def hash_content(data: Any) -> str:
    """Return the SHA-256 of data that JSON can carry."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


def record_event(
    campaign: Campaign,
    verb: str,
    subject: models.Model,
    *,
    by: AbstractBaseUser | None,
    content: Any,
    details: dict[str, Any] | None = None,
    chain: EventChain | None = None,
) -> Event:
    """Append an event to the campaign's chain and return it.

    `content` is what was written to the row; its hash goes into the event, so that a later edit behind the
    application's back shows. `details` are kept in the open. Whoever has locked the chain already hands it in.
    """
    [event] = record_events(campaign, verb, [(subject, content)], by=by, details=details, chain=chain)
    return event


# No savepoint of its own: where an event fails, so does what it tells of.
@transaction.atomic(savepoint=False)
def record_events(
    campaign: Campaign,
    verb: str,
    contents: Iterable[tuple[models.Model, Any]],
    *,
    by: AbstractBaseUser | None,
    details: dict[str, Any] | None = None,
    chain: EventChain | None = None,
) -> list[Event]:
    """Append one event for each row with its content, in order, and return them."""
    chain = chain or lock_chain(campaign)
    events = []
    for subject, content in contents:
        event = Event(
            chain=chain,
            number=chain.length + 1,
            verb=verb,
            actor_id=None if by is None else by.pk,
            subject=f"{subject._meta.model_name}:{subject.pk}",
            content_hash=hash_content(content),
            details=details or {},
            # Set here and not on saving, as the hash covers it.
            created_at=timezone.now(),
            previous_hash=chain.head,
        )
        # Last, as it covers every other field, and by the hash of the one before the whole chain so far.
        event.hash = hash_content(event_content(event))
        events.append(event)
        chain.length, chain.head = event.number, event.hash
    batch = _batch.get()
    if batch and batch.chain is chain:
        batch.events += events
    else:
        _write(chain, events)
    return events


@contextmanager
def events_together(campaign_id: int) -> Iterator[None]:
    """Write what is recorded of a campaign in one go at the end of a transaction; call it inside one."""
    batch = _Batch(campaign_id)
    token = _batch.set(batch)
    try:
        yield
    finally:
        _batch.reset(token)
    if batch.chain and batch.events:
        _write(batch.chain, batch.events)


def lock_chain(campaign: Campaign) -> EventChain:
    """Lock and return the campaign's chain, the last of the rows that are locked; call it inside a transaction."""
    batch = _batch.get()
    if batch is None or batch.campaign_id != campaign.pk:
        return _chain_for_update(campaign)
    if batch.chain is None:
        batch.chain = _chain_for_update(campaign)
    return batch.chain


def _chain_for_update(campaign: Campaign) -> EventChain:
    # One at a time extends a chain, else two events would follow the same one. Locked last, as all wait for it.
    chain = _existing_chain(campaign=campaign.pk)
    return chain[0] if chain else EventChain.objects.select_for_update(no_key=True).get_or_create(campaign=campaign)[0]


@prepared
def _existing_chain(campaign: int) -> models.QuerySet[EventChain]:
    return EventChain.objects.select_for_update(no_key=True).filter(campaign=campaign)


def _write(chain: EventChain, events: list[Event]) -> None:
    Event.objects.bulk_create(events)
    chain.save(update_fields=["length", "head"])


def event_content(event: Event) -> dict[str, Any]:
    """Return what the hash of an event covers."""
    return {
        # Holds the event to its campaign: it fits into no other chain.
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
