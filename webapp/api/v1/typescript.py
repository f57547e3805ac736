"""The types of the browser's code, written from the API's JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .schemas import json_schema

FILE = Path(__file__).with_name("types.d.ts")
HEAD = "// Written by `manage.py write_api_types` from webapp/api/v1/schemas.py; a test holds it to that.\n"
NAMES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def types() -> str:
    """Return the declarations of all that the API takes and answers, in the namespace `Api`."""
    definitions = json_schema()["$defs"]
    # Sorted, so that the file changes only where a type does.
    interfaces = "\n".join(_interface(name, definitions[name]) for name in sorted(definitions))
    return f"{HEAD}declare namespace Api {{\n{interfaces}}}\n"


def _interface(name: str, definition: Mapping[str, Any]) -> str:
    required_keys = definition.get("required", ())
    fields = (
        f"    {key}{'' if key in required_keys else '?'}: {_type(schema)};\n"
        for key, schema in definition.get("properties", {}).items()
    )
    note = definition.get("description", "").split("\n\n")[0].replace("\n", " ")
    return f"  /** {note} */\n  interface {name} {{\n{''.join(fields)}  }}\n"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        # Whole numbers and fractions are one type in JavaScript; a dict drops the second and keeps the order.
        return " | ".join(dict.fromkeys(map(_type, schema["anyOf"])))
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    if schema.get("type") == "array":
        inner = _type(schema.get("items", {}))
        # Without brackets "a | b[]" would be an "a", or a list of "b".
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'any'}>"
    return NAMES.get(schema.get("type", ""), "any")
