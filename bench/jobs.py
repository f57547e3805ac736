"""Time a prefill run of 1,000 images with two workers against the bare predictor in two processes, 50 ms an image."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.harness import services
from tests.harness.installation import Installation

from .__main__ import Row, best_of

THREADS = ("--pool", "threads", "--concurrency", "2")  # One predicts, the other fetches and passes on.
IMAGES, WORKERS, SECONDS, ROUNDS = 1_000, 2, 0.05, 2


def run() -> list[Row]:
    """Return one row: from the start of the run to its last answer stored, on SQLite and a Redis of our own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(services.own_redis())
        settings = {"DATABASE_URL": "", "REDIS_URL": redis.url, "MLWORKER_FAKE_SECONDS": str(SECONDS)}
        installation = Installation(folder, **settings, PREFILL_BATCHES_AHEAD=str(4 * WORKERS))
        installation.manage("migrate", "--verbosity", "0")
        os.environ |= installation.environment | {"DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django  # noqa: PLC0415  its settings are read from the environment set above

        django.setup()
        import annotation.tasks  # noqa: F401, PLC0415  so that no run is timed with its import
        from tests.harness.factories import make_campaign  # noqa: PLC0415

        campaigns = [make_campaign(f"jobs-{number}", images=IMAGES) for number in range(ROUNDS)]
        names = [str(name) for name in campaigns[0].images.values_list("stripped_sha256", flat=True)]
        celery, quiet = ("-m", "celery", "--quiet", "--app"), ("--loglevel", "error", "--hostname")
        worker = ("webapp", "worker", "--queues", "default", "--pool", "solo", *quiet, "default@%h")
        stack.enter_context(installation.process(*celery, *worker))
        for number in range(WORKERS):
            worker = ("mlworker.worker", "worker", "--queues", "predict", *THREADS, *quiet, f"predict{number}@%h")
            stack.enter_context(installation.process(*celery, *worker))
        pool = stack.enter_context(get_context("spawn").Pool(WORKERS))
        pool.map(predict, [names[:1]] * WORKERS)  # Started, and the predictor loaded.
        shares = [names[number::WORKERS] for number in range(WORKERS)]
        wait_for_workers()
        ours, bare = best_of(
            lambda: run_through_queue(campaigns.pop()), lambda: pool.map(predict, shares, chunksize=1), ROUNDS
        )
        return [Row(f"prefill run, {IMAGES:,} images, {WORKERS} workers", ours, bare, "the bare predictor", 1.05)]


def predict(names: list[str]) -> None:
    from mlworker import registry  # noqa: PLC0415
    from mlworker.attributes import ATTRIBUTES  # noqa: PLC0415
    from mlworker.contract import PrefillRequest  # noqa: PLC0415

    predictor = registry.load("fake")
    for name in names:
        predictor.predict(PrefillRequest(name, name, "fake", ATTRIBUTES), Path(name))


def wait_for_workers() -> None:
    from webapp.celery import app  # noqa: PLC0415

    while len(app.control.ping(timeout=1)) < WORKERS + 1:
        time.sleep(0.2)


def run_through_queue(campaign: Any) -> None:
    """Start a run over a campaign and wait until its last answer is stored."""
    from annotation.actions.jobs.runs import start_run  # noqa: PLC0415
    from annotation.models import Run  # noqa: PLC0415
    from annotation.tasks.runs import send_next_batches  # noqa: PLC0415

    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    send_next_batches(run)
    while run.state == Run.State.RUNNING:
        time.sleep(0.05)
        run.refresh_from_db()
    assert run.counts()["done"] == IMAGES
    print(f"computed for {run.spent()['seconds'] / WORKERS:.2f} s by each worker", file=sys.stderr)
