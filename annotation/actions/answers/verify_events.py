"""Hold a campaign's event chain and its answers against each other, and name what does not fit."""

from __future__ import annotations

from collections.abc import Iterable

from annotation.actions.events.record import event_content, hash_content
from annotation.models import Annotation, Campaign, Event, EventChain, Revision

from .annotate import SEALED_BY, revision_contents


def verify_events(campaign: Campaign, *, known_head: str = "") -> list[str]:
    """Return a sentence for everything wrong; an empty list means that the chain and the answers are whole.

    Found are a broken link (only the first: what follows hangs on it), an event whose content was changed, an answer
    that no longer matches its event or has none, and a tail cut off behind `known_head`, a hash that a release or an
    auditor noted.
    """
    chain = EventChain.objects.filter(campaign=campaign).first()
    if chain is None:
        return [f"campaign {campaign.slug} has no events"]
    problems = _broken_link(chain.events.order_by("number").iterator(chunk_size=1000), chain.length, chain.head)
    # Whoever cuts the tail can shorten the chain's own row too, so only a hash kept elsewhere shows it.
    if known_head and not chain.events.filter(hash=known_head).exists():
        problems.append(f"no event has the known head {known_head}: the chain was cut off or written anew")
    return problems + _annotations(campaign)


def _broken_link(events: Iterable[Event], length: int, head: str) -> list[str]:
    previous, number = "", 0
    for event in events:
        number += 1
        if event.number != number:
            return [f"event {number} is missing: the next one is {event.number} {event.verb}"]
        # An event that was written anew, hash and all, fits itself: it shows only here, at the next one.
        if event.previous_hash != previous:
            return [f"event {number} ({event.verb}) does not follow from the one before"]
        if hash_content(event_content(event)) != event.hash:
            return [f"event {number} ({event.verb} of {event.subject}) was changed after it was written"]
        previous = event.hash
    if (number, previous) != (length, head):
        return [f"the chain should end with event {length}, but ends with {number}: its tail was cut off"]
    return []


def _annotations(campaign: Campaign) -> list[str]:
    """Compare each revision's content as stored with the hash in the event that sealed it."""
    sealed = {
        (subject, details.get("revision")): content_hash
        for subject, details, content_hash in Event.objects.filter(
            chain__campaign=campaign, verb__in=SEALED_BY.values()
        ).values_list("subject", "details", "content_hash")
    }
    # Imported answers have no event each: that of their import seals all of them.
    revisions = Revision.objects.filter(annotation__campaign=campaign, annotation__imported=False)
    problems = []
    for revision in revisions.prefetch_related("judgements").iterator(chunk_size=500):
        subject = f"{Annotation._meta.model_name}:{revision.annotation_id}"
        name = f"answer {revision.annotation_id}, revision {revision.number}"
        expected = sealed.pop((subject, revision.number), None)
        if expected is None:
            problems.append(f"{name}: no event says that it was given")
        elif hash_content(revision_contents(revision)) != expected:
            problems.append(f"{name}: its content is not what its event sealed")
    problems += [
        f"{subject}, revision {number}: an event says it was given, but it is gone" for subject, number in sealed
    ]
    return problems
