"""The command and the tasks around embeddings, run in this process: chains go on, losses are tried one by one."""

import json
from dataclasses import asdict
from io import StringIO

import pytest
from celery import current_app
from django.core.management import CommandError, call_command

from annotation.actions.duplicates.embed import Batch
from annotation.actions.images.add_to_campaign import add_images
from annotation.models import ImageEmbedding, NearDuplicatePair
from annotation.tasks.jobs import embeddings_lost
from tests.harness.factories import make_campaign, make_image, make_painting

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def at_once():
    """Run tasks where they are queued."""
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


@pytest.fixture
def campaign(settings, olga, at_once):
    """Be a campaign of seven paintings, one of which is there twice, asked about two at a time in one chain."""
    settings.PREFILL_BATCH_SIZE, settings.PREFILL_BATCHES_AHEAD = 2, 1
    campaign = make_campaign(images=0)
    add_images(campaign, [make_painting(seed, 64 + seed) for seed in (1, 2, 3, 4, 5, 6)], by=None)
    add_images(campaign, [make_painting(1, 200)], by=None)
    return campaign


def run(*arguments):
    out, errors = StringIO(), StringIO()
    call_command("embed", *arguments, stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def test_one_command_describes_all_and_a_second_one_asks_for_nothing(campaign):
    report = json.loads(run("portraits", "--model", "grid", "--json")[0])
    assert (report["done"], report["failed"], report["waiting"], report["pairs"]) == (7, 0, 0, 1)
    made = list(ImageEmbedding.objects.values_list("pk", "made_at"))
    assert "7 done, 0 failed, 0 waiting, 1 pairs, 0 undecided" in run("portraits", "--model", "grid")[0]
    assert list(ImageEmbedding.objects.values_list("pk", "made_at")) == made


def test_a_newcomer_is_all_that_a_second_command_asks_for_and_finds_its_copy(campaign):
    run("portraits", "--model", "grid")
    newcomer = make_painting(3, 300)
    add_images(campaign, [newcomer], by=None)
    run("portraits", "--model", "grid")
    assert NearDuplicatePair.objects.get(other=newcomer).state == "sure"
    assert ImageEmbedding.objects.count() == 8


def test_the_images_of_a_lost_batch_are_asked_about_one_by_one_and_its_chain_goes_on(campaign):
    first = list(campaign.images.order_by("pk").values_list("pk", flat=True)[:2])
    embeddings_lost("a task", asdict(Batch(campaign.pk, "grid", "1", first, chain=0)))
    assert ImageEmbedding.objects.described().count() == 7


def test_a_command_by_which_no_image_could_be_described_fails_and_names_the_reasons(campaign):
    plain = make_campaign("plain", images=0)
    add_images(plain, [make_image(), make_image()], by=None)
    with pytest.raises(CommandError, match="no image could be described"):
        run("plain", "--model", "grid")
    assert set(ImageEmbedding.objects.values_list("error", flat=True)) == {"the image is plain: it has no embedding"}
