"""Print the report of the agreement page, on all of a campaign or a part; or compute an old one again."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.agreement.measure_agreement import measure_agreement, recompute_report
from annotation.errors import BadInput, Conflict
from annotation.management.arguments import campaign_named
from annotation.models import Campaign, Recomputation, Report


class Command(BaseCommand):
    help = "Compute a campaign's agreement, keep it as a report and print it; or compute an old report again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("--seed", type=int, help="seed of the intervals; the plan's, or 1, unless given")
        parser.add_argument(
            "--scope", action="append", default=[], metavar="DIMENSION=PART", help="only a part; may be repeated"
        )
        for kind, name in (("rater", "PSEUDONYM"), ("image", "SHA256")):
            parser.add_argument(
                f"--without-{kind}", action="append", default=[], metavar=f"{name}=REASON",
                help=f"say beside the headline what agreement is without this {kind}; may be repeated",
            )  # fmt: skip
        parser.add_argument("--recompute", type=int, metavar="REPORT", help="compute this report again, and compare")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        try:
            if options["recompute"] is not None:
                self._recompute(campaign, options["recompute"], options["json"])
            else:
                self._measure(campaign, options)
        except (BadInput, Conflict) as error:
            raise CommandError(str(error)) from error

    def _measure(self, campaign: Campaign, options: dict[str, Any]) -> None:
        if options["seed"] is not None and options["seed"] < 0:
            raise CommandError(f"--seed: a whole number from 0 is accepted, not {options['seed']}")
        scope = parse_pairs(options["scope"], "--scope: DIMENSION=PART is accepted, such as category=photography")
        reasons = {
            f"{kind}s": parse_pairs(options[f"without_{kind}"], f"--without-{kind}: NAME=REASON is accepted")
            for kind in ("rater", "image")
        }
        exclusions = reasons if any(reasons.values()) else None
        report = measure_agreement(campaign, by=None, seed=options["seed"], scope=scope, exclusions=exclusions)
        self._print(describe(report), table(report), as_json=options["json"])

    def _recompute(self, campaign: Campaign, number: int, as_json: bool) -> None:
        report = campaign.reports.filter(pk=number).first()
        if report is None:
            numbers = ", ".join(str(pk) for pk in campaign.reports.values_list("pk", flat=True)[:20]) or "none"
            raise CommandError(f"--recompute: {campaign.slug} has no report {number}; there are: {numbers}")
        recomputation = recompute_report(report, by=None)
        self._print(describe_again(recomputation), lines_of(recomputation), as_json=as_json)

    def _print(self, data: dict[str, Any], text: str, *, as_json: bool) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False, allow_nan=False) if as_json else text)


def parse_pairs(texts: list[str], accepted: str) -> dict[str, str]:
    """Return options such as `category=sculpture` as a mapping."""
    for text in texts:
        if "=" not in text:
            raise CommandError(f"{accepted}, not {text}")
    # At the first sign only: a reason may hold others.
    return dict(text.split("=", 1) for text in texts)


def describe_again(recomputation: Recomputation) -> dict[str, Any]:
    """Return what differs as one JSON object."""
    return {
        "campaign": recomputation.report.campaign.slug,
        "report": recomputation.report_id,
        "recomputation": recomputation.pk,
        "same": recomputation.n_differences == 0,
        "engine": {
            "old": recomputation.report.engine_version,
            "new": recomputation.engine_version,
            "same": recomputation.same_engine,
        },
        "input": {
            "old": recomputation.report.input_hash,
            "new": recomputation.input_hash,
            "same": recomputation.same_input,
        },
        "n_differences": recomputation.n_differences,
        "differences": recomputation.differences,
    }


def lines_of(recomputation: Recomputation) -> str:
    """Return what differs as lines of text."""
    lines = [f"report {recomputation.report_id}: {recomputation.n_differences or 'no'} figures differ"]
    for name, is_same, old, new in (
        ("engine", recomputation.same_engine, recomputation.report.engine_version, recomputation.engine_version),
        ("answers", recomputation.same_input, recomputation.report.input_hash, recomputation.input_hash),
    ):
        lines.append(f"{name}: the same" if is_same else f"{name}: {old} then, {new} now")
    return "\n".join(
        [*lines, *(f"{row['path']}: {row['old']} then, {row['new']} now" for row in recomputation.differences)]
    )


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
        lines.append(f"{name:28}{value:>7}  {limits:^16} {row['n_images']:6} {row['n_annotations']:7}  {row['note']}")
    return "\n".join([*lines, "", figures["method"]])
