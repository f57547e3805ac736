"""What embeddings of images tie together, whatever the order in which they come, and what they leave alone."""

import base64
import itertools
from math import comb

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.actions.answers.verify_events import verify_events
from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.batches import hand_out_batches, requests_for
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import start_run
from annotation.errors import BadInput
from annotation.models import Batch, Event, Image, ImageEmbedding, ModelVersion, NearDuplicatePair, Run
from mlworker.queue.batches import results_for
from tests.harness.embeddings import embedding_at, store_embeddings, vector_at
from tests.harness.factories import make_campaign, make_image, tie

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def campaign(olga):
    return make_campaign(images=0)


@pytest.fixture
def images(campaign):
    rows = [make_image() for _ in range(4)]
    add_images(campaign, rows, by=None)
    return rows


def store(campaign, *angles):
    """Store embeddings; `angles` are pairs of an image and degrees."""
    return store_embeddings(campaign, *(embedding_at(*pair) for pair in angles))


def embed_other_version(image, degrees):
    version = ModelVersion.objects.create(name="grid", version="0")
    ImageEmbedding.objects.create(image=image, model_version=version, vector=vector_at(degrees))


def pairs():
    return {
        (pair.one_id, pair.other_id): (pair.cosine, str(pair.state))
        for pair in NearDuplicatePair.objects.order_by("one_id", "other_id")
    }


def campaign_of(slug, *images):
    campaign = make_campaign(slug, images=0)
    add_images(campaign, images, by=None)
    return campaign


def groups_of(*images):
    for image in images:
        image.refresh_from_db()
    return [image.group_id for image in images]


def test_from_the_sure_threshold_images_are_tied_from_the_unsure_one_until_a_person_decides(campaign, images):
    one, two, three, four = images
    store(campaign, (one, 0), (two, 41), (three, 100), (four, 250))
    assert pairs() == {(one.pk, two.pk): (755, "sure"), (two.pk, three.pk): (515, "undecided")}
    assert [group == one.group_id for group in groups_of(*images)] == [True, True, True, False]
    pair = NearDuplicatePair.objects.first()
    assert (pair.nearness, pair.likeness, pair.bits > 14) == (0.755, None, True)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_what_is_tied_does_not_depend_on_the_order_of_arrival(campaign, images, order):
    angles = [0, 41, 82, 140]
    tie(images[0], images[1], "undecided")
    for place in order:
        store(campaign, (images[place], angles[place]))
    one, two, three, four = (image.pk for image in images)
    assert pairs() == {(one, two): (755, "sure"), (two, three): (755, "sure"), (three, four): (530, "undecided")}
    assert len(set(groups_of(*images))) == 1
    assert min(groups_of(*images)) == groups_of(images[0])[0]


def test_a_batch_that_is_delivered_again_changes_nothing(campaign, images):
    for _ in range(3):
        store(campaign, (images[0], 0), (images[1], 30))
    assert ImageEmbedding.objects.count() == 2
    assert len(pairs()) == 1
    assert Event.objects.filter(verb="embed.stored").count() == 1
    assert verify_events(campaign) == []


@pytest.mark.parametrize(("same", "state"), [(True, "same"), (False, "different")])
def test_what_a_person_decided_stands(campaign, images, olga, same, state):
    decide_pair(tie(images[0], images[1], "undecided"), same=same, by=olga, campaign=campaign)
    store(campaign, (images[0], 0), (images[1], 0))
    assert pairs() == {(images[0].pk, images[1].pk): (1000, state)}
    assert len(set(groups_of(*images[:2]))) == 2 - same


def test_a_pair_found_by_embeddings_can_be_told_apart(campaign, images, olga):
    store(campaign, (images[0], 0), (images[1], 50))
    decide_pair(NearDuplicatePair.objects.get(), same=False, by=olga, campaign=campaign)
    assert len(set(groups_of(*images[:2]))) == 2
    store(campaign, (images[2], 25))
    assert len(set(groups_of(*images[:3]))) == 1


def test_embeddings_of_another_version_are_not_compared_with(campaign, images):
    embed_other_version(images[0], 0)
    store(campaign, (images[1], 0))
    assert pairs() == {}


def test_images_of_other_campaigns_are_compared_with(campaign, images):
    stranger = make_image()
    store(campaign_of("another", stranger), (stranger, 10))
    store(campaign, (images[0], 0))
    assert pairs() == {(images[0].pk, stranger.pk): (985, "sure")}


def test_files_that_differ_only_in_metadata_share_one_answer(campaign, images):
    Image.objects.filter(pk=images[1].pk).update(stripped_sha256=images[0].stripped_sha256)
    store(campaign, (images[0], 0))
    assert pairs() == {(images[0].pk, images[1].pk): (1000, "sure")}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"error": "the image is gone"}, "the image is gone"),
        ({"model_version": "2"}, "the worker answered with version 2, not 1"),
        ({"vector": "AAAAAA=="}, "an embedding has length 1, not 0"),
        ({"vector": "no base64"}, "the embedding is no base64"),
        ({"vector": base64.b64encode(np.array([0, 0, 1], "<f4").tobytes()).decode()}, "has 3 numbers, others of this"),
    ],
)
def test_an_image_without_a_usable_result_is_set_aside_with_the_reason_and_the_rest_go_on(
    campaign, images, fields, reason
):
    store(campaign, (images[3], 0))
    bad = embedding_at(images[0], 0, **fields)
    run = store_embeddings(campaign, bad, embedding_at(images[1], 90))
    item = run.items.failed().get()
    assert (item.image, reason in item.error) == (images[0], True)
    assert set(ImageEmbedding.objects.values_list("image", flat=True)) == {images[1].pk, images[3].pk}
    assert reason in Event.objects.get(verb="embed.set_aside").details["error"]


def test_what_failed_is_asked_again_by_the_next_run_and_nothing_else(campaign, images):
    run = store_embeddings(
        campaign, embedding_at(images[0], 0, error="gone"), *(embedding_at(image, 90) for image in images[1:])
    )
    assert (run.state, run.counts()["failed"]) == (Run.State.DONE, 1)
    second = start_run(campaign, Run.Kind.EMBED, "grid", by=None)
    assert [item.image for item in second.items.all()] == images[:1]


def test_a_run_for_embeddings_and_one_for_prefills_go_on_side_by_side(campaign, images):
    prefill_run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
    store(campaign, *((image, 90) for image in images))
    assert [run.kind for run in Run.objects.running()] == [prefill_run.kind]
    assert campaign.runs.get(kind=Run.Kind.EMBED).shadow is False


def test_an_unknown_or_missing_embedder_is_refused_with_what_is_accepted(campaign, monkeypatch):
    monkeypatch.delenv("MLWORKER_SSCD", raising=False)
    with pytest.raises(BadInput, match="model 'baseline' is unknown; accepted: grid, sscd"):
        start_run(campaign, Run.Kind.EMBED, "baseline", by=None)
    with pytest.raises(BadInput, match="model 'sscd' cannot be asked: MLWORKER_SSCD is not set"):
        start_run(campaign, Run.Kind.EMBED, "sscd", by=None)


def test_the_workers_own_code_makes_what_is_asked_for(settings, campaign, images):
    settings.PREFILL_BATCHES_AHEAD = 1
    run = start_run(campaign, Run.Kind.EMBED, "grid", by=None)
    [batch] = hand_out_batches(run)
    store_results(batch, results_for(requests_for(batch)))
    assert {item.error for item in run.items.all()} == {"the image is plain: it has no embedding"}


def statements(campaign, images, number):
    run = start_run(campaign, Run.Kind.EMBED, "grid", by=None)
    batch = Batch.objects.create(run=run, expires_at=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        store_results(batch, [embedding_at(image, number * place) for place, image in enumerate(images)])
    return len(queries)


def test_storing_takes_few_statements_however_much_is_stored_already(campaign, images):
    strangers = [make_image() for _ in range(20)]
    assert statements(campaign, images, 90) <= 28
    ImageEmbedding.objects.all().delete()
    store(campaign_of("another", *strangers), *((stranger, 0) for stranger in strangers))
    assert statements(campaign, images, 0) <= 40
    assert len(pairs()) == comb(24, 2)


def test_stored_embeddings_are_read_some_at_a_time_and_none_is_missed(campaign, images, monkeypatch):
    monkeypatch.setattr("annotation.actions.duplicates.compare_embeddings.AT_A_TIME", 1)
    store(campaign, (images[0], 0), (images[1], 100))
    store(campaign, (images[2], 0), (images[3], 100))
    assert set(pairs()) == {(images[0].pk, images[2].pk), (images[1].pk, images[3].pk)}
