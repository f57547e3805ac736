"""Real workers, killed in the middle of a batch; a queue that forgets all; a web that restarts: the run completes."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager

import psycopg
import pytest

from tests.harness import services
from tests.harness.installation import ROOT, answers, free_port, installation, wait_until

pytestmark = pytest.mark.engine

IMAGES = 40
QUICK = {
    "PREFILL_BATCH_SIZE": "4",
    "PREFILL_BATCHES_AHEAD": "3",
    "PREFILL_LONGEST_BATCH": "3",
    "PREFILL_RESEND_AFTER": "2",
    "MLWORKER_FAKE_SECONDS": "0.2",
}
SETUP = f"from tests.harness.factories import make_campaign; make_campaign('queued', images={IMAGES})"
PAINTINGS = f"""
from annotation.actions.images.add_to_campaign import add_images
from tests.harness.factories import make_campaign, make_painting
add_images(make_campaign("queued", images=0), [make_painting(seed, 64) for seed in range({IMAGES})], by=None)
"""


class Queue:
    """An installation with a queue of its own, whose processes can be started and killed."""

    def __init__(self, made, stack, redis):
        self.made, self.stack, self.redis = made, stack, redis

    def start(self, *command, **environment):
        return self.stack.enter_context(self.made.process("-m", *command, **environment))

    def predict_worker(self, name, *pool):
        options = ("--queues", "predict", "--loglevel", "critical", "--hostname", f"{name}@%h", "--pool", *pool)
        without = {"DATABASE_URL": None, "SECRET_KEY": None}
        return self.start("celery", "--app", "mlworker.worker", "worker", *options, **without)

    def asked(self, sql):
        """Return the first value of a query."""
        url = self.made.environment["DATABASE_URL"]
        if url:
            with psycopg.connect(url) as connection:
                return connection.execute(sql).fetchone()[0]
        path = self.made.folder / "db.sqlite3"
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            return connection.execute(sql).fetchone()[0]

    def done(self):
        return self.asked("SELECT count(*) FROM annotation_runitem WHERE state = 'done'")

    def under_way(self):
        """Return the number of the batch begun first of those under way, None while there is none."""
        begun = "began_at IS NOT NULL AND closed_at IS NULL"
        return self.asked(f"SELECT (SELECT id FROM annotation_batch WHERE {begun} ORDER BY began_at LIMIT 1)")

    def losses(self):
        return self.asked("SELECT sum(tries) FROM annotation_runitem")

    def strikes(self, blow):
        """Strike in the middle of a batch, and tell whether its loss was noticed.

        A batch that ends just before the blow loses nothing and is closed; then the next one is to be struck.
        """
        struck, losses = self.under_way(), self.losses()
        if struck:
            blow()
            wait_until(lambda: self.losses() > losses or self.under_way() != struck, "the batch that was struck to end")
        return self.losses() > losses

    def loses_a_worker(self):
        """Kill a worker at work, and tell whether it took a batch along."""
        reached, worker = self.done(), self.predict_worker("first", "solo")
        wait_until(lambda: self.done() > reached and self.under_way(), "the first worker to work")
        return self.strikes(worker.kill)


def kill_child_of(worker):
    for child in children_of(worker)[:1]:
        os.kill(child, signal.SIGKILL)


def children_of(process):
    listing = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    return list(map(int, listing.stdout.split()))


@contextmanager
def queue(tmp_path, setup=SETUP):
    with services.own_redis() as redis, installation(tmp_path / "var") as made, ExitStack() as stack:
        made.environment |= QUICK | {"REDIS_URL": redis.url}
        made.manage("shell", "--no-imports", "--command", setup)
        yield Queue(made, stack, redis)


def test_a_run_survives_a_killed_worker_a_restarted_redis_and_a_restarted_web(tmp_path):
    with queue(tmp_path) as queued:
        port = free_port()
        web = ("gunicorn", "webapp.wsgi:application", "--bind", f"127.0.0.1:{port}", "--log-level", "error")
        server = queued.start(*web)
        queued.start("celery", "--app", "webapp", "worker", "--queues", "default", "--pool", "solo")
        forking = queued.predict_worker("forking", "prefork", "--concurrency", "1")
        command = [sys.executable, "manage.py", "prefill", "queued", "--model", "fake", "--wait", "--json"]
        with subprocess.Popen(command, cwd=ROOT, env=queued.made.environment, stdout=subprocess.PIPE) as waiting:
            wait_until(queued.done, "a first batch to be stored")
            wait_until(lambda: queued.strikes(lambda: kill_child_of(forking)), "the loss of a child to be noticed")
            forking.terminate()
            forking.wait(60)
            wait_until(queued.loses_a_worker, "the loss of a worker to be noticed")
            queued.predict_worker("second", "solo")
            server.terminate()
            server.wait(60)
            queued.start(*web)
            reached = queued.done()
            wait_until(lambda: queued.done() > reached and queued.under_way(), "the second worker to work")
            queued.redis.restart()
            report = json.loads(waiting.communicate(timeout=300)[0])
        assert (report["state"], report["done"], report["failed"]) == ("done", IMAGES, 0)
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health/"), "the web to answer again")
        per_image = queued.asked("SELECT count(DISTINCT image_id) FROM annotation_prefill")
        stored = queued.asked("SELECT count(*) FROM annotation_event WHERE verb = 'prefill.stored'")
    assert (per_image, stored) == (IMAGES, IMAGES)


def test_an_embed_run_survives_a_killed_child_and_a_killed_worker(tmp_path):
    with queue(tmp_path, PAINTINGS) as queued:
        queued.start("celery", "--app", "webapp", "worker", "--queues", "default", "--pool", "solo")
        forking = queued.predict_worker("forking", "prefork", "--concurrency", "1")
        command = [sys.executable, "manage.py", "embed", "queued", "--model", "grid", "--wait", "--json"]
        with subprocess.Popen(command, cwd=ROOT, env=queued.made.environment, stdout=subprocess.PIPE) as waiting:
            wait_until(queued.done, "a first batch to be stored")
            wait_until(lambda: queued.strikes(lambda: kill_child_of(forking)), "the loss of a child to be noticed")
            forking.terminate()
            forking.wait(60)
            wait_until(queued.loses_a_worker, "the loss of a worker to be noticed")
            queued.predict_worker("second", "solo")
            report = json.loads(waiting.communicate(timeout=300)[0])
        per_image = queued.asked("SELECT count(DISTINCT image_id) FROM annotation_imageembedding")
    assert (report["state"], report["done"], report["failed"], report["embedded"]) == ("done", IMAGES, 0, IMAGES)
    assert per_image == IMAGES
