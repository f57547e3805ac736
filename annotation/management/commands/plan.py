"""Say before launch what a campaign leads to."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.design.planner import Plan, outlook
from annotation.errors import BadInput


class Command(BaseCommand):
    help = "Plan a campaign: expected reliability, width of its interval, hours, and the answers an image needs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--images", type=int, required=True, help="how many images")
        parser.add_argument("--answers", type=int, default=3, help="answers per image")
        parser.add_argument("--experts", type=int, required=True, help="how many experts take part")
        # The lowest reliability found elsewhere (`ANCHORS`): a plan that errs asks for too much, not for too little.
        parser.add_argument("--icc", type=float, default=0.2, help="expected reliability of one answer, 0 to 1")
        parser.add_argument("--minutes", type=float, default=6, help="minutes for one answer")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = Plan(options["images"], options["answers"], options["experts"], options["icc"], options["minutes"])
        except BadInput as error:
            raise CommandError(str(error)) from error
        figures = outlook(plan)
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
            return
        width = figures["interval_width"]
        wide = "none with one answer an image" if width is None else f"{width:.2f} wide"
        self.stdout.write(
            f"{figures['answers']} answers, {figures['hours_per_expert']:.0f} hours an expert\n"
            f"reliability of the mean of {plan.annotations_per_image}: {figures['reliability_of_mean']:.2f}\n"
            f"95 % interval of the coefficient: {wide}\n"
            + "".join(f"for {width} wide: {n} images\n" for width, n in (figures["images_for"] or {}).items())
            + "\n".join(f"for {target}: {k} answers an image" for target, k in figures["annotations_for"].items())
        )
