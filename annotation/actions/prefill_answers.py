"""Settle what a worker says of one image: keep the answer, plan another try, or set the image aside with its reason."""

from __future__ import annotations

import random
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from annotation import distribution
from annotation.models import Image, Prefill, PrefillItem, PrefillRun
from mlworker import contract

from .record import record

# Tries after which an image is set aside.
MOST_TRIES = 4
# Seconds before the second try; each further one waits twice as long, up to the longest.
FIRST_WAIT, LONGEST_WAIT = 5, 600


def settle(item: PrefillItem, answer: contract.Prefill, run: PrefillRun) -> None:
    """Store an answer, plan another try, or set the image aside."""
    item.seconds += answer.seconds
    item.cost += answer.cost
    item.error = _refusal(answer, run)
    if not item.error:
        item.state, item.not_before = PrefillItem.State.DONE, None
        _keep(answer, item.image, run)
    else:
        fail(item, run, may_pass=answer.temporary, asked_for=answer.retry_after)
    item.save()


def _refusal(answer: contract.Prefill, run: PrefillRun) -> str:
    """Return why an answer cannot be kept; empty when it can."""
    if answer.error:
        return answer.error
    if answer.model_version != run.model_version.version:
        return (
            f"the worker answered with version {answer.model_version}, not {run.model_version.version}; "
            "give the application and its workers the same release and settings"
        )
    return "" if answer.distribution is None else distribution.check(answer.distribution)


def fail(item: PrefillItem, run: PrefillRun, *, may_pass: bool, asked_for: float = 0.0) -> None:
    """Plan another try, or set the image aside with its error when none is left; the caller saves the item."""
    item.tries += 1
    item.batch = None
    if may_pass and item.tries < MOST_TRIES:
        item.not_before = timezone.now() + _wait(item.tries, asked_for)
        return
    item.state = PrefillItem.State.FAILED
    details = {"image": item.image.sha256, "error": item.error}
    record(run.campaign, "prefill.set_aside", item, by=None, content=details, details=details)


def _wait(tries: int, asked_for: float) -> timedelta:
    """Return how long to wait before the next try: doubling, with jitter, and at least as long as asked for."""
    doubled = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    return timedelta(seconds=max(doubled * random.uniform(0.5, 1.5), min(asked_for, LONGEST_WAIT)))


def _keep(answer: contract.Prefill, image: Image, run: PrefillRun) -> None:
    values: dict[str, Any] = {
        "score": answer.score,
        "attributes": {key: asdict(proposal) for key, proposal in answer.attributes.items()},
        "seconds": answer.seconds,
        "cost": answer.cost,
        "provenance": answer.provenance,
    }
    if answer.distribution is not None:
        values |= {
            "distribution": distribution.compact(answer.distribution),
            "spread": round(distribution.spread(answer.distribution), 4),
            "entropy": round(distribution.entropy(answer.distribution), 4),
        }
    row, created = Prefill.objects.get_or_create(image=image, model_version=run.model_version, defaults=values)
    if created:
        content = {"sha256": answer.sha256, "score": values["score"], "attributes": values["attributes"]}
        record(run.campaign, "prefill.stored", row, by=None, content=content)
