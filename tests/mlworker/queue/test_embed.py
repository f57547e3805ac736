"""The task turns images into embeddings; an image that has none carries the reason, and the others go on."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mlworker.contract import Embedding, EmbedRequest, OutOfMemory
from mlworker.predictors.grid.predictor import Grid
from mlworker.queue.batches import predict_as_many_as_fit, results_for
from mlworker.tasks import embed
from tests.mlworker.conftest import request_for, scene


def embed_request(path, model="grid"):
    return EmbedRequest(path.name, request_for(path).sha256, model)


def vector(embedding):
    return np.frombuffer(base64.b64decode(embedding.vector), "<f4")


def test_requests_as_json_give_embeddings_of_length_one_as_json(save_image):
    requests = [embed_request(save_image(scene(number), f"{number}.png")) for number in (1, 2)]

    answers = json.loads(json.dumps(embed([request.to_json() for request in requests]), allow_nan=False))

    embeddings = [Embedding.from_json(answer) for answer in answers]
    assert [
        (embedding.image, embedding.sha256, embedding.model, embedding.model_version, embedding.error)
        for embedding in embeddings
    ] == [(request.image, request.sha256, "grid", "1", "") for request in requests]
    assert [np.linalg.norm(vector(embedding)) for embedding in embeddings] == pytest.approx([1, 1])
    assert all(embedding.seconds > 0 for embedding in embeddings)


def test_a_copy_at_half_the_size_is_nearer_than_another_image(save_image):
    paths = [save_image(image, f"{n}.png") for n, image in enumerate((scene(), scene().reduce(2), scene().rotate(180)))]

    original, copy, other = (vector(answer) for answer in results_for([embed_request(path) for path in paths]))

    assert original @ copy > 0.99 > original @ other


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"image": "../outside.png"}, "is refused"),
        ({"image": "gone.png"}, "is not below the media root"),
        ({"sha256": "0" * 64}, "was asked for"),
        ({"model": "baseline"}, "model 'baseline' is unknown; accepted are grid, sscd"),
    ],
)
def test_an_image_that_cannot_be_had_is_answered_with_the_reason_and_the_next_is_described(change, reason, save_image):
    request = embed_request(save_image(scene()))

    failure, success = results_for([replace(request, **change), request])

    assert (reason in failure.error, failure.vector) == (True, "")
    assert (success.error, bool(success.vector)) == ("", True)


def test_a_broken_and_a_plain_image_are_answered_with_the_reason(save_image):
    plain = save_image(Image.new("RGB", (9, 9), "red"), "plain.png")
    broken = save_image(scene(), "broken.jpg")
    broken.write_bytes(broken.read_bytes()[:2000])

    answers = results_for([embed_request(path) for path in (broken, plain)])

    assert "'broken.jpg' cannot be decoded" in answers[0].error
    assert answers[1].error == "the image is plain: it has no embedding"


class Hungry(Grid):
    """An embedder that has room for two images at a time, and for none that is called huge."""

    def embed_inputs(self, model_inputs):
        if len(model_inputs) > 2:
            raise OutOfMemory("CUDA out of memory")
        return super().embed_inputs(model_inputs)

    def prepare(self, path):
        if "huge" in path.name:
            raise MemoryError
        return super().prepare(path)


def test_out_of_memory_halves_the_batch_and_only_what_never_fits_is_put_off(save_image):
    names = ["a", "b", "huge", "c", "d", "e"]
    paths = [save_image(scene(number), f"{name}.png") for number, name in enumerate(names)]

    answers = list(predict_as_many_as_fit(Hungry(), [(embed_request(path), path) for path in paths]))

    assert [Path(answer.image).stem for answer in answers] == names
    assert [answer.image for answer in answers if answer.error] == ["huge.png"]
    assert (answers[2].temporary, answers[2].error) == (True, "out of memory")
