"""Prefill with real processes: the model worker without a database, the application's worker beside it."""

import json
import os
from contextlib import ExitStack, contextmanager

import pytest

from tests.harness.installation import installation

pytestmark = pytest.mark.engine

SETUP = """
from tests.harness.factories import make_campaign, make_image, make_user
from annotation.actions.images.add_to_campaign import add_images
campaign = make_campaign("queued", people=(make_user("ann"),), images=3, preset="blind-panel")
bad = make_image()
add_images(campaign, [bad], by=None)
print(bad.stripped_sha256)
"""


@contextmanager
def workers(made):
    """Start both workers where the queue is Redis; with a queue of files commands start their own."""
    with ExitStack() as started:
        if os.environ.get("REDIS_URL"):
            options = ("--pool", "solo", "--loglevel", "warning")
            started.enter_context(
                made.process(
                    *("-m", "celery", "--app", "mlworker.worker", "worker", "--queues", "predict", *options),
                    *("--hostname", "predict@%h"),
                    DATABASE_URL=None,
                    SECRET_KEY=None,
                )
            )
            started.enter_context(
                made.process("-m", "celery", "--app", "webapp", "worker", "--queues", "default", *options)
            )
        yield


@pytest.fixture
def queued(tmp_path):
    with installation(tmp_path) as made:
        bad = made.manage("shell", "--no-imports", "--command", SETUP).stdout.split()[-1]
        made.environment["MLWORKER_FAKE_FAILS"] = bad
        with workers(made):
            yield made


def test_a_run_goes_through_the_queue_and_sets_the_bad_image_aside(queued):
    done = queued.manage("prefill", "queued", "--model", "fake", "--wait", "--json")
    report = json.loads(done.stdout)
    assert {key: report[key] for key in ("model", "state", "waiting", "done", "failed", "total")} == {
        "model": "fake 1",
        "state": "done",
        "waiting": 0,
        "done": 3,
        "failed": 1,
        "total": 4,
    }
    assert len(report["errors"]) == 1
    again = queued.manage("prefill", "queued", "--model", "fake", "--wait", "--json", check=False)
    assert again.returncode == 1
    assert json.loads(again.stdout)["failed"] == 1
    assert "no image has a result" in again.stderr
