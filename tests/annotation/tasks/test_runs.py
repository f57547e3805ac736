"""The command and the tasks around embeddings, run in this process: a run goes on, losses are tried one by one."""

import json
from io import StringIO

import pytest
from celery import current_app
from django.core.management import CommandError, call_command

from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.batches import hand_out_batches
from annotation.actions.jobs.runs import start_run
from annotation.models import ImageEmbedding, NearDuplicatePair, Run, RunItem
from annotation.tasks.runs import batch_lost
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
    """A campaign of seven paintings, one of which is there twice, asked about two at a time."""
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
    assert (report["model"], report["state"]) == ("grid 1", "done")
    assert (report["done"], report["failed"], report["waiting"], report["pairs"]) == (7, 0, 0, 1)
    rows = list(ImageEmbedding.objects.values_list("pk", "made_at"))
    assert (
        "0 waiting, 0 done, 0 failed, 0 total, 7 embedded, 1 pairs, 0 undecided"
        in run("portraits", "--model", "grid")[0]
    )
    assert list(ImageEmbedding.objects.values_list("pk", "made_at")) == rows


def test_a_newcomer_is_all_that_a_second_command_asks_for_and_finds_its_copy(campaign):
    run("portraits", "--model", "grid")
    newcomer = make_painting(3, 300)
    add_images(campaign, [newcomer], by=None)
    run("portraits", "--model", "grid")
    assert NearDuplicatePair.objects.get(other=newcomer).state == "sure"
    assert ImageEmbedding.objects.count() == 8


def test_the_images_of_a_lost_batch_are_asked_about_one_by_one_and_the_run_goes_on(campaign):
    run = start_run(campaign, Run.Kind.EMBED, "grid", by=None)
    [batch] = hand_out_batches(run)
    batch_lost("a task", str(batch.pk))
    run.refresh_from_db()
    assert (run.state, run.counts()["done"], run.items.filter(tries=1).count()) == (Run.State.DONE, 7, 2)
    assert ImageEmbedding.objects.count() == 7


def test_a_run_is_cancelled_and_resumed_by_its_number(campaign):
    run_of = start_run(campaign, Run.Kind.EMBED, "grid", by=None)
    number = str(run_of.pk)
    report = json.loads(run("portraits", "--cancel", number, "--json")[0])
    assert (report["state"], report["waiting"], report["embedded"]) == ("cancelled", 7, 0)
    report = json.loads(run("portraits", "--resume", number, "--json")[0])
    assert (report["run"], report["state"], report["done"], report["embedded"]) == (run_of.pk, "done", 7, 7)
    with pytest.raises(CommandError, match=f"campaign portraits has no embed run 99; it has {number}"):
        run("portraits", "--resume", "99")


def test_a_command_by_which_no_image_could_be_described_fails_and_names_the_reasons(campaign):
    plain = make_campaign("plain", images=0)
    add_images(plain, [make_image(), make_image()], by=None)
    with pytest.raises(CommandError, match="no image has a result"):
        run("plain", "--model", "grid")
    assert set(RunItem.objects.values_list("error", flat=True)) == {"the image is plain: it has no embedding"}
