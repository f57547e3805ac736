"""Measure the reliability of any table of ratings, by the engine of the agreement pages."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.agreement.alpha import LEVELS
from annotation.agreement.read_table import read_table
from annotation.agreement.report import report
from annotation.errors import BadInput

MOST_REPLICATES = 100_000


class Command(BaseCommand):
    help = "Measure the reliability of a table: a row a unit, a column a rater, blank where missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV file")
        parser.add_argument("--level", choices=LEVELS, required=True, help="level of measurement")
        parser.add_argument(
            "--long", action="store_true", help="columns unit, rater, value and, if there are any, occasion and time"
        )
        parser.add_argument("--scale", type=_scale, metavar="MIN:MAX", help="refuse values off this scale")
        parser.add_argument("--seed", type=_whole, default=1, help="seed of all draws")
        parser.add_argument("--replicates", type=_replicates, default=1000, help="bootstrap replicates of an interval")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            table = read_table(options["file"], options["level"], long=options["long"], scale=options["scale"])
        except BadInput as error:
            raise CommandError(str(error)) from error
        found = report(table, options["level"], seed=options["seed"], replicates=options["replicates"])
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write(as_text(found))


def as_text(found: dict[str, Any]) -> str:
    """Return the headline of a report as lines for people."""
    design, alpha = found["design"], found["krippendorff_alpha"]
    lines = [
        f"{design['units']} units, {design['raters']} raters, {design['ratings']} ratings; "
        f"{design['units_with_two']} units have two or more",
        f"Krippendorff's alpha ({found['level']}): {_figure(alpha['value'])}",
        f"  these raters: {_range(alpha['interval_these_raters'])}",
        f"  raters like these: {_range(alpha['interval_raters_like_these'])}",
    ]
    corrected = [name for name in ("gwet_ac1", "gwet_ac2", "fleiss_kappa") if found[name]]
    lines += [f"{name}: {_figure(found[name]['value'])}" for name in corrected]
    for name, one in (found["icc"] or {}).items():
        if isinstance(one, dict):
            lines.append(f"ICC({name}): {_figure(one['value'])}  {_range(one['interval'])}")
    return "\n".join(lines + [f"note: {note}" for note in found["notes"]])


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _range(ends: list[float] | None) -> str:
    return "no interval" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def _scale(text: str) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in text.split(":"))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: two numbers are accepted, such as 0:10") from error
    if not low < high:
        raise ArgumentTypeError(f"{text!r}: the first number must be the smaller one")
    return low, high


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"a whole number from 0 is accepted, not {text!r}")
    return int(text)


def _replicates(text: str) -> int:
    number = _whole(text)
    if not 100 <= number <= MOST_REPLICATES:
        raise ArgumentTypeError(f"100 to {MOST_REPLICATES} replicates are accepted, not {number}")
    return number
