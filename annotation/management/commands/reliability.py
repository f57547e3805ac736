"""Measure the reliability of any table of ratings, by the engine of the agreement pages."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.agreement.coefficients.alpha import LEVELS
from annotation.agreement.report.read_table import read_table
from annotation.agreement.report.table import report
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
        figures = report(table, options["level"], seed=options["seed"], replicates=options["replicates"])
        if options["json"]:
            # Python would write NaN, which is no JSON: what cannot be computed is null, with the reason.
            self.stdout.write(json.dumps(figures, ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write(as_text(figures))


def as_text(figures: dict[str, Any]) -> str:
    """Return the coefficients of a report with both intervals, and how they were found, as lines for people."""
    design = figures["design"]
    lines = [
        f"{design['units']} units, {design['raters']} raters, {design['ratings']} ratings; "
        f"{design['units_with_two']} units have two or more",
        f"level {figures['level']}, seed {figures['seed']}, {figures['replicates']} replicates",
        f"{'':20}{'value':>10}  {'these raters':18}raters like these",
    ]
    for name, row in coefficients(figures):
        both = (row["interval_these_raters"], row["interval_raters_like_these"])
        value = "undefined" if row["value"] is None else f"{row['value']:.3f}"
        lines.append(f"{name:20}{value:>10}  {_range(both[0]):18}{_range(both[1])}{_reason(row)}")
    methods = dict.fromkeys(row["method"] for _, row in coefficients(figures))
    return "\n".join(lines + [f"method: {row}" for row in methods] + [f"note: {row}" for row in figures["notes"]])


def coefficients(figures: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the coefficients that apply, by name, each with value, both intervals, method and note."""
    raw = figures["raw_agreement"]
    rows = [("exact agreement", raw | {"value": raw["exact"]})]
    names = ("krippendorff_alpha", "gwet_ac1", "gwet_ac2", "fleiss_kappa", "kendall_w")
    rows += [(name, figures[name]) for name in names if figures[name]]
    models = figures["icc"] or {}
    return rows + [
        (f"icc {name}", model | {"interval_raters_like_these": model["interval"], "method": models["method"]})
        for name, model in models.items()
        if name != "method"
    ]


def _reason(row: dict[str, Any]) -> str:
    return f"  ({row['note']})" if row.get("note") else ""


def _range(ends: list[float] | None) -> str:
    return "none" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


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
    # Of fewer than 100, not even three would lie beyond each end of a 95 % interval.
    if not 100 <= number <= MOST_REPLICATES:
        raise ArgumentTypeError(f"100 to {MOST_REPLICATES} replicates are accepted, not {number}")
    return number
