"""The life of a run and of its batches: whatever happens, each image ends with a result or a reason."""

from dataclasses import replace

import pytest
from django.utils import timezone

from annotation.actions.campaigns.open_campaign import show_first_model
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.batches import (
    WORKER_LOST,
    begin_batch,
    hand_out_batches,
    lose_batch,
    take_back_batches,
)
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.retry import MOST_TRIES
from annotation.actions.jobs.runs import cancel_run, resume_run, start_run
from annotation.errors import BadInput, Conflict
from annotation.models import Batch, Event, Prefill, Run, RunItem
from mlworker import contract
from tests.harness.factories import make_campaign, make_image, make_prefill
from tests.harness.runs import failing, results_of, work_off

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def run(settings, campaign):
    """A run that hands its three images out together."""
    settings.PREFILL_BATCHES_AHEAD = 1
    return start_run(campaign, Run.Kind.PREFILL, "fake", by=None)


def test_a_run_asks_for_every_image(run):
    assert run.counts() == {"waiting": 3, "done": 0, "failed": 0, "total": 3}


def test_answers_are_stored_and_the_run_ends(run):
    work_off(run)
    assert (run.state, run.counts()["done"]) == (Run.State.DONE, 3)
    assert run.finished_at
    assert Prefill.objects.count() == 3
    assert Event.objects.filter(verb="prefill.finished").count() == 1


def test_storing_an_answer_again_changes_nothing(run):
    [batch] = hand_out_batches(run)
    answers = results_of(batch)
    for _ in range(3):
        store_results(batch, answers)
    assert Prefill.objects.count() == 3
    assert Event.objects.filter(verb="prefill.stored").count() == 3


def in_words(prefill, words):
    key = next(iter(prefill.attributes))
    return prefill.attributes | {key: replace(prefill.attributes[key], critique=words)}


BROKEN_RESULTS = {
    "a zero byte": (lambda prefill: {"attributes": in_words(prefill, "a\0b")}, "holds a zero byte or half a character"),
    "half a character": (lambda prefill: {"attributes": in_words(prefill, "\ud800")}, "holds a zero byte or half"),
    "no number": (lambda _prefill: {"score": float("nan")}, "a score is no number"),
    "a broken error": (lambda _prefill: {"error": "no\0\ud800"}, "no\ufffd\ufffd"),
}


@pytest.mark.parametrize(("change", "reason"), BROKEN_RESULTS.values(), ids=BROKEN_RESULTS)
def test_what_no_database_keeps_sets_its_own_image_aside_with_its_cost(run, change, reason):
    [batch] = hand_out_batches(run)
    first, *others = results_of(batch)
    store_results(batch, [replace(first, cost=0.25, **change(first)), *others])
    [aside] = run.items.filter(state=RunItem.State.FAILED)
    assert (reason in aside.error, aside.cost) == (True, 0.25)
    assert Prefill.objects.count() == 2


def test_what_a_server_says_of_itself_is_kept_as_far_as_it_can_be(run):
    [batch] = hand_out_batches(run)
    first, *others = results_of(batch)
    said = {"served_model": "a\0b", "temperature": float("nan"), "list": ["\udfff"]}
    store_results(batch, [replace(first, provenance=said, seconds=float("inf")), *others])
    assert Prefill.objects.count() == 3
    kept = {"served_model": "a\ufffdb", "temperature": None, "list": ["\ufffd"]}
    assert Prefill.objects.filter(provenance=kept, seconds=0.0).exists()


def test_files_that_differ_only_in_metadata_share_one_answer(campaign):
    first, second, _ = campaign.images.all()
    type(second).objects.filter(pk=second.pk).update(stripped_sha256=first.stripped_sha256)
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    work_off(run)
    assert (run.state, run.counts()["done"]) == (Run.State.DONE, 3)


def test_a_run_that_is_given_up_keeps_what_it_has_and_goes_on_when_resumed(settings, run, olga):
    settings.PREFILL_BATCH_SIZE = 1
    [first] = hand_out_batches(run)
    store_results(first, results_of(first))
    cancel_run(run, by=olga)
    run.refresh_from_db()
    assert (run.state, Prefill.objects.count()) == (Run.State.CANCELLED, 1)
    assert hand_out_batches(run) == []
    resume_run(run, by=olga)
    assert (work_off(run).state, run.counts()["done"]) == (Run.State.DONE, 3)
    assert Event.objects.get(verb="prefill.resumed").actor == olga


def test_what_a_worker_answers_after_the_run_was_given_up_is_kept(run):
    [batch] = hand_out_batches(run)
    answers = results_of(batch)
    cancel_run(run, by=None)
    store_results(batch, answers)
    run.refresh_from_db()
    assert (run.state, run.counts()["done"]) == (Run.State.CANCELLED, 3)


def test_a_failed_image_is_set_aside_and_the_run_completes_without_it(run):
    [batch] = hand_out_batches(run)
    bad, *rest = results_of(batch)
    bad = contract.Prefill(bad.image, bad.sha256, "fake", bad.model_version, error="the image is gone")
    store_results(batch, [bad, *rest])
    run.refresh_from_db()
    assert run.state == Run.State.DONE
    assert run.items.get(state=RunItem.State.FAILED).error == "the image is gone"
    assert Prefill.objects.count() == 2
    assert Event.objects.get(verb="prefill.set_aside").details["error"] == "the image is gone"


def test_resuming_tries_the_images_that_were_set_aside_again(run):
    [batch] = hand_out_batches(run)
    store_results(batch, failing(batch, "the disk was full"))
    assert run.counts()["failed"] == 3
    run = resume_run(run, by=None)
    assert (work_off(run).state, run.counts()["done"]) == (Run.State.DONE, 3)
    with pytest.raises(Conflict, match="a result for each"):
        resume_run(run, by=None)


def test_a_failure_that_may_pass_is_tried_again_later_and_later_and_then_set_aside(run):
    waits = []
    for _ in range(MOST_TRIES):
        run.items.update(not_before=None)
        while batches := hand_out_batches(run):
            for batch in batches:
                store_results(batch, failing(batch, "the server does not answer", temporary=True))
        item = run.items.first()
        if item.not_before:
            assert item.state == RunItem.State.WAITING
            waits.append((item.not_before - timezone.now()).total_seconds())
    assert len(waits) == MOST_TRIES - 1
    assert waits[0] < 8 < waits[2]
    assert hand_out_batches(run) == []
    assert run.items.first().state == RunItem.State.FAILED


def test_a_server_that_asks_for_patience_gets_it(run):
    [batch] = hand_out_batches(run)
    store_results(batch, failing(batch, "too many requests", temporary=True, retry_after=300.0))
    assert (run.items.first().not_before - timezone.now()).total_seconds() > 290


def test_images_of_a_batch_that_broke_its_worker_go_alone_and_the_bad_one_is_set_aside(run):
    [batch] = hand_out_batches(run)
    lose_batch(batch)
    bad = run.items.first()
    while batches := hand_out_batches(run):
        for single in batches:
            assert single.items.count() == 1
            if bad in single.items.all():
                lose_batch(single)
            else:
                store_results(single, results_of(single))
    run.refresh_from_db()
    bad.refresh_from_db()
    assert (run.state, run.counts()["done"], bad.state) == (Run.State.DONE, 2, RunItem.State.FAILED)
    assert bad.error == WORKER_LOST


def test_a_batch_whose_worker_is_gone_is_taken_back_once_no_batch_takes_that_long(settings, run):
    [batch] = hand_out_batches(run)
    begin_batch(batch, worker="gpu-1")
    assert take_back_batches(run) == []
    assert hand_out_batches(run) == []
    settings.PREFILL_LONGEST_BATCH = 0
    assert take_back_batches(run) == []
    settings.PREFILL_BATCHES_AHEAD = 4
    assert len(hand_out_batches(run)) == 3


def test_a_batch_no_worker_has_begun_is_sent_again_with_more_patience_and_counts_as_no_failure(settings, run):
    settings.PREFILL_RESEND_AFTER = 100
    [batch] = hand_out_batches(run)
    assert take_back_batches(run) == []
    Batch.objects.update(expires_at=timezone.now())
    [resent] = take_back_batches(run)
    assert resent == batch
    assert (resent.expires_at - resent.sent_at).total_seconds() == 200
    assert not run.items.filter(tries__gt=0).exists()


@pytest.mark.parametrize(("seconds", "last"), [(9.0, [1, 1]), (0.125, [2]), (0.001, [2])])
def test_towards_the_end_batches_grow_smaller_for_all_to_have_some_but_none_too_small_to_matter(
    settings, seconds, last
):
    settings.PREFILL_BATCH_SIZE, settings.PREFILL_BATCHES_AHEAD = 4, 3
    run = start_run(make_campaign("short", images=14), Run.Kind.PREFILL, "fake", by=None)
    sizes = []
    while batches := hand_out_batches(run):
        for batch in batches:
            sizes.append(batch.items.count())
            store_results(batch, [replace(answer, seconds=seconds) for answer in results_of(batch)])
    assert sizes == [4, 4, 4, *last]


def test_an_image_another_campaign_had_answered_meanwhile_is_not_asked_again(campaign, run):
    make_prefill(campaign.images.first(), run.model_version)
    [batch] = hand_out_batches(run)
    assert batch.items.count() == 2
    assert run.counts()["done"] == 1


def test_asking_again_while_a_run_is_under_way_adds_what_came_since(campaign, run):
    add_images(campaign, [make_image()], by=None)
    second = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    assert (second, second.counts()["total"]) == (run, 4)


def test_several_models_run_side_by_side_and_all_but_the_shown_one_are_shadows(campaign, run):
    show_first_model(campaign, run.model_version, by=None)
    other = start_run(campaign, Run.Kind.PREFILL, "baseline", by=None)
    show_first_model(campaign, other.model_version, by=None)
    run.refresh_from_db()
    assert (run.shadow, other.shadow) == (False, True)
    work_off(run)
    assert other.counts()["waiting"] == 3


def test_time_and_cost_are_kept_for_each_image_failures_included(run):
    [batch] = hand_out_batches(run)
    store_results(batch, failing(batch, "cut off", temporary=True, seconds=2.0, cost=0.01))
    run.items.update(not_before=None)
    while singles := hand_out_batches(run):
        [single] = singles
        store_results(single, [replace(answer, seconds=1.0, cost=0.02) for answer in results_of(single)])
    assert run.spent() == {"seconds": 9.0, "cost": 0.09, "seconds_an_image": 3.0, "cost_an_image": 0.03}
    assert Prefill.objects.first().cost == 0.02


def test_an_answer_of_another_model_version_is_not_mixed_in(run):
    [batch] = hand_out_batches(run)
    store_results(batch, [replace(answer, model_version="99") for answer in results_of(batch)])
    assert "version 99" in run.items.failed().first().error
    assert not Prefill.objects.exists()


def test_images_answered_already_are_not_asked_again(campaign, run):
    work_off(run)
    second = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    assert (second.state, second.counts()["total"]) == (Run.State.DONE, 0)


def test_an_unknown_model_names_the_accepted_ones(campaign):
    with pytest.raises(BadInput, match="'oracle' is unknown; accepted: artimuse, baseline, fake, openai"):
        start_run(campaign, Run.Kind.PREFILL, "oracle", by=None)
    assert not Run.objects.exists()


def test_a_run_over_no_images_is_done_at_once():
    assert start_run(make_campaign(images=0), Run.Kind.PREFILL, "fake", by=None).state == Run.State.DONE
