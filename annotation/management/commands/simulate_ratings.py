"""Draw ratings with known truth and write them as CSV."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.agreement.study.simulate import SCALES, Plan, simulate

NUMBERS = {
    "units": "units, such as images",
    "raters": "raters",
    "k": "raters a unit",
    "unit_sd": "standard deviation between units, in points",
    "rater_sd": "standard deviation of severity",
    "interaction_sd": "standard deviation of a rater's taste for a unit",
    "noise_sd": "standard deviation of what no repeat shares",
    "mean": "mean score",
    "repeats": "share of ratings given a second time, blind",
    "anchoring": "share of the way toward the model where it is shown",
    "model_sd": "standard deviation of the model's own error",
    "panels": "parts of the design that share neither units nor raters",
    "categories": "categories of units, and of nominal answers",
    "slip": "share of nominal answers drawn at random",
}
BY_RATER = {
    "severity": "points a rater subtracts",
    "noise_of": "a rater's own noise",
    "drift_of": "a rater's drift, in points per 100 ratings",
    "anchoring_of": "a rater's own anchoring",
}


class Command(BaseCommand):
    help = (
        "Draw ratings from known components, severities, drift, repeats, arms and anchoring; write a CSV row a rating."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same ratings")
        parser.add_argument("--out", type=Path, help="write here instead of to standard output")
        parser.add_argument("--scale", choices=SCALES, default="half-points")
        parser.add_argument("--arms", nargs=3, type=float, metavar=("BLIND", "REVEAL", "ASSISTED"), help="their shares")
        defaults = asdict(Plan())
        for name, meaning in NUMBERS.items():
            parser.add_argument(_flag(name), type=type(defaults[name]), default=defaults[name], help=meaning)
        for name, meaning in BY_RATER.items():
            parser.add_argument(
                _flag(name), type=_of_rater, action="append", default=[], metavar="RATER=VALUE", help=meaning
            )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seed"] < 0:
            raise CommandError(f"--seed: a whole number from 0 is accepted, not {options['seed']}")
        choices = {name: options[name] for name in [*NUMBERS, *BY_RATER, "scale"]}
        try:
            study = simulate(Plan(**choices, arms=tuple(options["arms"] or Plan.arms)), seed=options["seed"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["out"] is None:
            study.write(sys.stdout)
            return
        try:
            # The line ends are the CSV writer's own, so that the same seed gives the same bytes on every system.
            with options["out"].open("w", encoding="utf-8", newline="") as file:
                study.write(file)
        except OSError as error:
            raise CommandError(f"--out: {options['out']} cannot be written: {error.strerror}") from error
        self.stderr.write(f"{study.ratings.n} ratings written to {options['out']}")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _of_rater(text: str) -> tuple[int, float]:
    rater, _, value = text.partition("=")
    return int(rater), float(value)
