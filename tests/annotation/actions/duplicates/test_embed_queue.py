"""Embeddings with real processes: the model worker without a database, the application's worker beside it."""

import json
import subprocess
import sys
from math import comb

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.annotation.actions.jobs.test_queue import workers
from tests.harness.installation import ROOT, installation

pytestmark = pytest.mark.engine

SETUP = """
import pathlib
from annotation.actions.images.add_to_campaign import add_images
from tests.harness.factories import make_campaign, make_painting
campaign = make_campaign("queued", images=0)
paintings = [make_painting(seed, side) for seed, side in ((1, 64), (2, 64), (1, 200), (3, 64), (4, 64))]
add_images(campaign, paintings, by=None)
gone = campaign.images.order_by("pk").last()
pathlib.Path(gone.stripped.path).unlink()
print(gone.original_name)
"""


@pytest.fixture
def site_with_images(tmp_path):
    with installation(tmp_path) as site:
        site.environment |= {"PREFILL_BATCH_SIZE": "1", "PREFILL_BATCHES_AHEAD": "2"}
        site.gone = site.manage("shell", "--no-imports", "--command", SETUP).stdout.split()[-1]
        with workers(site):
            yield site


def test_embeddings_go_through_the_queue_and_the_missing_image_is_named(site_with_images):
    report = json.loads(site_with_images.manage("embed", "queued", "--model", "grid", "--wait", "--json").stdout)
    [error] = report["errors"]
    names = ("model", "state", "done", "failed", "waiting", "embedded", "pairs", "undecided")
    assert {name: report[name] for name in names} == {
        "model": "grid 1",
        "state": "done",
        "done": 4,
        "failed": 1,
        "waiting": 0,
        "embedded": 4,
        "pairs": 1,
        "undecided": 0,
    }
    assert error["image"] == site_with_images.gone
    assert "is not below the media root" in error["error"]
    second = site_with_images.manage("embed", "queued", "--model", "grid", "--wait", check=False)
    assert "0 done, 1 failed, 1 total, 4 embedded, 1 pairs, 0 undecided" in second.stdout
    assert site_with_images.gone in second.stderr
    assert second.returncode == 1


@pytest.mark.django_db
def test_an_unknown_embedder_is_refused_with_those_there_are(campaign, capsys):
    with pytest.raises(CommandError, match="model 'fake' is unknown; accepted: grid, sscd") as refusal:
        call_command("embed", campaign.slug, "--model", "fake")
    assert (refusal.value.returncode, capsys.readouterr().out) == (1, "")


TWINS = """
from annotation.actions.images.add_to_campaign import add_images
from tests.harness.factories import make_campaign, make_image
campaign = make_campaign("twins", images=0)
add_images(campaign, [make_image() for _ in range(12)], by=None)
"""
STORING = """
from annotation.models import Campaign
from tests.harness.embeddings import embedding_at, store_embeddings
campaign = Campaign.objects.get(slug="twins")
for image in list(campaign.images.order_by("pk"))[{first}::2]:
    store_embeddings(campaign, embedding_at(image, 0))
"""
PAIRS = """
from annotation.models import Image, NearDuplicatePair
pairs = NearDuplicatePair.objects.filter(cosine=1000, state="sure")
print(pairs.count(), Image.objects.values("group").distinct().count())
"""


def test_two_processes_that_store_at_once_miss_no_pair(tmp_path):
    with installation(tmp_path) as site:
        site.manage("shell", "--no-imports", "--command", TWINS)
        command = [sys.executable, "manage.py", "shell", "--no-imports", "--command"]
        processes = [
            subprocess.Popen([*command, STORING.format(first=first)], cwd=ROOT, env=site.environment)
            for first in (0, 1)
        ]
        assert [process.wait(60) for process in processes] == [0, 0]
        pairs = site.manage("shell", "--no-imports", "--command", PAIRS).stdout.split()
    assert [int(number) for number in pairs[-2:]] == [comb(12, 2), 1]
