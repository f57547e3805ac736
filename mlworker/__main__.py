"""The worker's commands, which need no web application: `python -m mlworker score`, `fetch` and `health`."""

from __future__ import annotations

import argparse
import json
import sys

from mlworker.predictors.artimuse.source import ACCEPTED_NAMES, CheckpointSource

from . import registry
from .contract import PredictorError
from .score import score


def main(arguments: list[str] | None = None) -> int:
    """Run the command named; return its exit status."""
    options = parse(arguments)
    if options.command == "fetch":
        return fetch(options.checkpoint)
    if options.command == "health":
        return print_health(options.seconds, as_json=options.json)
    return score(
        options.model,
        options.images,
        critiques=not options.no_critiques,
        most_new_tokens=options.max_new_tokens,
        as_json=options.json,
    )


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line; leaves with status 2 on wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m mlworker", description="Run predictors and look after workers.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    command = commands.add_parser("score", help="print scores and critiques of images")
    # From the registry, which names models without loading any: --help takes no torch.
    about = "; ".join(f"{name}: {registry.description_of(name)}" for name in registry.names())
    command.add_argument("--model", required=True, type=model_argument, help=f"{about}; or {ACCEPTED_NAMES}")
    command.add_argument(
        "--max-new-tokens", type=positive_number, metavar="N", help="longest critique of an ArtiMuse model, in tokens"
    )
    command.add_argument("--no-critiques", action="store_true", help="the score only")
    command.add_argument("--json", action="store_true", help="print one JSON object a line")
    command.add_argument("images", nargs="+", metavar="IMAGE", help="path of an image")
    command = commands.add_parser("fetch", help="fetch an ArtiMuse model from the Hugging Face Hub")
    command.add_argument("checkpoint", type=source_argument, metavar="OWNER/NAME[@REVISION]", help=ACCEPTED_NAMES)
    command = commands.add_parser("health", help="tell the loaded models, their device, and the free memory")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--seconds", type=float, default=3.0, help="how long to wait for workers' answers")
    return parser.parse_args(arguments)


def model_argument(text: str) -> str:
    """Return the name of a predictor or of a checkpoint; anything else is wrong usage."""
    if text not in registry.names():
        try:
            CheckpointSource.from_text(text)
        except PredictorError as error:
            raise argparse.ArgumentTypeError(f"{error}; or one of {', '.join(registry.names())}") from error
    return text


def source_argument(text: str) -> CheckpointSource:
    """Return the checkpoint a text names; anything else is wrong usage."""
    try:
        return CheckpointSource.from_text(text)
    except PredictorError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def positive_number(text: str) -> int:
    """Return a whole number above zero; anything else is wrong usage."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number above zero is accepted")
    return int(text)


def fetch(source: CheckpointSource) -> int:
    """Fetch a checkpoint and print its version and folder; return 1 where it cannot be had."""
    try:
        folder = source.fetch()
    except PredictorError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{source.version}\n{folder}\n")
    return 0


def print_health(seconds: float, *, as_json: bool) -> int:
    """Print what the workers say of themselves, and this machine; return 1 when no worker answers."""
    from .queue import health  # noqa: PLC0415  Celery's control, which only this command needs

    workers, problem = health.ask_workers(seconds)
    facts = {"workers": workers, "machine": health.machine_facts(), "error": problem}
    sys.stdout.write((json.dumps(facts) if as_json else health.health_as_text(facts)) + "\n")
    return 0 if workers else 1


if __name__ == "__main__":
    sys.exit(main())
