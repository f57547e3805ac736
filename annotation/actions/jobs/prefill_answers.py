"""Take what a worker says of images: keep the answer, plan another try, or set the image aside with its reason."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone

from annotation.actions.events.record import record, record_each
from annotation.models import Image, ModelVersion, Prefill, PrefillItem, PrefillRun
from annotation.rubric import distribution
from mlworker import contract

# Tries after which an image is set aside.
MOST_TRIES = 4
# Seconds before the second try; each further one waits twice as long, up to the longest.
FIRST_WAIT, LONGEST_WAIT = 5, 600
# What adjudicating changes of an item.
SETTLED = ["state", "batch", "tries", "not_before", "error", "seconds", "cost"]


def take_answers(answers: Sequence[contract.Prefill], run: PrefillRun) -> None:
    """Keep each answer, plan another try for its image, or set the image aside; call it inside a transaction.

    Two files that differ in their metadata only are one image to the worker: its answer is for both.
    """
    by_image = {answer.sha256: answer for answer in answers}
    items = list(run.items.waiting().filter(image__stripped_sha256__in=by_image).select_related("image"))
    kept = []
    for item in items:
        answer = by_image[item.image.stripped_sha256]
        item.seconds += answer.seconds
        item.cost += answer.cost
        item.error = _refusal(answer, run)
        if not item.error:
            item.state, item.not_before = PrefillItem.State.DONE, None
            kept.append((item.image, answer))
        else:
            fail(item, run, may_pass=answer.temporary, asked_for=answer.retry_after)
    # One statement for all rows, which are there; `bulk_update` takes longer than saving them one by one.
    PrefillItem.objects.bulk_create(items, update_conflicts=True, unique_fields=["id"], update_fields=SETTLED)
    if kept:
        _keep(kept, run)


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


def _keep(answers: Sequence[tuple[Image, contract.Prefill]], run: PrefillRun) -> None:
    """Store the answers to images that have none of this model version yet."""
    # Campaigns may share images: whoever holds this row is the only one to answer for the model version.
    ModelVersion.objects.select_for_update(no_key=True).get(pk=run.model_version_id)
    images = [image.pk for image, _answer in answers]
    known = set(run.model_version.prefills.filter(image__in=images).values_list("image", flat=True))
    new = [_row(image, answer, run) for image, answer in answers if image.pk not in known]
    Prefill.objects.bulk_create(new)
    hashes = {image.pk: answer.sha256 for image, answer in answers}
    contents = ({"sha256": hashes[row.image_id], "score": row.score, "attributes": row.attributes} for row in new)
    record_each(run.campaign, "prefill.stored", zip(new, contents, strict=True), by=None)


def _row(image: Image, answer: contract.Prefill, run: PrefillRun) -> Prefill:
    row = Prefill(
        image=image,
        model_version=run.model_version,
        score=answer.score,
        attributes={key: asdict(prefill) for key, prefill in answer.attributes.items()},
        seconds=answer.seconds,
        cost=answer.cost,
        provenance=answer.provenance,
    )
    if answer.distribution is not None:
        row.distribution = distribution.compact(answer.distribution)
        row.spread = round(distribution.spread(answer.distribution), 4)
        row.entropy = round(distribution.entropy(answer.distribution), 4)
    return row
