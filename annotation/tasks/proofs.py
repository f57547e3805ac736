"""Messages of our own proved by SECRET_KEY, so that whoever can write to the queue cannot call a task of ours.

A model worker can write to it, and has neither the key nor the database. What it passes on (that it began a batch, what
it made, that it broke off) carries a proof that it was given with the batch: of the task, and of all arguments but the
first, which is the worker's own word.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from celery import Task, signature
from celery.canvas import Signature
from celery.worker.strategy import default
from django.core.signing import Signer
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)

PROOF, RELAY_PROOF = "proof", "relay_proof"
# Whom a message calls next. Celery reads them from the headers too, where the body has none.
FOLLOWERS = ("callbacks", "errbacks", "chain", "chord")


class ProvenTask(Task):  # type: ignore[misc]
    """A task that a worker begins only for a message with a proof."""

    abstract = True
    Strategy = "annotation.tasks.proofs:strategy_for"


def proof_of(*content: Any) -> str:
    """Return the proof of what a message says."""
    text: str = dumps(content, sort_keys=True)  # type: ignore[no-untyped-call, unused-ignore]
    return Signer(salt="annotation.tasks").signature(text)


def prove_message(sender: str, headers: dict[str, Any], body: Any, **_signal: Any) -> None:
    """Give a message of ours its proof, just before it is sent."""
    arguments, keywords, followers = body
    headers[PROOF] = proof_of(sender, list(arguments), keywords, followers)


def relayed(task: Task, *arguments: Any) -> Signature:
    """Return a call of our queue for a model worker to pass on, which puts its own word before the arguments."""
    proof = proof_of("relayed", task.name, list(arguments))
    return signature(task.s(*arguments)).set(queue="default", headers={RELAY_PROOF: proof})


def is_proven(task: str, headers: Mapping[str, Any], payload: Any) -> bool:
    """Tell whether a message is ours, or passes on what we asked to be passed on."""
    match payload:
        case [list(arguments), dict(keywords), dict(followers)] if not any(name in headers for name in FOLLOWERS):
            if headers.get(PROOF) == proof_of(task, arguments, keywords, followers):
                return True
            # Nothing may follow it but what the task itself does, or it could call any other one.
            plain = not keywords and not any(followers.values())
            return plain and headers.get(RELAY_PROOF) == proof_of("relayed", task, arguments[1:])
        case _:
            return False


def strategy_for(task: Task, app: Any, consumer: Any, **options: Any) -> Callable[..., Any]:
    """Return what a worker does with a message for a task: drop it, with a line in the log, or begin."""
    begin = default(task, app, consumer, **options)

    def begin_if_proven(message: Any, body: Any, ack: Any, reject: Any, *rest: Any, **more: Any) -> Any:
        if body is None and is_proven(task.name, message.headers, message.payload):
            return begin(message, body, ack, reject, *rest, **more)
        logger.error("a message for %s that nobody here has sent was dropped", task.name)
        return reject(logger, consumer.connection_errors, False)

    return begin_if_proven
