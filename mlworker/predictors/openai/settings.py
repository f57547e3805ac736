"""Which OpenAI-compatible server to ask, and how.

Everything but the key must be set for the application too: it shapes the answers, and so the model's version.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mlworker.contract import PredictorError
from mlworker.variables import Variables

SCORE_TOKENS = 101


class SettingWrong(PredictorError):
    """A setting of the server that is missing or cannot be used, by name."""


env = Variables(SettingWrong)


@dataclass(frozen=True)
class Settings:
    """The settings; times are in seconds, prices and the budget in US dollars."""

    url: str
    model: str
    key: str = field(default="", repr=False)  # Tracebacks and logs show settings.
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


def read_settings() -> Settings:
    """Return the settings; raises SettingWrong naming the variable and what is accepted."""
    score = env.choice("MLWORKER_OPENAI_SCORE", ("json", "tokens"), "json")
    price_in, price_out = env.numbers("MLWORKER_OPENAI_PRICES", "0,0")
    return Settings(
        url=server_address(),
        model=served_model(),
        key=env.text("MLWORKER_OPENAI_KEY"),
        score=score,
        # Only where they are used, as they are part of the version.
        token_ids=token_ids() if score == "tokens" else (),
        score_question=env.text("MLWORKER_OPENAI_SCORE_QUESTION"),
        system=env.text("MLWORKER_OPENAI_SYSTEM"),
        square=env.whole_number("MLWORKER_OPENAI_SQUARE", 0),
        extra=env.json_object("MLWORKER_OPENAI_EXTRA"),
        most_tokens=env.whole_number("MLWORKER_OPENAI_MAX_TOKENS", 4096, least=1),
        seconds=env.number("MLWORKER_OPENAI_SECONDS", 120.0) or 120.0,  # Zero would fail every request.
        tries=env.whole_number("MLWORKER_OPENAI_TRIES", 3, least=1),
        at_once=env.whole_number("MLWORKER_OPENAI_AT_ONCE", 8, least=1),
        per_minute=env.number("MLWORKER_OPENAI_PER_MINUTE", 0.0),
        price_in=price_in,
        price_out=price_out,
        budget=env.number("MLWORKER_OPENAI_BUDGET", 0.0),
    )


def server_address() -> str:
    """Return the address without its last slash; raises SettingWrong without the value, which may hold a password."""
    url = env.text("MLWORKER_OPENAI_URL")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise SettingWrong(
            "MLWORKER_OPENAI_URL is missing or not understood; an address such as https://HOST/v1 is accepted, "
            "without a name or password in it"
        )
    return url.rstrip("/")


def served_model() -> str:
    """Return the name the server serves the model under; raises SettingWrong."""
    model = env.text("MLWORKER_OPENAI_MODEL")
    if not model:
        raise SettingWrong("MLWORKER_OPENAI_MODEL is missing; the name of a model the server serves is accepted")
    return model


def token_ids() -> tuple[int, ...]:
    """Return the ids of the 101 score tokens, 0 to 100; raises SettingWrong."""
    ids = [int(part) if part.isdecimal() else None for part in env.texts("MLWORKER_OPENAI_TOKEN_IDS")]
    distinct_ids = set(ids) - {None}
    if len(distinct_ids) != SCORE_TOKENS or len(ids) != SCORE_TOKENS:
        raise SettingWrong(
            f"MLWORKER_OPENAI_TOKEN_IDS names {len(distinct_ids)} different tokens; {SCORE_TOKENS} ids, for the scores "
            "0 to 100 in order and with commas between them, are accepted"
        )
    return tuple(number for number in ids if number is not None)
