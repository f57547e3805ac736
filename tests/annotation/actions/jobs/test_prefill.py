from dataclasses import replace

import pytest
from django.utils import timezone

from annotation.actions.campaigns.open_campaign import invite, open_campaign, show_first_model
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.batches import (
    WORKER_LOST,
    begin_batch,
    hand_out_batches,
    lose_batch,
    requests_for,
    take_back_batches,
)
from annotation.actions.jobs.prefill import LOOK_AHEAD, PrefillKind
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.retry import MOST_TRIES
from annotation.actions.jobs.runs import cancel_run, put_urgent_first, resume_run, start_run
from annotation.errors import BadInput, Conflict
from annotation.models import Batch, Event, Prefill, Run, RunItem, WrittenOnce
from mlworker import contract
from mlworker.queue.batches import results_for
from tests.harness.factories import make_campaign, make_image, make_prefill, make_rubric

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def run(settings, campaign):
    """Be a run that hands its three images out together."""
    settings.PREFILL_BATCHES_AHEAD = 1
    return start_run(campaign, Run.Kind.PREFILL, "fake", by=None)


def answered(batch):
    """Let the worker's own code answer a batch."""
    return results_for(requests_for(batch))


def work_off(run):
    """Let the worker's own code answer all that a run hands out."""
    while batches := hand_out_batches(run):
        for batch in batches:
            store_results(batch, answered(batch))
    run.refresh_from_db()
    return run


def failing(batch, error, *, temporary=False, **more):
    """Be the answers of a worker that fails on every image of a batch."""
    return [
        contract.Prefill(asked.image, asked.sha256, asked.model, "1", error=error, temporary=temporary, **more)
        for asked in requests_for(batch)
    ]


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
    answers = answered(batch)
    for _ in range(3):
        store_results(batch, answers)
    assert Prefill.objects.count() == 3
    assert Event.objects.filter(verb="prefill.stored").count() == 3


def test_files_that_differ_only_in_metadata_share_one_answer(campaign):
    first, second, _ = campaign.images.all()
    type(second).objects.filter(pk=second.pk).update(stripped_sha256=first.stripped_sha256)
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    work_off(run)
    assert (run.state, run.counts()["done"]) == (Run.State.DONE, 3)


def test_a_run_that_is_given_up_keeps_what_it_has_and_goes_on_when_resumed(settings, run, olga):
    settings.PREFILL_BATCH_SIZE = 1
    [first] = hand_out_batches(run)
    store_results(first, answered(first))
    cancel_run(run, by=olga)
    run.refresh_from_db()
    assert (run.state, Prefill.objects.count()) == (Run.State.CANCELLED, 1)
    assert hand_out_batches(run) == []
    resume_run(run, by=olga)
    assert (work_off(run).state, run.counts()["done"]) == (Run.State.DONE, 3)
    assert Event.objects.get(verb="prefill.resumed").actor == olga


def test_what_a_worker_answers_after_the_run_was_given_up_is_kept(run):
    [batch] = hand_out_batches(run)
    answers = answered(batch)
    cancel_run(run, by=None)
    store_results(batch, answers)
    run.refresh_from_db()
    assert (run.state, run.counts()["done"]) == (Run.State.CANCELLED, 3)


def test_a_failed_image_is_set_aside_and_the_run_completes_without_it(run):
    [batch] = hand_out_batches(run)
    bad, *good = answered(batch)
    bad = contract.Prefill(bad.image, bad.sha256, "fake", bad.model_version, error="the image is gone")
    store_results(batch, [bad, *good])
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
        planned = run.items.first()
        if planned.not_before:
            assert planned.state == RunItem.State.WAITING
            waits.append((planned.not_before - timezone.now()).total_seconds())
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
                store_results(single, answered(single))
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
    [again] = take_back_batches(run)
    assert again == batch
    assert (again.expires_at - again.sent_at).total_seconds() == 200
    assert not run.items.filter(tries__gt=0).exists()


def test_only_so_many_images_are_handed_out_at_a_time_and_those_next_in_an_order_first(settings, alice):
    settings.PREFILL_BATCH_SIZE, settings.PREFILL_BATCHES_AHEAD = 2, 2
    campaign = make_campaign("long", people=(alice,), images=20)
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    order = alice.memberships.get(campaign=campaign).queue.with_places()
    heads = set(order.values_list("entry__image", flat=True)[:LOOK_AHEAD])
    batches = hand_out_batches(run)
    handed = [item.image_id for batch in batches for item in batch.items.all()]
    assert len(handed) == 4
    assert set(handed) <= heads
    assert hand_out_batches(run) == []


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
            store_results(batch, [replace(answer, seconds=seconds) for answer in answered(batch)])
    assert sizes == [4, 4, 4, *last]


def test_an_image_that_comes_next_after_the_start_is_moved_forward(alice):
    campaign = make_campaign("late", images=15)
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    assert not run.items.filter(urgent=True).exists()
    invite(campaign, [alice], by=None)
    open_campaign(campaign, by=None)
    put_urgent_first(run)
    assert run.items.filter(urgent=True).count() == LOOK_AHEAD


def test_an_image_another_campaign_had_answered_meanwhile_is_not_asked_again(campaign, run):
    make_prefill(campaign.images.first(), run.model_version)
    [batch] = hand_out_batches(run)
    assert batch.items.count() == 2
    assert run.counts()["done"] == 1


def test_asking_again_while_a_run_is_under_way_adds_what_came_since(campaign, run):
    add_images(campaign, [make_image()], by=None)
    again = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    assert (again, again.counts()["total"]) == (run, 4)


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
        store_results(single, [replace(answer, seconds=1.0, cost=0.02) for answer in answered(single)])
    assert run.spent() == {"seconds": 9.0, "cost": 0.09, "seconds_an_image": 3.0, "cost_an_image": 0.03}
    assert Prefill.objects.first().cost == 0.02


def test_a_prefill_keeps_how_unsure_the_model_is(run):
    work_off(run)
    row = Prefill.objects.exclude(spread=None).first()
    assert 2 < row.spread < 8.1
    assert 3 < row.entropy < 5.2
    assert max(len(str(value)) for value in row.distribution) <= 8


def test_a_distribution_that_is_none_is_refused(run):
    [batch] = hand_out_batches(run)
    first, *_ = answered(batch)
    store_results(batch, [replace(first, distribution=first.distribution[:100])])
    assert run.items.failed().get().error == "the distribution has 100 values, not 101"


def test_an_answer_of_another_model_version_is_not_mixed_in(run):
    [batch] = hand_out_batches(run)
    store_results(batch, [replace(answer, model_version="99") for answer in answered(batch)])
    assert "version 99" in run.items.failed().first().error
    assert not Prefill.objects.exists()


def test_images_answered_already_are_not_asked_again(campaign, run):
    work_off(run)
    again = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    assert (again.state, again.counts()["total"]) == (Run.State.DONE, 0)


def test_an_unknown_model_names_the_accepted_ones(campaign):
    with pytest.raises(BadInput, match="'oracle' is unknown; accepted: artimuse, baseline, fake, openai"):
        start_run(campaign, Run.Kind.PREFILL, "oracle", by=None)
    assert not Run.objects.exists()


def test_the_worker_gets_the_copy_without_metadata_and_the_rubrics_attributes(campaign, run):
    image = campaign.images.first()
    request = PrefillKind().request_for(image, run)
    assert (request.image, request.sha256) == (image.stripped.name, image.stripped_sha256)
    assert [attribute.key for attribute in request.attributes] == list(campaign.rubric.by_key)


def test_a_prefill_is_rounded_to_the_scale_and_the_overall_score_is_divided_by_ten(campaign):
    row = make_prefill(campaign.images.first(), score=63.2)
    steps = row.prefilled_steps(campaign.rubric)
    assert steps["comprehensive_evaluation"] == 13
    assert steps["overall_gestalt"] == 14


def test_a_model_without_attribute_scores_proposes_none(campaign):
    row = make_prefill(campaign.images.first())
    row.attributes = {"overall_gestalt": {"critique": "Words.", "score": None}}
    assert row.prefilled_steps(make_rubric().rubric)["overall_gestalt"] is None
    assert row.prefilled_steps(make_rubric().rubric)["composition_design"] is None


def test_a_prefill_is_written_once(campaign):
    row = make_prefill(campaign.images.first())
    with pytest.raises(WrittenOnce):
        row.save()


def test_a_run_over_no_images_is_done_at_once():
    assert start_run(make_campaign(images=0), Run.Kind.PREFILL, "fake", by=None).state == Run.State.DONE
