"""Import answers collected elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.ratings.import_ratings import import_ratings
from annotation.errors import RatingsRefused
from annotation.imports.encoding import decode_text
from annotation.imports.foreign_formats import binary_format
from annotation.imports.formats import READERS
from annotation.management.arguments import campaign_named


class Command(BaseCommand):
    help = "Store answers and reference scores of a file from elsewhere, marked as imported; bad ones are listed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV, JSON or JSONL file, or the folder of a release")
        parser.add_argument("--campaign", required=True, metavar="SLUG", help="the campaign whose images were judged")
        parser.add_argument("--format", choices=list(READERS), default="", help="found out by looking where not given")
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="JSON or YAML from their names to ours")
        parser.add_argument(
            "--source", default="", metavar="NAME", help="what the file's raters are known by; its name where not given"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["campaign"])
        try:
            mapping = read_mapping(options["mapping"])
            choices = {"form": options["format"], "source": options["source"]}
            report = import_ratings(campaign, options["file"], by=None, mapping=mapping, **choices)
        except RatingsRefused as error:
            raise CommandError(str(error)) from error
        for remark in report.remarks:
            self.stderr.write(f"note: {remark}")
        for problem in report.refused:
            self.stderr.write(f"{problem.place}: {problem.field}: {problem.reason}")
        if options["json"]:
            self.stdout.write(json.dumps(report.to_json(), ensure_ascii=False))
        else:
            self.stdout.write(
                f"{report.campaign}: {report.annotations} answers imported, {report.partial} of them partial; "
                f"{report.reference_scores} reference scores, {report.consensuses} consensuses, "
                f"{report.prefills} prefills; {report.revised} revised, {report.known} known; "
                f"{len(report.refused)} refused"
            )
        if not report.done:
            if not report.refused:
                raise CommandError(f"{options['file']}: holds nothing to import, neither answers nor scores")
            raise CommandError("nothing could be imported; see the reasons above")


def read_mapping(path: Path | None) -> Any:
    """Return what a mapping file holds. Raise RatingsRefused when it cannot be read."""
    if path is None:
        return None
    try:
        binary = binary_format(path)
        if binary is not None:
            raise RatingsRefused(f"{path.name}: is {binary.name}; a mapping in JSON or YAML is accepted")
        # JSON is YAML too, so one reader does for both.
        return yaml.safe_load(decode_text(path.read_bytes())[0])
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise RatingsRefused(f"{path.name}: is neither JSON nor YAML: {error}") from error
