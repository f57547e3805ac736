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
def workers(site):
    """Start both workers where the queue is Redis; with a queue of files commands start their own."""
    with ExitStack() as stack:
        if os.environ.get("REDIS_URL"):
            options = ("--pool", "solo", "--loglevel", "warning")
            stack.enter_context(
                site.process(
                    *("-m", "celery", "--app", "mlworker.worker", "worker", "--queues", "predict", *options),
                    *("--hostname", "predict@%h"),
                    DATABASE_URL=None,
                    SECRET_KEY=None,
                )
            )
            stack.enter_context(
                site.process("-m", "celery", "--app", "webapp", "worker", "--queues", "default", *options)
            )
        yield


@pytest.fixture
def site_with_images(tmp_path):
    with installation(tmp_path) as site:
        bad = site.manage("shell", "--no-imports", "--command", SETUP).stdout.split()[-1]
        site.environment["MLWORKER_FAKE_FAILS"] = bad
        with workers(site):
            yield site


def test_a_run_goes_through_the_queue_and_sets_the_bad_image_aside(site_with_images):
    process = site_with_images.manage("prefill", "queued", "--model", "fake", "--wait", "--json")
    report = json.loads(process.stdout)
    assert {key: report[key] for key in ("model", "state", "waiting", "done", "failed", "total")} == {
        "model": "fake 1",
        "state": "done",
        "waiting": 0,
        "done": 3,
        "failed": 1,
        "total": 4,
    }
    assert len(report["errors"]) == 1
    second = site_with_images.manage("prefill", "queued", "--model", "fake", "--wait", "--json", check=False)
    assert second.returncode == 1
    assert json.loads(second.stdout)["failed"] == 1
    assert "no image has a result" in second.stderr
