"""Print the report of the agreement page."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.measure_agreement import measure
from annotation.management.arguments import campaign_named
from annotation.models import Report


class Command(BaseCommand):
    help = "Compute a campaign's agreement, keep it as a report and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("--seed", type=int, default=1, help="seed of the interval")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        if options["seed"] < 0:
            raise CommandError(f"--seed: a whole number from 0 is accepted, not {options['seed']}")
        report = measure(campaign, by=None, seed=options["seed"])
        if options["json"]:
            self.stdout.write(json.dumps(describe(report), ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write(table(report))


def describe(report: Report) -> dict[str, Any]:
    """Return the report as one JSON object."""
    return {
        "campaign": report.campaign.slug,
        "report": report.pk,
        "engine": report.engine_version,
        "input_hash": report.input_hash,
        "query": report.query,
        **report.figures,
    }


def table(report: Report) -> str:
    """Return the report as lines of text."""
    figures = report.figures
    fields = {**figures["attributes"], "holistic": figures["holistic"], "subcategory": figures["subcategory"]}
    lines = [f"{'':28}{'alpha':>7}  {'95 % interval':^16} images answers"]
    for name, row in fields.items():
        value = "-" if row["alpha"] is None else f"{row['alpha']:.3f}"
        limits = "-" if row["interval"] is None else "{:.3f} to {:.3f}".format(*row["interval"])
        lines.append(f"{name:28}{value:>7}  {limits:^16} {row['n_images']:6} {row['n_answers']:7}  {row['note']}")
    return "\n".join([*lines, "", figures["method"]])
