"""JSON to frozen dataclasses and back, at the edges: the database, the queue, `release.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")
ADAPTERS: dict[type, TypeAdapter[Any]] = {}  # Making one takes a while.


def to_json(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as JSON can carry them."""
    fields: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return fields


def from_json(kind: type[T], data: Mapping[str, Any]) -> T:
    """Return a dataclass by its fields; others are passed over. Raise ValueError naming the field that does not fit."""
    value: T = _adapter(kind).validate_python(data)
    return value


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in ADAPTERS:
        ADAPTERS[kind] = TypeAdapter(kind)
    return ADAPTERS[kind]
