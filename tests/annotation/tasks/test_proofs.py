"""A worker begins only what this installation sent, and what it asked to be passed on."""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery
from kombu.utils.json import dumps, loads

from annotation.tasks.proofs import FOLLOWERS, PROOF, RELAY_PROOF, is_proven, prove_message, relayed
from annotation.tasks.runs import store_batch

STORE = "annotation.store_batch"
NOTHING_FOLLOWS: dict[str, Any] = dict.fromkeys(FOLLOWERS)


def sent(*arguments: Any) -> tuple[dict[str, Any], list[Any]]:
    """Return headers and body of a message of ours, as they arrive."""
    headers: dict[str, Any] = {}
    body: Any = (arguments, {}, NOTHING_FOLLOWS)
    prove_message("annotation.publish_release", headers, body)
    return headers, loads(dumps(body))


def passed_on(results: list[Any], **changes: Any) -> tuple[dict[str, Any], list[Any]]:
    """Return headers and body of what a model worker makes of the call it was given for batch 7."""
    call = loads(dumps(relayed(store_batch, "7")))
    headers = call["options"]["headers"] | changes.pop("headers", {})
    batch = changes.pop("batch", call["args"][0])
    return headers, [[results, batch], {}, NOTHING_FOLLOWS | changes]


def test_what_we_send_is_begun():
    headers, body = sent(3, "1.0.0", None, {"tiers": ["core"]})
    assert is_proven("annotation.publish_release", headers, body)


@pytest.mark.parametrize("name", ["annotation.help_release", "celery.starmap"])
def test_our_proof_is_good_for_that_task_alone(name: str):
    assert not is_proven(name, *sent(3, "1.0.0"))


def test_our_proof_is_good_for_those_arguments_alone():
    headers, body = sent(3, "1.0.0")
    body[0][1] = "2.0.0"
    assert not is_proven("annotation.publish_release", headers, body)


def test_a_worker_passes_on_its_results_for_the_batch_it_was_given():
    assert is_proven(STORE, *passed_on([{"score": 70}]))


follow_up = {"task": "annotation.publish_release", "args": [1, "1.0.0"]}


@pytest.mark.parametrize(
    "forged",
    [
        {"batch": "8"},
        {"callbacks": [follow_up]},
        {"errbacks": [follow_up]},
        {"chain": [follow_up]},
        {"headers": {"callbacks": [follow_up]}},
        {"headers": {"errbacks": [follow_up]}},
        {"headers": {RELAY_PROOF: "guess"}},
    ],
    ids=str,
)
def test_a_worker_can_call_nothing_else(forged: dict[str, Any]):
    assert not is_proven(STORE, *passed_on([], **forged))


@pytest.mark.parametrize(
    "body", [None, [], {}, [[1], {}], {"args": [1], "kwargs": {}}, [1, 2, 3], [[], {}, []]], ids=str
)
def test_what_is_no_message_of_a_task_is_not_begun(body: Any):
    assert not is_proven(STORE, {PROOF: "guess"}, body)


def test_each_task_of_the_application_asks_for_the_proof():
    from webapp.celery import app  # noqa: PLC0415

    app.finalize()
    assert {task.Strategy for task in app.tasks.values()} == {"annotation.tasks.proofs:strategy_for"}
    assert isinstance(app, Celery)
