"""The one place that reads environment variables as values, for the web application, its commands and the workers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
LONGEST_QUOTE = 30  # Characters of a wrong value in an error; a password pasted by mistake is not shown whole.


@dataclass(frozen=True)
class Variables:
    """The environment. An empty variable counts as one that is not set; a wrong one raises `error` with one line.

    That is SystemExit where a program starts, and an error of the model's where one is asked.
    """

    error: Callable[[str], BaseException] = SystemExit

    def text(self, name: str, default: str = "") -> str:
        # Compose files pass on what is not set as an empty text.
        return os.environ.get(name) or default

    def texts(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Return texts that have commas between them."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()] or list(default)

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """Return one of the words accepted."""
        value = self.text(name, default)
        if value not in choices:
            raise self._refusal(name, f"{', '.join(choices[:-1])} or {choices[-1]}", value)
        return value

    def flag(self, name: str) -> bool:
        """Return whether something is on; it is off by default."""
        value = self.text(name, "off")
        if value.lower() not in FLAGS:
            raise self._refusal(name, "on or off", value)
        return FLAGS[value.lower()]

    def whole_number(self, name: str, default: int, least: int = 0) -> int:
        """Return a whole number, `least` or more."""
        value = self.text(name, str(default))
        if not value.strip().isdecimal() or int(value) < least:
            raise self._refusal(name, f"a whole number from {least} on", value)
        return int(value)

    def number(self, name: str, default: float) -> float:
        """Return a finite number, zero or more."""
        return self.numbers(name, str(default))[0]

    def numbers(self, name: str, default: str) -> list[float]:
        """Return finite numbers, zero or more, with commas between them: as many as by default."""
        value = self.text(name, default)
        try:
            numbers = [float(part) for part in value.split(",")]
        except ValueError:
            numbers = []
        n = default.count(",") + 1
        if len(numbers) != n or not all(0 <= number < float("inf") for number in numbers):
            expectation = "a number, zero or more," if n == 1 else f"a list of {n} numbers, zero or more,"
            raise self._refusal(name, expectation, value)
        return numbers

    def json_object(self, name: str) -> dict[str, Any]:
        """Return an object in JSON, empty by default."""
        value = self.text(name, "{}")
        try:
            content = json.loads(value)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise self._refusal(name, "a JSON object", value)
        return content

    def _refusal(self, name: str, expectation: str, value: str) -> BaseException:
        return self.error(f"{name}: {expectation} is accepted, not {value[:LONGEST_QUOTE]!r}")
