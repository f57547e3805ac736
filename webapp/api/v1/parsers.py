"""Read JSON bodies."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class ShallowJSONParser(JSONParser):
    """A parser that refuses JSON nested deeper than Python can follow, and numbers beyond all numbers."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        """Return what the body holds. Raise ParseError."""
        try:
            content: dict[str, Any] = super().parse(stream, media_type, parser_context)
            # 1e999 is read as infinity, which is no JSON and which no database keeps.
            json.dumps(content, allow_nan=False)
        except RecursionError as error:
            raise ParseError("JSON parse error - too deeply nested") from error
        except ValueError as error:
            raise ParseError("JSON parse error - a number is too large") from error
        return content
