"""Make the tiles of large images imported before."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotation.actions.images.make_tiles import make_tiles


class Command(BaseCommand):
    help = "Cut large images that have no tiles yet; what has some is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(unit="image", file=sys.stderr, disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            report = make_tiles(progress=show)
        for name, reason in report.refused.items():
            self.stderr.write(f"{name}: {reason}")
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report), ensure_ascii=False))
        else:
            self.stdout.write(f"{report.made} images have tiles now; {len(report.refused)} refused")
        if report.refused and not report.made:
            raise CommandError("no tiles could be made; see the reasons above")
