"""Real annotators as processes over HTTP, killed and restarted at random: nothing is lost, nothing is doubled."""

import json
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.harness import services
from tests.harness.installation import PASSWORD, ROOT, answers, free_port, installation, wait_until

SETUP = """
import json, sys
from tests.harness.factories import make_campaign, make_user, make_rubric
people = [make_user(f"expert{{n}}") for n in range({people})]
campaign = make_campaign("crowd", people=tuple(people), images={images}, annotations_per_image={k})
print(json.dumps(list(make_rubric().rubric.by_key)))
"""
RESULT = """
import json
from collections import Counter
from annotation.models import Annotation, Campaign, Revision
from annotation.actions.answers.verify_events import verify_events
campaign = Campaign.objects.get(slug="crowd")
rows = list(campaign.annotations.values_list("image", "annotator", "assignment", "surplus"))
print(json.dumps({
    "per_image": sorted(set(Counter(image for image, _, _, surplus in rows if not surplus).values())),
    "images": len({image for image, *_ in rows}),
    "twice": len(rows) - len({(image, who) for image, who, *_ in rows}),
    "surplus": sum(surplus for *_, surplus in rows),
    "assignments": [str(assignment) for _, _, assignment, _ in rows],
    "revisions": Revision.objects.count(),
    "places": sorted(set(campaign.entries.values_list("places", flat=True))),
    "problems": verify_events(campaign),
}))
"""


@contextmanager
def web(site, processes):
    """Serve with several processes and threads, as in production."""
    port = free_port()
    command = ("-m", "gunicorn", "webapp.wsgi:application", "--bind", f"127.0.0.1:{port}", "--log-level", "error")
    with site.process(*command, "--workers", str(processes), "--threads", "4"):
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{address}/health/"), "the web to answer")
        yield address


def crowd(site, tmp_path, *, people, images, k, kills, disturb=None):
    """Let people judge everything; kill and restart some at random moments; return what was stored and acknowledged."""
    attributes = json.loads(
        site.manage("shell", "--no-imports", "--command", SETUP.format(people=people, images=images, k=k)).stdout
    )
    logs = [tmp_path / f"log{number}" for number in range(people)]
    with web(site, 2) as address:

        def start(number):
            arguments = [address, "crowd", f"expert{number}", PASSWORD, str(logs[number]), *attributes]
            return subprocess.Popen(
                [sys.executable, "-m", "tests.harness.annotator", *arguments], cwd=ROOT, stderr=subprocess.PIPE
            )

        workers_by_number = {number: start(number) for number in range(people)}
        chance = random.Random(1)
        killed = set()

        # A blow that comes before the first answer or after the last one would show nothing.
        def at_work():
            return [number for number in range(people) if number not in killed and logs[number].exists()]

        for _ in range(kills):
            wait_until(at_work, "somebody to be at work")
            number = chance.choice(at_work())
            killed.add(number)
            time.sleep(chance.uniform(0, 0.5))
            workers_by_number[number].kill()
            workers_by_number[number].communicate()
            workers_by_number[number] = start(number)
        if disturb:
            wait_until(at_work, "somebody to be at work")
            disturb()
        failures = [process.communicate(timeout=400)[1].decode() for process in workers_by_number.values()]
    assert [failure for failure in failures if failure] == []
    counts = json.loads(site.manage("shell", "--no-imports", "--command", RESULT).stdout)
    keys = [line for log in logs if log.exists() for line in log.read_text().split()]
    return counts, keys


def check(counts, keys, *, images, k):
    assert counts["per_image"] == [k]
    assert counts["images"] == images
    assert counts["twice"] == 0
    assert counts["surplus"] == 0
    assert set(keys) <= set(counts["assignments"])
    assert len(keys) == len(set(keys))
    assert counts["revisions"] == images * k
    assert counts["places"] == [0]
    assert counts["problems"] == []


@pytest.mark.engine
def test_every_image_gets_exactly_k_answers_while_annotators_are_killed_and_come_back(tmp_path):
    with installation(tmp_path / "var") as site:
        on_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
        people = 8 if on_postgres else 4
        counts, keys = crowd(site, tmp_path, people=people, images=12, k=3, kills=people // 3)
        check(counts, keys, images=12, k=3)


# On a PostgreSQL of its own, whatever the run is on: once is enough.
@pytest.mark.skipif(services.installed_postgres() is None, reason="PostgreSQL is not installed, so none can be killed")
def test_a_database_that_is_killed_and_comes_back_loses_nothing_acknowledged(tmp_path, monkeypatch):
    with services.started_postgres() as postgres:
        monkeypatch.setenv("DATABASE_URL", postgres.url)
        with installation(tmp_path / "var") as site:
            counts, keys = crowd(site, tmp_path, people=4, images=12, k=3, kills=0, disturb=postgres.restart)
            check(counts, keys, images=12, k=3)


@pytest.mark.soak
def test_the_long_form_with_500_images(tmp_path):
    with installation(tmp_path / "var") as site:
        counts, keys = crowd(site, tmp_path, people=8, images=500, k=3, kills=3)
        check(counts, keys, images=500, k=3)
