"""Ask a model for its answers to a campaign's images."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotation.actions import prefill
from annotation.errors import BadInput, QueueDown
from annotation.management.arguments import campaign_named
from annotation.models import PrefillItem, PrefillRun
from annotation.queue import embedded_worker, somebody_works
from annotation.tasks import queue_run

# Seconds without progress after which the command asks whether anybody works.
PATIENCE = 30


class Command(BaseCommand):
    help = "Queue the images of a campaign that lack a model's answer; with --wait, show progress until all are done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("--model", required=True, help="the model, such as baseline")
        parser.add_argument("--wait", action="store_true", help="wait until the run is done")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        try:
            run = prefill.start_run(campaign, options["model"], by=None)
        except BadInput as error:
            raise CommandError(str(error)) from error
        try:
            queue_run(run)
            if options["wait"]:
                with embedded_worker():
                    wait_for(run)
        except QueueDown as error:
            raise CommandError(str(error)) from error
        self.report(run, as_json=options["json"])

    def report(self, run: PrefillRun, *, as_json: bool) -> None:
        run.refresh_from_db()
        counts = run.counts()
        failed = run.items.filter(state=PrefillItem.State.FAILED).select_related("image")
        errors = [{"image": item.image.original_name, "error": item.error} for item in failed]
        if as_json:
            facts = {"run": run.pk, "model": str(run.model_version), "state": run.state}
            self.stdout.write(json.dumps({**facts, **counts, "errors": errors}, ensure_ascii=False))
        else:
            self.stdout.write(
                f"{run.model_version}: {counts['done']} done, {counts['failed']} failed, {counts['waiting']} waiting"
            )
            for error in errors:
                self.stderr.write(f"{error['image']}: {error['error']}")
        if counts["total"] and counts["failed"] == counts["total"]:
            raise CommandError("no image could be predicted; see the reasons above")


def wait_for(run: PrefillRun) -> None:
    """Show progress on standard error until no image of the run is waiting.

    Raise QueueDown when nothing moves and no worker answers.
    """
    counts = run.counts()
    with tqdm(total=counts["total"], unit="image", file=sys.stderr, disable=not counts["total"]) as bar:
        moved = time.monotonic()
        while True:
            counts = run.counts()
            settled = counts["done"] + counts["failed"]
            if settled > bar.n:
                moved = time.monotonic()
            bar.update(settled - bar.n)
            if not counts["waiting"]:
                return
            if time.monotonic() - moved > PATIENCE:
                if not somebody_works():
                    raise QueueDown("no worker answers; start one, then run this command again")
                moved = time.monotonic()
            time.sleep(0.2)
