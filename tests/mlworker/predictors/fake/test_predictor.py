"""The fake predictor is a double: instant, repeatable, and able to fail on demand."""

import math

import pytest

from mlworker.contract import PredictorError
from mlworker.predictors.fake.predictor import Fake
from tests.mlworker.conftest import request_for, scene


def test_the_same_image_gets_the_same_answer_and_another_image_another(save_image):
    first, second = save_image(scene(1), "first.png"), save_image(scene(2), "second.png")
    predict = Fake().predict

    assert predict(request_for(first), first).attributes == predict(request_for(first), first).attributes
    assert predict(request_for(first), first).score != predict(request_for(second), second).score


def test_the_distribution_has_101_probabilities_whose_expectation_is_the_score(save_image):
    path = save_image(scene())
    prefill = Fake().predict(request_for(path), path)

    assert prefill.distribution is not None
    assert len(prefill.distribution) == 101
    assert math.fsum(prefill.distribution) == pytest.approx(1)
    expectation = sum(point * probability for point, probability in enumerate(prefill.distribution))
    assert prefill.score == pytest.approx(expectation, abs=0.01)


def test_every_attribute_asked_for_is_answered_with_words_that_admit_to_be_made_up(save_image):
    path = save_image(scene())
    request = request_for(path)
    prefills = Fake().predict(request, path).attributes

    assert list(prefills) == [attribute.key for attribute in request.attributes]
    assert all("Made-up" in prefill.critique for prefill in prefills.values())
    assert all(0 <= (prefill.score or 0) <= 100 for prefill in prefills.values())


def test_it_fails_on_an_image_named_poison(save_image):
    path = save_image(scene(), "poison.png")

    with pytest.raises(PredictorError, match=r"poison\.png"):
        Fake().predict(request_for(path), path)


def test_it_fails_on_images_whose_hash_the_environment_names(save_image, monkeypatch):
    good_image, bad_image = save_image(scene(1), "spared.png"), save_image(scene(2), "doomed.png")
    monkeypatch.setenv("MLWORKER_FAKE_FAILS", f"{request_for(bad_image).sha256[:10]},zz")

    with pytest.raises(PredictorError, match="told to fail"):
        Fake().predict(request_for(bad_image), bad_image)
    assert not Fake().predict(request_for(good_image), good_image).error
