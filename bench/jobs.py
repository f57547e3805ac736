"""Time a prefill run of 1,000 images with two workers against the bare predictor in two processes, 50 ms a picture."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.__main__ import Row
from tests import services
from tests.installation import Installation

IMAGES, WORKERS, SECONDS = 1_000, 2, 0.05


def run() -> list[Row]:
    """Return one row: from the start of the run to its last answer stored, on SQLite and a Redis of our own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(services.own_redis())
        settings = {"DATABASE_URL": "", "REDIS_URL": redis.url, "MLWORKER_FAKE_SECONDS": str(SECONDS)}
        made = Installation(folder, **settings, PREFILL_BATCHES_AHEAD=str(4 * WORKERS))
        made.manage("migrate", "--verbosity", "0")
        os.environ |= made.environment | {"DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django  # noqa: PLC0415  its settings are read from the environment set above

        django.setup()
        from tests.factories import make_campaign  # noqa: PLC0415

        campaign = make_campaign("jobs", images=IMAGES)
        bare = alone([str(name) for name in campaign.images.values_list("stripped_sha256", flat=True)])
        options = ("--pool", "solo", "--loglevel", "error", "--hostname")
        celery = ("-m", "celery", "--app")
        stack.enter_context(made.process(*celery, "webapp", "worker", "--queues", "default", *options, "default@%h"))
        for number in range(WORKERS):
            worker = ("mlworker.worker", "worker", "--queues", "predict", *options, f"predict{number}@%h")
            stack.enter_context(made.process(*celery, *worker))
        return [
            Row(
                f"prefill run, {IMAGES:,} images, {WORKERS} workers",
                through_the_queue(campaign),
                bare,
                "the bare predictor",
            )
        ]


def alone(names: list[str]) -> float:
    """Return the seconds the predictor takes in as many processes, without queue, database or files."""
    with get_context("spawn").Pool(WORKERS) as pool:
        pool.map(predict, [names[:1]] * WORKERS)  # Started, and the predictor loaded.
        start = time.perf_counter()
        pool.map(predict, [names[number::WORKERS] for number in range(WORKERS)], chunksize=1)
        return time.perf_counter() - start


def predict(names: list[str]) -> None:
    """Predict pictures of these hashes."""
    from mlworker import registry  # noqa: PLC0415
    from mlworker.attributes import ATTRIBUTES  # noqa: PLC0415
    from mlworker.contract import PrefillRequest  # noqa: PLC0415

    predictor = registry.load("fake")
    for name in names:
        predictor.predict(PrefillRequest(name, name, "fake", ATTRIBUTES), Path(name))


def through_the_queue(campaign: Any) -> float:
    """Return the seconds from the start of a run to its end, once all workers answer."""
    from annotation.actions import prefill  # noqa: PLC0415
    from annotation.models import PrefillRun  # noqa: PLC0415
    from annotation.tasks import feed  # noqa: PLC0415
    from webapp.celery import app  # noqa: PLC0415

    while len(app.control.ping(timeout=1)) < WORKERS + 1:
        time.sleep(0.2)
    start = time.perf_counter()
    run = prefill.start_run(campaign, "fake", by=None)
    feed(run)
    while run.state == PrefillRun.State.RUNNING:
        time.sleep(0.1)
        run.refresh_from_db()
    taken = time.perf_counter() - start
    assert run.counts()["done"] == IMAGES
    print(f"computed for {run.spent()['seconds'] / WORKERS:.2f} s by each worker", file=sys.stderr)
    return taken
