"""Ask a model behind an OpenAI-compatible server: vLLM, SGLang, or a commercial vision API.

Two ways to score, and the settings choose: `json`, where the model writes one JSON object of scores and critiques that
must fit the rubric; and `tokens`, Token-As-Score through vLLM's `logprob_token_ids`, where the score is the expectation
over 101 tokens and every one of their log-probabilities must come back.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from mlworker import images
from mlworker.contract import AttributePrefill, AttributeQuestion, PredictorError, Prefill, PrefillRequest
from mlworker.predictors.base import Predictor, Reading
from mlworker.texts import make_storable

from . import chat as openai_chat
from . import settings as openai_settings
from .chat import ChatClient, Completion
from .judgement import PrefillRefused, read_critique, read_judgement, schema_for
from .settings import Settings

INSTRUCTION = (
    "You are an experienced critic of visual art. Judge the aesthetic quality of the image.\n"
    "For each attribute write a critique of two to five sentences about this very image, and give a score from 0 to "
    "100; then give an overall score from 0 to 100. Use the whole range: 0 is worthless, 50 ordinary, 100 a "
    "masterpiece.\nThe attributes are:\n"
)
SCORE_QUESTION = "Rate the aesthetic quality of the image from 0 to 100."
CRITIQUE_QUESTION = "Please evaluate the aesthetic quality of this image from the aspect of {name}."
# What an answer of a shape that nobody thought of may raise: it costs its own image, not the batch.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
LONGEST_SIDE = 1024  # Pixels; servers bring larger images down themselves, and all that is sent takes time.


class Version:
    """The predictor's version: the model served, and a hash of all settings that shape its answers."""

    def __get__(self, instance: OpenAI | None, owner: type) -> str:
        """Return the version; raises SettingWrong naming what is not set."""
        settings = openai_settings.read_settings() if instance is None else instance.settings
        wording = [INSTRUCTION, SCORE_QUESTION, CRITIQUE_QUESTION, LONGEST_SIDE]
        shaping_json = json.dumps([settings.shaping(), *wording], sort_keys=True)
        return f"{settings.model[:80]} {hashlib.sha256(shaping_json.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Completions:
    """What the model said: the completion that scores, and, in the way of tokens, one a critique."""

    score: Completion
    critiques: tuple[Completion, ...] = ()

    @property
    def all(self) -> tuple[Completion, ...]:
        return (self.score, *self.critiques)


class OpenAI(Predictor[list[dict[str, Any]], Completions]):
    """A model behind a chat-completions route."""

    name = "openai"
    version = Version()
    description = "A vision-language model behind an OpenAI-compatible server that the settings name."

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or openai_settings.read_settings()

    @cached_property
    def client(self) -> ChatClient:
        """Return the client, which keeps the pace and counts the cost of this process."""
        return ChatClient(self.settings)

    def predict_many(self, images: Sequence[tuple[PrefillRequest, Path]]) -> list[Prefill]:
        """Return one prefill an image, in order, asking about several at once."""
        with ThreadPoolExecutor(self.settings.at_once) as pool:
            return list(pool.map(lambda pair: self._attempt(*pair), images))

    def prepare(self, request: PrefillRequest, path: Path) -> list[dict[str, Any]]:
        """Return the requests to make: one for a JSON answer, else one for the score and one a critique."""
        image = {"type": "image_url", "image_url": {"url": openai_chat.data_url(self._reduced_image(path))}}
        if self.settings.score == "json":
            schema = {"name": "judgement", "strict": True, "schema": schema_for(request.attributes)}
            names = "\n".join(f"- {question.key}: {question.name}" for question in request.attributes)
            body = {"response_format": {"type": "json_schema", "json_schema": schema}}
            return [self._body(image, INSTRUCTION + names, self.settings.most_tokens) | body]
        tokens = {
            "logprobs": True,
            "logprob_token_ids": list(self.settings.token_ids),
            "return_tokens_as_token_ids": True,
        }
        question = self.settings.score_question or SCORE_QUESTION
        critiques = [
            self._body(image, CRITIQUE_QUESTION.format(name=question.name), self.settings.most_tokens)
            for question in request.attributes
        ]
        return [self._body(image, question, 1) | tokens, *critiques]

    def infer(self, model_input: list[dict[str, Any]]) -> Completions:
        """Return the model's completions; raises PredictorError with what was spent so far."""
        completions: list[Completion] = []
        try:
            for body in model_input:
                completions.append(self.client.complete(body))  # noqa: PERF401  what was made is needed when one fails
        except PredictorError as error:
            error.cost += sum(completion.cost for completion in completions)
            raise
        return Completions(completions[0], tuple(completions[1:]))

    def read(self, request: PrefillRequest, model_output: Completions) -> Reading:
        """Return scores and critiques; raises PrefillRefused where they do not fit the rubric."""
        cost = math.fsum(completion.cost for completion in model_output.all)
        try:
            if self.settings.score == "json":
                score, attributes = read_judgement(model_output.score.text(), request.attributes)
                distribution = None
            else:
                distribution = distribution_of(model_output.score, self.settings.token_ids)
                score = math.fsum(point * p for point, p in enumerate(distribution))
                attributes = critiques_of(model_output.critiques, request.attributes)
        except PredictorError as error:
            error.cost = cost  # Refused or not, the server has counted its tokens.
            raise
        except UNREADABLE as error:
            refusal = PrefillRefused(f"the model's answer cannot be read: {type(error).__name__}")
            refusal.cost = cost
            raise refusal from error
        return Reading(score, distribution, attributes, self._provenance(model_output), cost)

    def _reduced_image(self, path: Path) -> Image.Image:
        if not self.settings.square:
            return images.decode(path, LONGEST_SIDE)
        # As InternVL's authors do it: no upright turning, no compositing, aspect not kept.
        return images.decode_as_stored(path, self.settings.square)

    def _body(self, image: dict[str, Any], text: str, most_tokens: int) -> dict[str, Any]:
        messages: list[dict[str, Any]] = []
        if self.settings.system:
            messages.append({"role": "system", "content": self.settings.system})
        messages.append({"role": "user", "content": [image, {"type": "text", "text": text}]})
        # At temperature 0, so that a model version says the same of an image as often as it is asked.
        body = {"model": self.settings.model, "messages": messages, "temperature": 0, "max_tokens": most_tokens}
        return body | self.settings.extra

    def _provenance(self, model_output: Completions) -> dict[str, Any]:
        """Return what produced the answer; the key and the server's full address are no part of it."""
        provenance: dict[str, Any] = make_storable(self._facts(model_output))
        return provenance

    def _facts(self, model_output: Completions) -> dict[str, Any]:
        data = model_output.score.data
        return {
            "server": self.settings.host,
            "served_model": str(data.get("model", ""))[:200],
            "system_fingerprint": str(data.get("system_fingerprint") or "")[:200],
            "scored_by": self.settings.score,
            "settings": self.settings.shaping(),
            "tokens": {
                name: sum(completion.tokens(name) for completion in model_output.all)
                for name in ("prompt_tokens", "completion_tokens")
            },
            "tries": sum(completion.tries for completion in model_output.all),
        }


def critiques_of(
    completions: Sequence[Completion], attributes: Sequence[AttributeQuestion]
) -> dict[str, AttributePrefill]:
    """Return the critiques in plain words, without scores, which this way does not give."""
    return {
        question.key: AttributePrefill(read_critique(completion.text(), question.key))
        for question, completion in zip(attributes, completions, strict=True)
    }


def distribution_of(completion: Completion, token_ids: Sequence[int]) -> tuple[float, ...]:
    """Return the probabilities of the scores 0 to 100: the softmax over the log-probabilities of their tokens.

    The normaliser of the whole vocabulary cancels, so this equals the softmax over the 101 logits. Raises
    PrefillRefused unless every one of the 101 values came back.
    """
    logprobs = openai_chat.logprobs(completion)
    values = [logprobs.get(token) for token in token_ids]
    finite_values = [value for value in values if value is not None and math.isfinite(value)]
    if len(finite_values) != len(token_ids):
        raise PrefillRefused(
            f"{len(finite_values)} of {len(token_ids)} score tokens came back with a log-probability; all are needed: "
            "does the server know logprob_token_ids (vLLM of mid-2026 or later)?"
        )
    highest = max(finite_values)  # Taken off, lest every exponential underflow.
    weights = [math.exp(value - highest) for value in finite_values]
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)
