"""The task turns a request into an answer, and an answer it always is: a failed image carries its reason."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from celery import Celery, chain

from mlworker.contract import OutOfMemory, Prefill
from mlworker.predictors.fake.predictor import Fake
from mlworker.queue.batches import predict_as_many_as_fit, results_for
from mlworker.tasks import predict
from tests.mlworker.conftest import request_for, scene


def answer(request):
    return results_for([request])[0]


@pytest.mark.parametrize("model", ["baseline", "fake"])
def test_a_request_as_json_gives_an_answer_as_json(model, save_image):
    request = request_for(save_image(scene()), model)

    prefill = Prefill.from_json(json.loads(json.dumps(predict([request.to_json()])))[0])

    assert (prefill.image, prefill.sha256, prefill.model, prefill.error) == ("scene.png", request.sha256, model, "")
    assert prefill.score is not None
    assert prefill.seconds > 0
    assert len(prefill.attributes) == 8


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"image": "../outside.png"}, "is refused"),
        ({"image": "gone.png"}, "is not below the media root"),
        ({"sha256": "0" * 64}, "was asked for"),
    ],
)
def test_an_image_that_cannot_be_had_is_answered_with_the_reason(change, reason, save_image):
    prefill = answer(replace(request_for(save_image(scene())), **change))

    assert reason in prefill.error
    assert (prefill.model_version, prefill.score, prefill.attributes) == ("1", None, {})


def test_a_broken_image_is_answered_with_the_reason(save_image):
    path = save_image(scene(), "cut.jpg")
    path.write_bytes(path.read_bytes()[:2000])

    assert "'cut.jpg' cannot be decoded" in answer(request_for(path)).error


def test_a_failing_predictor_is_answered_with_the_reason(save_image):
    assert "told to fail" in answer(request_for(save_image(scene(), "poison.png"), "fake")).error


def test_an_unknown_model_is_answered_with_the_names_that_are_known(save_image):
    prefill = answer(request_for(save_image(scene()), "artimuze"))

    assert "accepted are artimuse, baseline, fake, openai" in prefill.error
    assert prefill.model_version == ""


class Hungry(Fake):
    """A model that has room for two images at a time, and for none that is called huge."""

    def predict_many(self, images):
        self.sizes = [*getattr(self, "sizes", []), len(images)]
        if len(images) > 2 or any("huge" in request.image for request, _ in images):
            raise OutOfMemory("CUDA out of memory")
        return super().predict_many(images)


def test_out_of_memory_halves_the_batch_and_only_what_never_fits_is_put_off(save_image):
    requests = [request_for(save_image(scene(number), f"{name}.png"), "fake") for number, name in enumerate("abcde")]
    requests.insert(3, request_for(save_image(scene(9), "huge.png"), "fake"))
    hungry = Hungry()
    pairs = [(request, Path(request.image)) for request in requests]

    answers = list(predict_as_many_as_fit(hungry, pairs))

    assert [answer.image for answer in answers] == [request.image for request in requests]
    assert [answer.image for answer in answers if answer.error] == ["huge.png"]
    assert (answers[3].temporary, answers[3].error) == (True, "the image did not fit into memory: CUDA out of memory")
    assert max(hungry.sizes[1:]) <= 3


def test_a_mistake_in_the_programme_is_not_hidden_as_a_failed_image():
    with pytest.raises(KeyError):
        predict([{"image": "scene.png"}])


def test_the_next_task_of_a_chain_receives_the_answer(save_image):
    app = Celery("test", set_as_current=False, broker="memory://")
    app.conf.task_always_eager = True
    calls = []

    @app.task(name="store")
    def store(prefills, batch):
        calls.append(([prefill["sha256"] for prefill in prefills], batch))

    @app.task(name="began")
    def began(worker, batch):
        calls.append((bool(worker), batch))

    request = request_for(save_image(scene()), "fake")
    first = app.tasks[predict.name].s([request.to_json()], began.s(7)).set(queue="predict")
    chain(first, store.s(7).set(queue="default"), app=app).apply_async()

    assert calls == [(True, 7), ([request.sha256], 7)]
