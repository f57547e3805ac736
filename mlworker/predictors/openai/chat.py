"""One chat completion: in time, at the agreed pace, within the budget, what may pass tried again.

The key goes into one header and nowhere else: not into errors, logs or what is stored.
"""

from __future__ import annotations

import base64
import io
import json
import random
import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from PIL import Image

from mlworker.contract import PredictorError, TemporaryFailure
from mlworker.http import Reply, TooLarge, exchange

from .settings import Settings

MOST_BYTES = 8 * 1024 * 1024  # Eight critiques have some ten thousand; a server gone wrong may send without end.
# Seconds: the longest wait between tries, and the longest a server may ask for before the image is put off instead.
LONGEST_WAIT = 30.0
TOKEN = re.compile(r"token_id:([0-9]{1,9})")
MOST_TOKENS = 10**9  # A count beyond it is no count, and could spend a budget at once.


class ServerRefused(PredictorError):
    """A request that the server will not answer, whoever asks again."""


class BudgetSpent(PredictorError):
    """This worker has spent what it may."""


@dataclass(frozen=True)
class Completion:
    """What the server answered, what it cost in US dollars, and after how many tries."""

    data: dict[str, Any]
    cost: float
    tries: int

    def tokens(self, name: str) -> int:
        """Return a count of tokens from the server's own report, 0 where it makes none."""
        return token_count(self.data, name)

    def text(self) -> str:
        """Return the text of the whole answer; raises ServerRefused for a refusal, a cut answer or none."""
        choice = first_choice(self.data)
        message = choice.get("message")
        message = message if isinstance(message, dict) else {}
        if message.get("refusal"):
            raise ServerRefused(f"the model refuses: {str(message['refusal'])[:200]}")
        if choice.get("finish_reason") == "length":
            raise ServerRefused("the model's answer was cut at its longest; see MLWORKER_OPENAI_MAX_TOKENS")
        if not isinstance(message.get("content"), str):
            raise ServerRefused("the server answered without any text")
        return str(message["content"])


class ChatClient:
    """The way to one server; the pace and the budget are those of this process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.spent = 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def complete(self, body: dict[str, Any]) -> Completion:
        """Return the completion of a request body.

        Raises TemporaryFailure when the last try failed by what may pass, ServerRefused and BudgetSpent otherwise.
        """
        body_bytes = json.dumps(body).encode()
        for tries in range(1, self.settings.tries + 1):
            try:
                data = self._send_request(body_bytes)
            except TemporaryFailure as failure:
                wait = self._seconds_before_retry(tries, failure.retry_after)
                # A long wait is the queue's: asleep here, the worker would hold up every other image.
                if tries == self.settings.tries or wait > LONGEST_WAIT:
                    raise
                time.sleep(wait)
                continue
            return Completion(data, self._charge(data), tries)
        raise AssertionError("there is at least one try")

    def _send_request(self, body_bytes: bytes) -> dict[str, Any]:
        self._keep_pace()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.settings.key:
            headers["Authorization"] = f"Bearer {self.settings.key}"
        buffer = io.BytesIO()
        url, seconds = f"{self.settings.url}/chat/completions", self.settings.seconds
        try:
            reply = exchange("POST", url, buffer, limit=MOST_BYTES, seconds=seconds, headers=headers, body=body_bytes)
        except TooLarge as error:
            raise ServerRefused(str(error)) from error
        if reply.status != 200:
            raise self._refusal(reply, buffer.getvalue())
        try:
            data = json.loads(buffer.getvalue())
        except (ValueError, RecursionError) as error:
            # Mostly a gateway's page while the server behind it starts anew.
            raise TemporaryFailure(f"{self.settings.host} answers what is no JSON") from error
        if not isinstance(data, dict):
            raise TemporaryFailure(f"{self.settings.host} answers JSON that is no object")
        return data

    def _refusal(self, reply: Reply, body: bytes) -> PredictorError:
        """Return the error for a status, with what the server says of it unless that may be about our key."""
        if reply.status in (401, 403):
            return ServerRefused(f"{self.settings.host} answers {reply.status}: check MLWORKER_OPENAI_KEY")
        words = " ".join(body[:400].decode(errors="replace").split())[:200]
        # Some servers quote the key they refuse.
        if self.settings.key:
            words = words.replace(self.settings.key, "…")
        text = f"{self.settings.host} answers {reply.status}: {words}"
        return TemporaryFailure(text, reply.retry_after) if reply.may_pass else ServerRefused(text)

    def _seconds_before_retry(self, tries: int, retry_after: float) -> float:
        """Return how many seconds to wait: what the server asks for, else doubling with jitter."""
        if retry_after:
            return retry_after + random.uniform(0, self.settings.first_wait)
        seconds: float = self.settings.first_wait * 2 ** (tries - 1)
        # With jitter, lest all that failed in one moment come back in one moment.
        return min(seconds, LONGEST_WAIT) * random.uniform(0.5, 1.0)

    def _keep_pace(self) -> None:
        """Wait for this request's turn; raises BudgetSpent."""
        with self._lock:
            if self.settings.budget and self.spent >= self.settings.budget:
                raise BudgetSpent(
                    f"this worker has spent {self.spent:.4f} US dollars of {self.settings.budget:g}; raise "
                    "MLWORKER_OPENAI_BUDGET or start it anew, and resume the run"
                )
            # A turn is taken under the lock and waited for outside it, so that others can line up meanwhile.
            now = time.monotonic()
            turn = max(now, self._next)
            if self.settings.per_minute:
                self._next = turn + 60 / self.settings.per_minute
        time.sleep(turn - now)

    def _charge(self, data: dict[str, Any]) -> float:
        """Count and return the cost of a completion, from the tokens the server reports and the prices that are set."""
        cost = (
            token_count(data, "prompt_tokens") * self.settings.price_in
            + token_count(data, "completion_tokens") * self.settings.price_out
        ) / 1e6
        with self._lock:
            self.spent += cost
        return cost


def token_count(data: dict[str, Any], name: str) -> int:
    """Return a count from the server's report of tokens, 0 where there is none."""
    report = data.get("usage")
    count = report.get(name) if isinstance(report, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and 0 < count <= MOST_TOKENS else 0


def first_choice(data: dict[str, Any]) -> dict[str, Any]:
    """Return the first choice, as we ask for one only; raises ServerRefused when there is none."""
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ServerRefused("the server answered without a choice")
    return choices[0]


def logprobs(completion: Completion) -> dict[int, float]:
    """Return the log-probabilities at the first position, by token id; those that cannot be read are left out."""
    report = first_choice(completion.data).get("logprobs")
    content = report.get("content") if isinstance(report, dict) else None
    position = content[0] if isinstance(content, list) and content and isinstance(content[0], dict) else {}
    logprob_by_id = {}
    entries = position.get("top_logprobs")
    for entry in entries if isinstance(entries, list) else []:
        token, value = (entry.get("token"), entry.get("logprob")) if isinstance(entry, dict) else (None, None)
        match = TOKEN.fullmatch(token) if isinstance(token, str) else None
        # A whole number may be longer than any float.
        if match and isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST_TOKENS:
            logprob_by_id[int(match[1])] = float(value)
    return logprob_by_id


def data_url(image: Image.Image) -> str:
    """Return an image as a PNG in an address of its own, so that no server needs to fetch anything."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")  # Without loss: a second JPEG would change what is judged.
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
