"""Read from the environment which OpenAI-compatible server to ask, and how.

Everything but the key must be set for the application too: it shapes the answers, and so the model's version.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mlworker.contract import PredictorError

SCORE_TOKENS = 101


class SettingWrong(PredictorError):
    """Name a setting of the server that is missing or cannot be used."""


@dataclass(frozen=True)
class Settings:
    """Hold the settings; times are in seconds, prices and the budget in US dollars."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    score: str = "json"
    token_ids: tuple[int, ...] = ()
    score_question: str = ""
    system: str = ""
    square: int = 0
    extra: dict[str, Any] = field(default_factory=dict)
    most_tokens: int = 4096
    seconds: float = 120.0
    tries: int = 3
    first_wait: float = 1.0
    at_once: int = 8
    per_minute: float = 0.0
    price_in: float = 0.0
    price_out: float = 0.0
    budget: float = 0.0

    @property
    def host(self) -> str:
        """Return the server's host and port."""
        return urlsplit(self.url).netloc

    def shaping(self) -> dict[str, Any]:
        """Return the settings that shape answers, without any secret."""
        return {
            "model": self.model,
            "score": self.score,
            "token_ids": list(self.token_ids),
            "score_question": self.score_question,
            "system": self.system,
            "square": self.square,
            "extra": self.extra,
            "most_tokens": self.most_tokens,
        }


def read() -> Settings:
    """Return the settings; raises SettingWrong naming the variable and what is accepted."""
    url, model = os.environ.get("MLWORKER_OPENAI_URL", ""), os.environ.get("MLWORKER_OPENAI_MODEL", "")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise SettingWrong(
            "MLWORKER_OPENAI_URL is missing or not understood; an address such as https://HOST/v1 is accepted, "
            "without a name or password in it"
        )
    if not model:
        raise SettingWrong("MLWORKER_OPENAI_MODEL is missing; the name of a model the server serves is accepted")
    score = os.environ.get("MLWORKER_OPENAI_SCORE", "json")
    if score not in ("json", "tokens"):
        raise SettingWrong(f"MLWORKER_OPENAI_SCORE is {score!r}; json or tokens is accepted")
    prices = numbers("MLWORKER_OPENAI_PRICES", os.environ.get("MLWORKER_OPENAI_PRICES", "0,0"))
    if len(prices) != 2:
        raise SettingWrong("MLWORKER_OPENAI_PRICES: two numbers, for input and output, are accepted")
    return Settings(
        url=url.rstrip("/"),
        model=model,
        key=os.environ.get("MLWORKER_OPENAI_KEY", ""),
        score=score,
        token_ids=token_ids(os.environ.get("MLWORKER_OPENAI_TOKEN_IDS", ""), score),
        score_question=os.environ.get("MLWORKER_OPENAI_SCORE_QUESTION", ""),
        system=os.environ.get("MLWORKER_OPENAI_SYSTEM", ""),
        square=whole("MLWORKER_OPENAI_SQUARE", os.environ.get("MLWORKER_OPENAI_SQUARE", "0")),
        extra=an_object("MLWORKER_OPENAI_EXTRA", os.environ.get("MLWORKER_OPENAI_EXTRA", "{}")),
        most_tokens=whole("MLWORKER_OPENAI_MAX_TOKENS", os.environ.get("MLWORKER_OPENAI_MAX_TOKENS", "4096"), least=1),
        seconds=number("MLWORKER_OPENAI_SECONDS", os.environ.get("MLWORKER_OPENAI_SECONDS", "120")) or 120.0,
        tries=whole("MLWORKER_OPENAI_TRIES", os.environ.get("MLWORKER_OPENAI_TRIES", "3"), least=1),
        at_once=whole("MLWORKER_OPENAI_AT_ONCE", os.environ.get("MLWORKER_OPENAI_AT_ONCE", "8"), least=1),
        per_minute=number("MLWORKER_OPENAI_PER_MINUTE", os.environ.get("MLWORKER_OPENAI_PER_MINUTE", "0")),
        price_in=prices[0],
        price_out=prices[1],
        budget=number("MLWORKER_OPENAI_BUDGET", os.environ.get("MLWORKER_OPENAI_BUDGET", "0")),
    )


def token_ids(given: str, score: str) -> tuple[int, ...]:
    """Return the ids of the 101 score tokens, 0 to 100; raises SettingWrong unless there are so many, all different."""
    if score != "tokens":
        return ()
    ids = tuple(whole("MLWORKER_OPENAI_TOKEN_IDS", part) for part in given.split(",") if part.strip())
    if len(set(ids)) != SCORE_TOKENS or len(ids) != SCORE_TOKENS:
        raise SettingWrong(
            f"MLWORKER_OPENAI_TOKEN_IDS names {len(set(ids))} different tokens; {SCORE_TOKENS} ids, for the scores "
            "0 to 100 in order and with commas between them, are accepted"
        )
    return ids


def an_object(name: str, given: str) -> dict[str, Any]:
    """Return a setting that is a JSON object; raises SettingWrong."""
    try:
        value = json.loads(given)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise SettingWrong(f"{name} is no JSON object")
    return value


def whole(name: str, given: str, least: int = 0) -> int:
    """Return a setting that is a whole number, `least` or more; raises SettingWrong."""
    if not given.strip().isdecimal() or int(given) < least:
        raise SettingWrong(f"{name} holds {given[:30]!r}; a whole number from {least} on is accepted")
    return int(given)


def number(name: str, given: str) -> float:
    """Return a setting that is a number, zero or more; raises SettingWrong."""
    return numbers(name, given)[0]


def numbers(name: str, given: str) -> list[float]:
    """Return a setting of numbers with commas between them, each finite and zero or more; raises SettingWrong."""
    try:
        values = [float(part) for part in given.split(",")]
    except ValueError:
        values = [-1.0]
    if not all(0 <= value < float("inf") for value in values):
        raise SettingWrong(f"{name} holds {given[:30]!r}; numbers, zero or more, are accepted")
    return values
