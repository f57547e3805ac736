"""What embeddings of images tie together, whatever the order in which they come, and what they leave alone."""

import base64
import itertools
from dataclasses import replace

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.actions.answers.verify_events import verify_events
from annotation.actions.duplicates import embed
from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.prefill_answers import MOST_TRIES
from annotation.errors import BadInput
from annotation.models import Event, Image, ImageEmbedding, NearDuplicatePair
from mlworker.contract import Embedding
from mlworker.queue.batches import answer_all
from tests.harness.factories import make_campaign, make_image, tie

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

GRID = ("grid", "1")


@pytest.fixture
def campaign(olga):
    return make_campaign(images=0)


@pytest.fixture
def images(campaign):
    made = [make_image() for _ in range(4)]
    add_images(campaign, made, by=None)
    return made


def at(degrees):
    """Return the embedding that points into a direction; the cosine of two is that of the angle between them."""
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], "<f4")


def answer(image, degrees, **fields):
    vector = base64.b64encode(at(degrees).tobytes()).decode()
    return replace(Embedding("image", image.stripped_sha256, *GRID, vector=vector), **fields)


def batch(campaign, *images):
    return embed.Batch(campaign.pk, *GRID, [image.pk for image in images])


def store(campaign, *angles):
    """Store embeddings; `angles` are pairs of an image and degrees."""
    return embed.store_embeddings(batch(campaign, *(image for image, _ in angles)), [answer(*pair) for pair in angles])


def pairs():
    return {
        (pair.one_id, pair.other_id): (pair.cosine, str(pair.state))
        for pair in NearDuplicatePair.objects.order_by("one_id", "other_id")
    }


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
    assert Event.objects.filter(verb="embedding.stored").count() == 1
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
    ImageEmbedding.objects.create(image=images[0], embedder="grid", version="0", vector=at(0).tobytes())
    store(campaign, (images[1], 0))
    assert pairs() == {}


def test_images_of_other_campaigns_are_compared_with(campaign, images):
    stranger = make_image()
    ImageEmbedding.objects.create(image=stranger, embedder="grid", version="1", vector=at(10).tobytes())
    store(campaign, (images[0], 0))
    assert pairs() == {(images[0].pk, stranger.pk): (985, "sure")}


def test_files_that_differ_only_in_metadata_share_one_answer(campaign, images):
    Image.objects.filter(pk=images[1].pk).update(stripped_sha256=images[0].stripped_sha256)
    embed.store_embeddings(batch(campaign, *images[:2]), [answer(images[0], 0)])
    assert pairs() == {(images[0].pk, images[1].pk): (1000, "sure")}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"error": "the image is gone"}, "the image is gone"),
        ({"model_version": "2"}, "the worker answered with version 2, not 1"),
        ({"vector": "AAAAAA=="}, "an embedding has length 1, not 0"),
        ({"vector": "no base64"}, "the embedding is no base64"),
        ({"vector": base64.b64encode(np.array([0, 0, 1], "<f4").tobytes()).decode()}, "has 3 numbers, others of this"),
        ({"sha256": "of another image"}, "the worker broke off"),
    ],
)
def test_an_image_without_a_usable_answer_is_set_aside_with_the_reason_and_the_rest_go_on(
    campaign, images, fields, reason
):
    store(campaign, (images[3], 0))
    bad = answer(images[0], 0, **fields)
    assert embed.store_embeddings(batch(campaign, *images[:2]), [bad, answer(images[1], 90)]) is None
    assert reason in ImageEmbedding.objects.failed().get().error
    assert ImageEmbedding.objects.described().count() == 2
    assert reason in Event.objects.filter(verb="embedding.stored").last().details["failed"][images[0].sha256]


def test_a_failure_that_may_pass_is_tried_again_later_and_later_and_then_set_aside(campaign, images):
    waits = []
    asked = batch(campaign, images[0])
    while asked:
        waits.append(asked.wait)
        asked = embed.store_embeddings(asked, [answer(images[0], 0, error="busy", temporary=True, retry_after=8.0)])
    assert waits == [0, 8, 10, 20]
    assert len(waits) == MOST_TRIES
    assert ImageEmbedding.objects.get().error == "busy"


def test_images_of_a_batch_that_broke_its_worker_go_alone_and_the_bad_one_is_set_aside(campaign, images):
    singles = embed.lose(batch(campaign, *images[:2]))
    assert [list(single.images) for single in singles] == [[image.pk] for image in images[:2]]
    assert [embed.lose(single) for single in singles[:1]] == [[]]
    assert ImageEmbedding.objects.get().error == embed.WORKER_LOST


def test_chains_of_batches_ask_for_each_image_once_and_again_only_for_what_failed(settings, campaign, images):
    settings.PREFILL_BATCH_SIZE, settings.PREFILL_BATCHES_AHEAD = 2, 3
    add_images(campaign, [make_image() for _ in range(7)], by=None)
    assert embed.start_embedding(campaign, "grid", by=None) == "1"
    asked = []
    waiting = embed.first_batches(campaign, *GRID)
    assert len(waiting) == 3
    while waiting:
        one = waiting.pop()
        assert len(one.images) <= 2
        asked += one.images
        waiting += filter(None, [embed.next_batch(one)])
    assert sorted(asked) == sorted(campaign.images.values_list("pk", flat=True))
    store(campaign, (images[0], 0))
    embed.store_embeddings(batch(campaign, images[1]), [answer(images[1], 0, error="gone")])
    embed.start_embedding(campaign, "grid", by=None)
    assert Event.objects.filter(verb="embedding.asked").last().details["images"] == 10


def test_an_unknown_or_missing_embedder_is_refused_with_what_is_accepted(campaign, monkeypatch):
    monkeypatch.delenv("MLWORKER_SSCD", raising=False)
    with pytest.raises(BadInput, match="model 'baseline' is unknown; accepted: grid, sscd"):
        embed.start_embedding(campaign, "baseline", by=None)
    with pytest.raises(BadInput, match="model 'sscd' cannot be asked: MLWORKER_SSCD is not set"):
        embed.start_embedding(campaign, "sscd", by=None)


def test_the_workers_own_code_answers_what_is_asked(campaign, images):
    asked = batch(campaign, *images)
    embed.store_embeddings(asked, answer_all(embed.requests_for(asked)))
    assert {row.error for row in ImageEmbedding.objects.all()} == {"the image is plain: it has no embedding"}


def statements(campaign, images, apart):
    with CaptureQueriesContext(
        connection,
    ) as found:
        embed.store_embeddings(
            batch(campaign, *images), [answer(image, apart * place) for place, image in enumerate(images)]
        )
    return len(found)


def test_storing_takes_few_statements_however_much_is_stored_already(campaign, images):
    strangers = [make_image() for _ in range(20)]
    assert statements(campaign, images, 90) <= 16
    ImageEmbedding.objects.all().delete()
    ImageEmbedding.objects.bulk_create(
        ImageEmbedding(image=one, embedder="grid", version="1", vector=at(0).tobytes()) for one in strangers
    )
    assert statements(campaign, images, 0) <= 28
    assert len(pairs()) == 4 * 20 + 6


def test_stored_embeddings_are_read_some_at_a_time_and_none_is_missed(campaign, images, monkeypatch):
    monkeypatch.setattr("annotation.actions.duplicates.compare_embeddings.AT_A_TIME", 1)
    store(campaign, (images[0], 0), (images[1], 100))
    store(campaign, (images[2], 0), (images[3], 100))
    assert set(pairs()) == {(images[0].pk, images[2].pk), (images[1].pk, images[3].pk)}
