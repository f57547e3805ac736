"""Prefill with real processes: the model worker without a database, the application's worker beside it."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest

from tests.harness.installation import ROOT, installation

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


def call_as_a_model_worker(site, task, arguments):
    """Put a message into the queue with what a model worker has: the way there, and no key."""
    command = [sys.executable, "-m", "celery", "--app", "mlworker.worker", "call", task, "--args", arguments]
    without = ("DATABASE_URL", "SECRET_KEY")
    environment = {name: value for name, value in site.environment.items() if name not in without}
    subprocess.run([*command, "--queue", "default"], cwd=ROOT, env=environment, check=True, capture_output=True)


def test_a_run_goes_through_the_queue_and_sets_the_bad_image_aside(site_with_images):
    # Whoever can write to the queue, and has no key, starts nothing: there is one run afterwards.
    call_as_a_model_worker(site_with_images, "annotation.run_prefill", '[1, "baseline"]')
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
    again = site_with_images.manage("prefill", "queued", "--model", "fake", "--wait", "--json", check=False)
    assert again.returncode == 1
    assert json.loads(again.stdout)["failed"] == 1
    assert "no image has a result" in again.stderr
    models = "from annotation.models import Run; print({run.model_version.name for run in Run.objects.all()})"
    assert site_with_images.manage("shell", "--no-imports", "--command", models).stdout.strip() == "{'fake'}"
