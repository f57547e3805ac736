"""How often, and how much later each time, an image is tried again or a message sent again."""

from __future__ import annotations

import random
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from annotation.actions.events.record import record_event
from annotation.models import Run, RunItem
from mlworker.contract import LONGEST_PATIENCE

# Tries after which an image is set aside.
MOST_TRIES = 4
# Seconds before the second try; each further one waits twice as long, up to the longest.
FIRST_WAIT, LONGEST_WAIT = 5, 600


def retry_or_set_aside(item: RunItem, run: Run, *, may_pass: bool, retry_after: float = 0.0) -> None:
    """Plan another try, or set the image aside with its error when none is left; the caller saves the item.

    `retry_after` is how many seconds a server asked us to wait.
    """
    item.tries += 1
    item.batch = None
    if may_pass and item.tries < MOST_TRIES:
        item.not_before = timezone.now() + wait_before_retry(item.tries, retry_after)
        return
    item.state = RunItem.State.FAILED
    details = {"image": item.image.sha256, "error": item.error}
    record_event(run.campaign, f"{run.kind}.set_aside", item, by=None, content=details, details=details)


def wait_before_retry(tries: int, retry_after: float) -> timedelta:
    """Return how long to wait before the next try: doubling, with jitter, and at least as long as a server asked."""
    # With jitter, lest all that a busy server refused come back in the same moment. A server may ask for days.
    seconds = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    return timedelta(seconds=max(seconds * random.uniform(0.5, 1.5), min(retry_after, LONGEST_WAIT)))


def wait_before_resending(times_sent: int) -> timedelta:
    """Return how long a message may wait for a worker: longer each time, lest they pile up while none runs."""
    return timedelta(seconds=min(settings.PREFILL_RESEND_AFTER * times_sent, LONGEST_PATIENCE))
