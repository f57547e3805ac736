"""A predictor asked about files, for `python -m mlworker score`: one line of JSON, or a few for people, an image."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from mlworker.predictors.artimuse.source import CheckpointSource
from mlworker.predictors.base import Model

from . import registry
from .attributes import ATTRIBUTES
from .contract import AttributeQuestion, PredictorError, Prefill, PrefillRequest
from .images import sha256_of

NAMES = {attribute.key: attribute.name for attribute in ATTRIBUTES}
Questions = tuple[AttributeQuestion, ...]


def score(model: str, images: Sequence[str], *, critiques: bool, most_new_tokens: int | None, as_json: bool) -> int:
    """Print the prefills of images, in order; return 0, or 1 if not one of them has any."""
    try:
        predictor = predictor_for(model, most_new_tokens)
        predictor.load()  # Before the first image: a model that cannot be read is the same reason for all.
    except PredictorError as error:
        prefills: Iterable[tuple[str, Prefill | PredictorError]] = [(image, error) for image in images]
    else:
        prefills = predict_images(predictor, images, ATTRIBUTES if critiques else ())
    successes = [print_result(model, image, prefill, as_json=as_json) for image, prefill in prefills]
    return 0 if any(successes) else 1


def predictor_for(model: str, most_new_tokens: int | None) -> Model[Any, Any]:
    """Return the predictor of that name, or one for the checkpoint so named; raises PredictorError."""
    # `artimuse` is built below, since it alone takes a limit of tokens.
    if model in registry.names() and model != "artimuse":
        return registry.load(model)
    source = None if model == "artimuse" else CheckpointSource.from_text(model)
    limit = {} if most_new_tokens is None else {"most_new_tokens": most_new_tokens}
    return registry.predictor_class("artimuse")(source, **limit)  # type: ignore[call-arg]


def predict_images(
    predictor: Model[Any, Any], images: Sequence[str], questions: Questions
) -> Iterator[tuple[str, Prefill | PredictorError]]:
    """Yield each image with its prefill, or with why there is none; as many are asked about at once as fit."""
    remaining = iter(images)
    while batch := list(islice(remaining, predictor.at_once)):
        errors: dict[int, PredictorError] = {}
        requests: dict[int, tuple[PrefillRequest, Path]] = {}
        for number, image in enumerate(batch):
            try:
                requests[number] = request_for(predictor, Path(image), questions)
            except PredictorError as error:
                errors[number] = error
        prefills = dict(zip(requests, predictor.predict_many(list(requests.values())), strict=True))
        yield from ((image, errors.get(number) or prefills[number]) for number, image in enumerate(batch))


def request_for(predictor: Model[Any, Any], path: Path, questions: Questions) -> tuple[PrefillRequest, Path]:
    """Return what to ask about a file; raises ImageUnavailable."""
    return PrefillRequest(str(path), sha256_of(path), predictor.name, questions), path


def print_result(model: str, image: str, prefill: Prefill | PredictorError, *, as_json: bool) -> bool:
    """Print the prefill of one image, or why there is none; return whether there is one."""
    error = prefill.error if isinstance(prefill, Prefill) else str(prefill)
    if error:
        sys.stderr.write(f"{printable_name(image)}: {error}\n")
        text = json.dumps({"image": image, "error": error}) if as_json else ""
    else:
        assert isinstance(prefill, Prefill)
        text = json.dumps(prefill_as_object(model, image, prefill)) if as_json else prefill_as_text(image, prefill)
    if text:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()  # Whoever reads a pipe sees each image when it is done.
    return not error


def prefill_as_object(model: str, image: str, prefill: Prefill) -> dict[str, Any]:
    """Return the prefill as the object that one line of `--json` holds; attributes go by their names."""
    return {
        "image": image,
        "sha256": prefill.sha256,
        "score": prefill.score,
        "distribution": prefill.distribution,
        "critiques": {NAMES[key]: judgement.critique for key, judgement in prefill.attributes.items()},
        "model": model,
        "dtype": prefill.provenance.get("dtype"),
        "seconds": round(prefill.seconds, 6),
    }


def prefill_as_text(image: str, prefill: Prefill) -> str:
    """Return the prefill as a few lines for people."""
    overall = "no overall score" if prefill.score is None else f"{prefill.score:.1f} of 100"
    lines = [f"{printable_name(image)}: {overall} ({prefill.model} {prefill.model_version}, {prefill.seconds:.2f} s)"]
    for key, judgement in prefill.attributes.items():
        score = "" if judgement.score is None else f" {judgement.score:.1f}"
        lines += [f"  {NAMES[key]}{score}", f"    {judgement.critique}"]
    return "\n".join(lines)


def printable_name(name: str) -> str:
    """Return a file's name so that any terminal can print it."""
    encoding = sys.stdout.encoding or "ascii"
    return name.encode(encoding, "backslashreplace").decode(encoding)
