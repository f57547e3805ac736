"""Study our statistics on simulated ratings with known truth."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.agreement.study import validity


class Command(BaseCommand):
    help = "Say whether intervals cover, estimates are unbiased and bad raters are found; this writes docs/validity.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sets", type=int, default=200, help="data sets a line; the page's minutes grow with it")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, help="write the page here instead of to standard output")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        sets, seed = options["sets"], options["seed"]
        if sets < 2 or seed < 0:
            raise CommandError("--sets takes a whole number from 2, --seed one from 0")
        choices = {"sets": sets, "seed": seed}
        coverages: list[validity.Coverage] = []
        for study, plans in (
            (validity.study_alpha, validity.DESIGNS),
            (validity.study_components, validity.DESIGNS),
            (validity.study_severity, validity.BAD_RATER_PLANS),
            (validity.study_anchoring, validity.ANCHORING_PLANS),
        ):
            for plan in plans:
                coverages += study(plan, **choices)
                self.stderr.write(f"{coverages[-1].estimate}: {plan.units} x {plan.raters}, {plan.k}")
        detections = [validity.study_drift(plan, **choices) for plan in validity.BAD_RATER_PLANS]
        detections += [validity.study_careless(plan, **choices) for plan in validity.BAD_RATER_PLANS]
        if options["json"]:
            rows = {"coverage": [*map(asdict, coverages)], "detection": [*map(asdict, detections)]}
            self.stdout.write(json.dumps(choices | rows))
            return
        page = validity.markdown(coverages, detections, **choices)
        if options["out"] is None:
            self.stdout.write(page, ending="")
            return
        try:
            options["out"].write_text(page, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"--out: {options['out']} cannot be written: {error.strerror}") from error
