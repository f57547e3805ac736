"""Ask a predictor for its answer from the command line, without the web application: `python -m mlworker score`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from mlworker import pictures, registry
from mlworker.attributes import ATTRIBUTES
from mlworker.contract import AttributeQuestion, PredictorError, Prefill, PrefillRequest
from mlworker.predictors.base import Predictor

NAMES = {attribute.key: attribute.name for attribute in ATTRIBUTES}


def main(arguments: list[str] | None = None) -> int:
    """Score the pictures named on the command line; return 0, or 1 if not one of them could be scored."""
    options = parse(arguments)
    questions = () if options.no_critiques else ATTRIBUTES
    try:
        predictor = named(options.model, options.max_new_tokens)
    except PredictorError as error:
        sys.stderr.write(f"model {options.model!r} cannot be used: {error}\n")
        return 1
    scored = [report(predictor, image, questions, as_json=options.json) for image in options.images]
    return 0 if any(scored) else 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line; leaves with status 2 on wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m mlworker", description="Run a predictor on pictures.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("score", help="print scores and critiques of pictures")
    about = "; ".join(f"{name}: {registry.description_of(name)}" for name in registry.names())
    command.add_argument(
        "--model", required=True, type=model_named, help=f"{about}; or the folder of an ArtiMuse model"
    )
    command.add_argument(
        "--max-new-tokens", type=int, metavar="N", help="longest critique of an ArtiMuse model, in tokens"
    )
    command.add_argument("--no-critiques", action="store_true", help="the score only")
    command.add_argument("--json", action="store_true", help="print one JSON object a line")
    command.add_argument("images", nargs="+", metavar="IMAGE", help="path of a picture")
    return parser.parse_args(arguments)


def model_named(text: str) -> str:
    """Return the name of a predictor or the path of a folder; anything else is wrong usage."""
    if text in registry.names() or Path(text).is_dir():
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is unknown; accepted: {', '.join(registry.names())}, or a folder")


def named(model: str, most_new_tokens: int | None) -> Predictor[Any, Any]:
    """Return the predictor of that name, or one for the checkpoint in that folder; raises PredictorError."""
    if model in registry.names() and model != "artimuse":
        return registry.load(model)
    folder = None if model == "artimuse" else Path(model)
    limit = {} if most_new_tokens is None else {"most_new_tokens": most_new_tokens}
    return registry.predictor_class("artimuse")(folder, **limit)  # type: ignore[call-arg]


def report(
    predictor: Predictor[Any, Any], image: str, questions: tuple[AttributeQuestion, ...], *, as_json: bool
) -> bool:
    """Print the answer for one picture, or why there is none; return whether there is one."""
    try:
        prefill = answer(predictor, Path(image), questions)
    except PredictorError as error:
        sys.stderr.write(f"{printable(image)}: {error}\n")
        if as_json:
            sys.stdout.write(json.dumps({"image": image, "error": str(error)}) + "\n")
        return False
    text = json.dumps(as_object(image, prefill)) if as_json else as_text(image, prefill)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    return True


def answer(predictor: Predictor[Any, Any], path: Path, questions: tuple[AttributeQuestion, ...]) -> Prefill:
    """Return the predictor's answer for a file; raises PredictorError."""
    request = PrefillRequest(str(path), pictures.sha256_of(path), predictor.name, questions)
    return predictor.predict(request, path)


def as_object(image: str, prefill: Prefill) -> dict[str, Any]:
    """Return the answer as the object that one line of `--json` holds; attributes go by their names."""
    return {
        "image": image,
        "sha256": prefill.sha256,
        "score": prefill.score,
        "distribution": prefill.distribution,
        "critiques": {NAMES[key]: proposal.critique for key, proposal in prefill.attributes.items()},
        "scores": {NAMES[key]: proposal.score for key, proposal in prefill.attributes.items()},
        "model": prefill.model,
        "model_version": prefill.model_version,
        "dtype": prefill.provenance.get("dtype"),
        "seconds": round(prefill.seconds, 6),
    }


def as_text(image: str, prefill: Prefill) -> str:
    """Return the answer as a few lines for people."""
    overall = "no overall score" if prefill.score is None else f"{prefill.score:.1f} of 100"
    lines = [f"{printable(image)}: {overall} ({prefill.model} {prefill.model_version}, {prefill.seconds:.2f} s)"]
    for key, proposal in prefill.attributes.items():
        score = "" if proposal.score is None else f" {proposal.score:.1f}"
        lines += [f"  {NAMES[key]}{score}", f"    {proposal.critique}"]
    return "\n".join(lines)


def printable(name: str) -> str:
    """Return a file's name so that any terminal can print it."""
    encoding = sys.stdout.encoding or "ascii"
    return name.encode(encoding, "backslashreplace").decode(encoding)


if __name__ == "__main__":
    sys.exit(main())
