"""What a worker says of images: stored, tried again later, or set aside with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from annotation.models import Batch, Run, RunItem
from mlworker import contract

from .batches import close_batch
from .kinds import kind_of
from .retry import retry_or_set_aside
from .runs import finish_run_if_done, lock_run

# What a result changes of an item.
CHANGED = ["state", "batch", "tries", "not_before", "error", "seconds", "cost"]


@transaction.atomic
def store_results(batch: Batch, results: Sequence[contract.Result]) -> None:
    """Store a worker's results, setting failed images aside; a failure that may pass is tried again later.

    Storing again changes nothing, and a result that comes after its batch was given up is kept.
    """
    run = lock_run(batch.run)
    batch.refresh_from_db()
    # Before the batch is closed, which takes what still waits in it for lost.
    _take_results(results, run)
    if batch.closed_at is None:
        close_batch(batch, run)  # Nothing is left in it, unless the worker sent fewer results than it was asked for.
    finish_run_if_done(run)


def _take_results(results: Sequence[contract.Result], run: Run) -> None:
    # Two files that differ in their metadata only are one image to the worker: its result is for both.
    # As they can be kept, whatever the worker checks: one broken text would take all results of its batch along.
    by_hash = {result.sha256: result.kept() for result in results}
    items = run.items.waiting().filter(image__stripped_sha256__in=by_hash).select_related("image").order_by("image")
    pairs = [(item, by_hash[item.image.stripped_sha256]) for item in items]
    usable_results = [(item.image, result) for item, result in pairs if not _failure(result, run)]
    refusals = kind_of(run).store(usable_results, run) if usable_results else {}
    for item, result in pairs:
        # Failures are counted too: their time and money are spent.
        item.seconds += result.seconds
        item.cost += result.cost
        item.error = _failure(result, run) or refusals.get(item.image_id, "")
        if item.error:
            retry_or_set_aside(item, run, may_pass=result.temporary, retry_after=result.retry_after)
        else:
            item.state, item.not_before = RunItem.State.DONE, None
    # One statement for all rows, which are there; `bulk_update` takes longer than saving them one by one.
    RunItem.objects.bulk_create(
        (item for item, _result in pairs), update_conflicts=True, unique_fields=["id"], update_fields=CHANGED
    )


def _failure(result: contract.Result, run: Run) -> str:
    """Return why there is no result of the run's model version; empty when there is one."""
    # A worker with other settings gives other answers under the same name, which must never be mixed.
    version = run.model_version.version
    if result.error or result.model_version == version:
        return result.error
    return (
        f"the worker answered with version {result.model_version}, not {version}; "
        "give the application and its workers the same release and settings"
    )
