"""All that crosses the wall between the application and the model worker.

A `PrefillRequest` goes in, a `Prefill` comes out; an `EmbedRequest` goes in, an `Embedding` comes out. All are plain
data that JSON can carry. The worker knows nothing else of the application: no database, no Django, no user.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from .texts import is_storable, make_storable

# Seconds for which a batch waits for a worker at most before it is sent again. Both sides hold to it: what a request
# refers to, such as a signed address, must stay good for so long.
LONGEST_PATIENCE = 3600


class PredictorError(Exception):
    """Why there is no result for an image; the text is shown on the run's page.

    `cost` is what the attempt cost nevertheless, in US dollars.
    """

    # With the error, since a refused answer of a paid server is billed like any other and counts in the budget.
    cost: float = 0.0


class TemporaryFailure(PredictorError):
    """A failure that may pass, such as a server that does not answer: the image is asked about again later.

    `retry_after` is how many seconds the other side asked us to wait, 0 where it said nothing.
    """

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutOfMemory(TemporaryFailure):
    """Images that did not fit into memory together; fewer at a time may."""


class ImageUnavailable(PredictorError):
    """An image that is gone, unreadable, or has another SHA-256 than asked for."""


class UnknownModel(PredictorError):
    """A name under which no predictor, or no embedder, is registered."""


@dataclass(frozen=True)
class AttributeQuestion:
    """One attribute the rubric asks about: its stable key and its English name."""

    key: str
    name: str


@dataclass(frozen=True)
class PrefillRequest:
    """What one predictor is asked about one image.

    `image` is a reference the worker can open: a path below its media root, or a signed address; `sha256` is the
    hash of the bytes behind it, checked before use.
    """

    kind: ClassVar[str] = "predictor"  # Not in the JSON: the task that carries a request says it.
    image: str
    sha256: str
    model: str
    attributes: tuple[AttributeQuestion, ...]

    def to_json(self) -> dict[str, Any]:
        return vars(self) | {"attributes": [vars(attribute) for attribute in self.attributes]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PrefillRequest:
        attributes = tuple(AttributeQuestion(**attribute) for attribute in data["attributes"])
        return cls(data["image"], data["sha256"], data["model"], attributes)

    def failure(self, version: str, error: PredictorError) -> Prefill:
        return Prefill.failure(self, version, error)


@dataclass(frozen=True)
class AttributePrefill:
    """A model's words on one attribute, and its score from 0 to 100 where the model gives one."""

    critique: str
    score: float | None = None


@dataclass(frozen=True)
class Prefill:
    """What one model version says of one image, or the reason why it says nothing.

    `score` is the overall score, 0 to 100. `distribution`, where the model gives it, has 101 probabilities for the
    whole scores 0..100. `seconds` is compute time, `cost` is in US dollars. `provenance` records what produced the
    result (library versions, device, hashes). `error` is empty unless the image failed; `temporary` says that it may
    succeed later, not sooner than in `retry_after` seconds.
    """

    image: str
    sha256: str
    model: str
    model_version: str
    score: float | None = None
    distribution: tuple[float, ...] | None = None
    attributes: dict[str, AttributePrefill] = field(default_factory=dict)
    seconds: float = 0.0
    cost: float = 0.0
    provenance: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    temporary: bool = False
    retry_after: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON-ready data; nothing is copied, as a batch holds thousands of numbers."""
        return vars(self) | {"attributes": {key: vars(prefill) for key, prefill in self.attributes.items()}}

    def kept(self) -> Prefill:
        """Return the result as every database keeps it; broken words or numbers set it aside, with what it cost."""
        prefill: Prefill = replace(self, **storable_fields(self))
        critiques = {f"the critique on {key}": part.critique for key, part in self.attributes.items()}
        broken = [make_storable(name) for name, text in critiques.items() if not is_storable(name + text)]
        if broken and not prefill.error:
            return replace(prefill, error=f"{broken[0]} holds a zero byte or half a character; text is accepted")
        scores = [self.score, *(part.score for part in self.attributes.values()), *(self.distribution or ())]
        if not prefill.error and not all(score is None or math.isfinite(score) for score in scores):
            return replace(prefill, error="a score is no number; finite numbers are accepted")
        return prefill

    @classmethod
    def failure(cls, request: PrefillRequest, version: str, error: PredictorError) -> Prefill:
        return cls(**failure_fields(request, version, error))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Prefill:
        fields = dict(data)
        fields["attributes"] = {key: AttributePrefill(**prefill) for key, prefill in data["attributes"].items()}
        if data.get("distribution") is not None:
            fields["distribution"] = tuple(data["distribution"])
        return cls(**fields)


@dataclass(frozen=True)
class EmbedRequest:
    """What one embedder is asked about one image; the fields mean what they mean in `PrefillRequest`."""

    kind: ClassVar[str] = "embedder"
    image: str
    sha256: str
    model: str

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> EmbedRequest:
        return cls(**data)

    def failure(self, version: str, error: PredictorError) -> Embedding:
        return Embedding(**failure_fields(self, version, error))


@dataclass(frozen=True)
class Embedding:
    """One embedder's embedding of one image, or the reason there is none.

    `vector` is of length one: little-endian float32 numbers in base64. The other fields mean what they mean in
    `Prefill`.
    """

    image: str
    sha256: str
    model: str
    model_version: str
    vector: str = ""
    seconds: float = 0.0
    cost: float = 0.0
    provenance: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    temporary: bool = False
    retry_after: float = 0.0

    def kept(self) -> Embedding:
        """Return the result as every database keeps it."""
        return replace(self, **storable_fields(self))

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Embedding:
        return cls(**data)


Request = PrefillRequest | EmbedRequest
Result = Prefill | Embedding


def storable_fields(result: Result) -> dict[str, Any]:
    """Return the fields of a result that a server's or a model's own words may break, mended."""
    return {
        "error": make_storable(result.error),
        "provenance": make_storable(result.provenance),
        "cost": result.cost if math.isfinite(result.cost) else 0.0,
        "seconds": result.seconds if math.isfinite(result.seconds) else 0.0,
    }


def failure_fields(request: Request, version: str, error: PredictorError) -> dict[str, Any]:
    """Return the fields of a result, a prefill or an embedding, that says why there is none."""
    return {
        "image": request.image,
        "sha256": request.sha256,
        "model": request.model,
        "model_version": version,
        "cost": error.cost,
        "error": make_storable(str(error)) or type(error).__name__,  # An empty text would read as success.
        "temporary": isinstance(error, TemporaryFailure),
        "retry_after": getattr(error, "retry_after", 0.0),
    }
