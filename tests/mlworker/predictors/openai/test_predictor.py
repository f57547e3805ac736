"""The openai predictor against a server that misbehaves on purpose."""

import base64
import io
import json
import logging
import math
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from mlworker.attributes import ATTRIBUTES
from mlworker.predictors.openai import settings as openai_settings
from mlworker.predictors.openai.judgement import PrefillRefused, read_judgement, schema_for
from mlworker.predictors.openai.predictor import OpenAI
from mlworker.predictors.openai.settings import Settings, SettingWrong
from mlworker.queue.batches import results_for
from tests.harness.stub_server import Reply, run_server
from tests.mlworker.conftest import request_for, scene

KEY = "sk-a-very-secret-key"
TOKEN_IDS = tuple(range(500, 601))
JUDGEMENT: dict[str, Any] = {
    "attributes": {question.key: {"critique": f"On {question.name}.", "score": 71} for question in ATTRIBUTES},
    "score": 63.5,
}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 200}


def completion(text, *, reason="stop", logprobs=None, **message):
    choice = {"message": {"role": "assistant", "content": text} | message, "finish_reason": reason}
    if logprobs is not None:
        choice["logprobs"] = {"content": [{"token": "token_id:500", "logprob": -0.1, "top_logprobs": logprobs}]}
    return Reply(json.dumps({"model": "served", "choices": [choice], "usage": USAGE}).encode())


def good_reply(*_):
    return completion(json.dumps(JUDGEMENT))


def replies_in_turn(*answers):
    """Give these answers in turn, and then good ones."""
    return lambda number, _request: answers[number - 1] if number <= len(answers) else good_reply()


@pytest.fixture
def ask(save_image):
    """Ask a server about images; return the answers and the server."""

    def ask(answer, images=1, **change):
        with run_server(answer) as server:
            settings = Settings(url=f"{server.url}/v1", model="critic", key=KEY, first_wait=0.02, seconds=1.0)
            predictor = OpenAI(replace(settings, **change))
            paths = [save_image(scene(number), f"{number}.png") for number in range(images)]
            answers = predictor.predict_many([(request_for(path, "openai"), path) for path in paths])
            return answers if images > 1 else answers[0], server

    return ask


def test_an_answer_in_json_becomes_scores_and_critiques_and_its_cost_is_counted(ask):
    answer, server = ask(good_reply, price_in=2.0, price_out=10.0)
    assert (answer.error, answer.score, answer.distribution) == ("", 63.5, None)
    assert answer.attributes["overall_gestalt"].critique == "On Overall Gestalt."
    assert answer.attributes["overall_gestalt"].score == 71.0
    assert answer.cost == pytest.approx((1000 * 2 + 200 * 10) / 1e6)
    assert answer.provenance["tokens"] == USAGE
    [request] = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    schema = request.body["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]["attributes"]["properties"]) == [question.key for question in ATTRIBUTES]
    url = request.body["messages"][-1]["content"][0]["image_url"]["url"]
    assert Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size == (320, 240)


@pytest.mark.parametrize(
    ("replies", "tries"),
    [
        ([Reply(b"oops", status=500), Reply(b"", status=503)], 3),
        ([Reply(b"half of it", announced_length=5000)], 2),
        ([Reply(b"<html>gateway</html>")], 2),
        ([Reply(b"hanging", delay=4)], 2),
        ([Reply(b"drop by drop" * 40, pause=0.2)], 2),
        ([Reply(dripping_headers=0.1)], 2),
    ],
)
def test_what_passes_is_waited_out(ask, replies, tries):
    answer, _ = ask(replies_in_turn(*replies))
    assert (answer.error, answer.provenance["tries"]) == ("", tries)


def test_a_server_that_asks_for_a_moment_gets_it(ask):
    answer, server = ask(replies_in_turn(Reply(b"slow down", status=429, headers={"Retry-After": "1"})))
    assert answer.error == ""
    assert server.requests[1].time - server.requests[0].time >= 1


def test_a_server_that_asks_for_long_puts_the_image_off(ask):
    answer, server = ask(lambda *_: Reply(b"quota", status=429, headers={"Retry-After": "600"}))
    assert (answer.temporary, answer.retry_after, len(server.requests)) == (True, 600.0, 1)


def test_a_server_that_stays_down_fails_for_now_after_so_many_tries(ask):
    answer, server = ask(lambda *_: Reply(b"out of order", status=500))
    assert (answer.temporary, len(server.requests)) == (True, 3)
    assert "answers 500: out of order" in answer.error


def without(key):
    return {name: value for name, value in JUDGEMENT.items() if name != key}


def with_attribute(value):
    return JUDGEMENT | {"attributes": JUDGEMENT["attributes"] | {"overall_gestalt": value}}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (completion("Certainly! Here is my judgement."), "no JSON"),
        (completion("[" * 100_000), "no JSON"),
        (completion("[1, 2]"), "the answer is list, not an object"),
        (completion(json.dumps(without("score"))), "the answer lacks score"),
        (completion(json.dumps(JUDGEMENT | {"extra": 1})), "unknown field 'extra'"),
        (completion(json.dumps(JUDGEMENT | {"attributes": {}})), "attributes lacks composition_design"),
        (completion(json.dumps(with_attribute({"critique": "Fine.", "score": 101}))), "overall_gestalt.score is 101"),
        (completion(json.dumps(with_attribute({"critique": "Fine.", "score": True}))), "overall_gestalt.score is True"),
        (completion(json.dumps(with_attribute({"critique": "Fine.", "score": "9"}))), "overall_gestalt.score is 9"),
        (completion(json.dumps(with_attribute({"critique": " ", "score": 9}))), "overall_gestalt.critique is empty"),
        (completion(json.dumps(JUDGEMENT | {"score": math.nan})), "score is nan"),
        (completion(json.dumps(JUDGEMENT), reason="length"), "was cut at its longest"),
        (completion(None, refusal="I cannot judge this."), "the model refuses: I cannot judge this."),
        (
            completion(json.dumps(with_attribute({"critique": "a\0b", "score": 9}))),
            "overall_gestalt.critique holds a zero",
        ),
        (
            completion(json.dumps(with_attribute({"critique": "\ud800", "score": 9}))),
            "holds a zero byte or half a char",
        ),
        (
            completion(json.dumps(with_attribute({"critique": "a", "score": 10**400}))),
            "overall_gestalt.score is 1000000",
        ),
        (
            completion(None, refusal="I can\0not \udfff judge this."),
            "the model refuses: I can\ufffdnot \ufffd judge this.",
        ),
        (Reply(b"no \0 model", status=404), "answers 404: no \ufffd model"),
        (Reply(b'{"choices": []}'), "without a choice"),
        (Reply(b'{"choices": [{"message": null}]}'), "without any text"),
        (Reply(b"no such model", status=404), "answers 404: no such model"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_naming_the_field(ask, answer, words):
    prefill, server = ask(lambda *_: answer, price_in=1.0)
    assert words in prefill.error
    assert (prefill.temporary, prefill.score, len(server.requests)) == (False, None, 1)


ALL = ", ".join(question.key for question in ATTRIBUTES)
LIMITS = "a number from 0 to 100 is accepted"
GESTALT = "attributes.overall_gestalt"
EMPTY = "is empty or no text"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([1, 2], "the answer is list, not an object"),
        (None, "the answer is NoneType, not an object"),
        ({}, "the answer lacks attributes, score"),
        (without("score"), "the answer lacks score"),
        (without("attributes"), "the answer lacks attributes"),
        (JUDGEMENT | {"extra": 1}, "the answer has the unknown field 'extra'; accepted are attributes, score"),
        (
            JUDGEMENT | {"x" * 60: 1},
            f"the answer has the unknown field '{'x' * 50}'; accepted are attributes, score",
        ),
        (JUDGEMENT | {"attributes": []}, "attributes is list, not an object"),
        (JUDGEMENT | {"attributes": {}}, f"attributes lacks {ALL}"),
        (
            JUDGEMENT | {"attributes": JUDGEMENT["attributes"] | {"beauty": 1}},
            f"attributes has the unknown field 'beauty'; accepted are {ALL}",
        ),
        (with_attribute("Fine."), f"{GESTALT} is str, not an object"),
        (with_attribute({"score": 9}), f"{GESTALT} lacks critique"),
        (with_attribute({}), f"{GESTALT} lacks critique, score"),
        (
            with_attribute({"critique": "Fine.", "score": 9, "why": ""}),
            f"{GESTALT} has the unknown field 'why'; accepted are critique, score",
        ),
        (with_attribute({"critique": "Fine.", "score": 101}), f"{GESTALT}.score is 101; {LIMITS}"),
        (with_attribute({"critique": "Fine.", "score": -0.1}), f"{GESTALT}.score is -0.1; {LIMITS}"),
        (with_attribute({"critique": "Fine.", "score": True}), f"{GESTALT}.score is True; {LIMITS}"),
        (with_attribute({"critique": "Fine.", "score": None}), f"{GESTALT}.score is None; {LIMITS}"),
        (with_attribute({"critique": "Fine.", "score": "9" * 60}), f"{GESTALT}.score is {'9' * 50}; {LIMITS}"),
        (with_attribute({"critique": " ", "score": 9}), f"{GESTALT}.critique {EMPTY}"),
        (with_attribute({"critique": 5, "score": 9}), f"{GESTALT}.critique {EMPTY}"),
        (
            with_attribute({"critique": "x" * 8001, "score": 9}),
            f"{GESTALT}.critique has 8001 characters; 8000 are accepted",
        ),
        (JUDGEMENT | {"score": math.nan}, f"score is nan; {LIMITS}"),
        (JUDGEMENT | {"score": math.inf}, f"score is inf; {LIMITS}"),
        (JUDGEMENT | {"score": [5]}, f"score is [5]; {LIMITS}"),
    ],
)
def test_a_judgement_that_does_not_fit_the_rubric_is_refused_in_one_sentence(data, words):
    with pytest.raises(PrefillRefused) as caught:
        read_judgement(json.dumps(data), ATTRIBUTES)
    assert str(caught.value) == words


def test_an_attribute_may_have_any_key():
    questions = [replace(ATTRIBUTES[0], key=key) for key in ("copy", "model_dump", "a-b")]
    judgement = {"attributes": {question.key: {"critique": "Fine.", "score": 1} for question in questions}, "score": 2}
    score, prefills = read_judgement(json.dumps(judgement), questions)
    assert (score, list(prefills)) == (2.0, ["copy", "model_dump", "a-b"])


def test_the_schema_asks_for_exactly_what_is_read():
    object_schema = {"type": "object", "additionalProperties": False}
    score = {"type": "number", "minimum": 0, "maximum": 100}
    judgement_schema = object_schema | {
        "properties": {"critique": {"type": "string"}, "score": score},
        "required": ["critique", "score"],
    }
    keys = [question.key for question in ATTRIBUTES]
    attributes = object_schema | {"properties": dict.fromkeys(keys, judgement_schema), "required": keys}
    fields = {"properties": {"attributes": attributes, "score": score}, "required": ["attributes", "score"]}
    assert schema_for(ATTRIBUTES) == object_schema | fields


def test_a_refused_answer_has_cost_its_tokens_all_the_same(ask):
    prefill, _ = ask(lambda *_: completion("nonsense"), price_in=1.0, price_out=0.0)
    assert prefill.cost == pytest.approx(0.001)


def token_reply(number, request, *, logprobs):
    return completion("aa", logprobs=logprobs) if "logprobs" in request.body else completion("Plain words.")


def bell(token_ids=TOKEN_IDS):
    return [
        {"token": f"token_id:{token}", "logprob": -((point - 40) ** 2) / 50 - 7.0}
        for point, token in enumerate(token_ids)
    ]


@pytest.mark.parametrize("count", [10**400, -5, True, "many", 1.5, None, 10**12], ids=str)
def test_a_count_of_tokens_that_is_none_costs_nothing_and_spends_no_budget(ask, count):
    broken = json.dumps(
        {"choices": [{"message": {"content": json.dumps(JUDGEMENT)}}], "usage": {"prompt_tokens": count}}
    )
    answer, _ = ask(lambda *_: Reply(broken.encode()), price_in=1.0)
    assert (answer.error, answer.score, answer.cost) == ("", 63.5, 0.0)


@pytest.mark.parametrize("name", ["model", "system_fingerprint"])
def test_what_a_server_says_of_itself_can_be_stored(ask, name):
    choice = {"message": {"content": json.dumps(JUDGEMENT)}}
    answer, _ = ask(lambda *_: Reply(json.dumps({name: "a\0b\ud800", "choices": [choice]}).encode()))
    assert answer.error == ""
    assert "a\ufffdb\ufffd" in answer.provenance.values()


def test_token_as_score_is_the_expectation_over_all_101_tokens(ask):
    change = {"score": "tokens", "token_ids": TOKEN_IDS, "score_question": "\n  Rate it. \n", "system": "None"}
    answer, server = ask(lambda *request: token_reply(*request, logprobs=bell()), square=448, **change)
    assert answer.error == ""
    assert answer.score == pytest.approx(40, abs=1e-6)
    assert len(answer.distribution) == 101
    assert math.fsum(answer.distribution) == pytest.approx(1)
    assert answer.distribution[45] / answer.distribution[40] == pytest.approx(math.exp(-0.5))
    assert answer.attributes["overall_gestalt"].critique == "Plain words."
    assert answer.attributes["overall_gestalt"].score is None
    score_request, *critique_requests = server.requests
    assert (score_request.body["max_tokens"], score_request.body["logprob_token_ids"]) == (1, list(TOKEN_IDS))
    assert score_request.body["messages"][0] == {"role": "system", "content": "None"}
    assert score_request.body["messages"][1]["content"][1]["text"] == "\n  Rate it. \n"
    assert len(critique_requests) == 8


@pytest.mark.parametrize(
    ("logprobs", "words"),
    [
        (bell()[:100], "100 of 101 score tokens"),
        ([*bell()[:100], {"token": "token_id:600", "logprob": None}], "100 of 101"),
        ([*bell()[:100], {"token": "zz", "logprob": -1.0}], "100 of 101"),
        (bell(range(1000, 1101)), "0 of 101"),
        ([], "0 of 101"),
        (None, "0 of 101"),
        (5, "0 of 101"),
        ([*bell()[:100], {"token": "token_id:600", "logprob": -(10**400)}], "100 of 101"),
        ([*bell()[:100], {"token": "token_id:" + "6" * 5000, "logprob": -1.0}], "100 of 101"),
    ],
)
def test_fewer_than_all_score_tokens_are_refused(ask, logprobs, words):
    prefill, _ = ask(lambda *request: token_reply(*request, logprobs=logprobs), score="tokens", token_ids=TOKEN_IDS)
    assert words in prefill.error
    assert (prefill.temporary, prefill.score, prefill.distribution) == (False, None, None)


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_the_key_is_in_no_error_no_log_and_nothing_that_is_stored(ask, caplog, status):
    caplog.set_level(logging.DEBUG)
    echo = Reply(f"Incorrect API key provided: {KEY}".encode(), status=status)
    failure, _ = ask(lambda *_: echo)
    assert failure.error
    success, server = ask(good_reply)
    assert KEY not in json.dumps([failure.to_json(), success.to_json()])
    assert KEY not in caplog.text
    assert KEY not in repr(Settings(server.url, "critic", KEY))


def test_requests_keep_the_pace(ask):
    _, server = ask(good_reply, images=4, per_minute=600)
    times = sorted(request.time for request in server.requests)
    # Three tenths of a second apart by the pace; the first may be late on a busy machine.
    assert times[-1] - times[0] >= 0.2


def test_several_images_are_asked_about_at_once_and_answers_keep_their_order(ask):
    answers, server = ask(lambda *_: replace(good_reply(), delay=2), images=4)
    times = sorted(request.time for request in server.requests)
    assert times[1] - times[0] < 2, "the second is asked about before the first is answered"
    assert [answer.image for answer in answers] == [f"{number}.png" for number in range(4)]


def test_a_spent_budget_stops_further_requests_and_says_so(ask):
    answers, server = ask(good_reply, images=4, at_once=1, price_in=1000.0, budget=1.5)
    assert [bool(answer.error) for answer in answers] == [False, False, True, True]
    assert "of 1.5; raise MLWORKER_OPENAI_BUDGET" in answers[2].error
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("URL", "", "MLWORKER_OPENAI_URL is missing"),
        ("URL", "ftp://x/v1", "MLWORKER_OPENAI_URL is missing or not understood"),
        ("URL", "https://name:word@x/v1", "without a name or password"),
        ("MODEL", "", "MLWORKER_OPENAI_MODEL is missing"),
        ("SCORE", "guess", "json or tokens is accepted"),
        ("SCORE", "tokens", "names 0 different tokens"),
        ("PRICES", "1", "MLWORKER_OPENAI_PRICES: a list of 2 numbers, zero or more, is accepted, not '1'"),
        ("PRICES", "1,nan", "zero or more"),
        ("AT_ONCE", "0", "a whole number from 1 on"),
        ("SECONDS", "soon", "a number, zero or more, is accepted, not 'soon'"),
        ("EXTRA", "[1]", "a JSON object is accepted"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch, name, value, words):
    monkeypatch.setenv("MLWORKER_OPENAI_URL", "https://example.org/v1")
    monkeypatch.setenv("MLWORKER_OPENAI_MODEL", "critic")
    assert openai_settings.read_settings().model == "critic"
    monkeypatch.setenv(f"MLWORKER_OPENAI_{name}", value)
    with pytest.raises(SettingWrong) as caught:
        openai_settings.read_settings()
    assert words in str(caught.value)
    assert "word@" not in str(caught.value)


def test_the_version_changes_with_what_shapes_the_answer_and_with_nothing_else():
    base = Settings("https://example.org/v1", "critic")
    version = OpenAI(base).version
    assert version.startswith("critic ")
    equivalents = (
        replace(base, key=KEY),
        replace(base, tries=9),
        replace(base, url="https://elsewhere.example.org/v1"),
    )
    assert {OpenAI(settings).version for settings in equivalents} == {version}
    changes = (replace(base, system="Be kind."), replace(base, model="other"), replace(base, extra={"seed": 1}))
    assert len({OpenAI(settings).version for settings in changes} | {version}) == 4


def test_without_settings_every_image_says_what_is_missing(save_image, monkeypatch):
    monkeypatch.delenv("MLWORKER_OPENAI_URL", raising=False)
    [answer] = results_for([request_for(save_image(scene()), "openai")])
    assert "MLWORKER_OPENAI_URL is missing" in answer.error
