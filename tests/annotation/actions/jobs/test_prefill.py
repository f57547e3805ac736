"""What a prefill run asks, in which order, and what it stores."""

from dataclasses import replace

import pytest

from annotation.actions.campaigns.open_campaign import invite_people, open_campaign
from annotation.actions.jobs.batches import hand_out_batches
from annotation.actions.jobs.prefill import LOOK_AHEAD, PrefillKind
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import put_urgent_first, start_run
from annotation.actions.places.orders import images_ahead
from annotation.models import Prefill, Run, WrittenOnce
from tests.harness.factories import make_campaign, make_prefill, make_rubric
from tests.harness.runs import results_of, work_off

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def run(settings, campaign):
    """A run that hands its three images out together."""
    settings.PREFILL_BATCHES_AHEAD = 1
    return start_run(campaign, Run.Kind.PREFILL, "fake", by=None)


def test_only_so_many_images_are_handed_out_at_a_time_and_those_next_in_an_order_first(settings, alice):
    settings.PREFILL_BATCH_SIZE, settings.PREFILL_BATCHES_AHEAD = 2, 2
    campaign = make_campaign("long", people=(alice,), images=20)
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    heads = {image.pk for image in images_ahead(campaign.memberships.get(user=alice), LOOK_AHEAD)}
    batches = hand_out_batches(run)
    handed = [item.image_id for batch in batches for item in batch.items.all()]
    assert len(handed) == 4
    assert set(handed) <= heads
    assert hand_out_batches(run) == []


def test_an_image_that_comes_next_after_the_start_is_moved_forward(alice):
    campaign = make_campaign("late", images=15)
    run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    assert not run.items.filter(urgent=True).exists()
    invite_people(campaign, [alice], by=None)
    open_campaign(campaign, by=None)
    put_urgent_first(run)
    assert run.items.filter(urgent=True).count() == LOOK_AHEAD


def test_a_prefill_keeps_how_unsure_the_model_is(run):
    work_off(run)
    row = Prefill.objects.exclude(spread=None).first()
    assert 2 < row.spread < 8.1
    assert 3 < row.entropy < 5.2
    assert max(len(str(value)) for value in row.distribution) <= 8


def test_a_distribution_that_is_none_is_refused(run):
    [batch] = hand_out_batches(run)
    first, *_ = results_of(batch)
    store_results(batch, [replace(first, distribution=first.distribution[:100])])
    assert run.items.failed().get().error == "the distribution has 100 values, not 101"


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
