"""What crosses the wall survives the way through JSON."""

import json

from mlworker.contract import Prefill, PrefillRequest
from mlworker.predictors.fake.predictor import Fake
from tests.mlworker.conftest import request_for, scene


def test_a_request_survives_json(save_image):
    request = request_for(save_image(scene()))

    assert PrefillRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_an_answer_survives_json(save_image):
    path = save_image(scene())
    prefill = Fake().predict(request_for(path), path)

    assert Prefill.from_json(json.loads(json.dumps(prefill.to_json(), allow_nan=False))) == prefill


def test_a_failure_survives_json():
    failure = Prefill("a.png", "0" * 64, "fake", "1", error="gone")

    assert Prefill.from_json(json.loads(json.dumps(failure.to_json()))) == failure
