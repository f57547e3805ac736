"""Ask a model for its answers to a campaign's images."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotation.actions.campaigns.open_campaign import show_first_model
from annotation.actions.jobs import prefill
from annotation.errors import BadInput, Conflict, QueueDown
from annotation.management.arguments import campaign_named
from annotation.models import Campaign, PrefillRun
from annotation.tasks.embedded import embedded_worker, somebody_works
from annotation.tasks.jobs import feed

# Seconds without progress after which the command asks whether anybody works.
PATIENCE = 30


class Command(BaseCommand):
    help = "Queue the images of a campaign that lack a model's answer; with --wait, show progress until all are done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--model", help="the model, such as baseline")
        what.add_argument("--resume", type=int, metavar="RUN", help="go on with a run, and try again what failed in it")
        parser.add_argument("--wait", action="store_true", help="wait until the run is done")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        try:
            run = self.run_to_wait_for(campaign, options)
        except (BadInput, Conflict) as error:
            raise CommandError(str(error)) from error
        try:
            self.feed(run)
            if options["wait"]:
                with embedded_worker():
                    wait_for(run)
        except QueueDown as error:
            raise CommandError(str(error)) from error
        self.report(run, as_json=options["json"])

    def run_to_wait_for(self, campaign: Campaign, options: dict[str, Any]) -> PrefillRun:
        """Start a run, or take up the one that was named."""
        if options["model"]:
            started = prefill.start_run(campaign, options["model"], by=None)
            show_first_model(campaign, started.model_version, by=None)
            return started
        run = campaign.prefill_runs.filter(pk=options["resume"]).first()
        if run is None:
            known = ", ".join(map(str, campaign.prefill_runs.values_list("pk", flat=True))) or "none"
            raise BadInput(f"campaign {campaign.slug} has no run {options['resume']}; it has {known}")
        return prefill.resume_run(run, by=None)

    def feed(self, run: PrefillRun) -> None:
        """Queue the first images; give the run up when not even that can be done."""
        try:
            feed(run)
        except QueueDown:
            prefill.cancel_run(run, by=None)
            raise

    def report(self, run: PrefillRun, *, as_json: bool) -> None:
        run.refresh_from_db()
        counts = run.counts()
        failed = run.items.failed().select_related("image")
        errors = [{"image": item.image.original_name, "error": item.error} for item in failed]
        if as_json:
            facts = {"run": run.pk, "model": str(run.model_version), "state": run.state, "shadow": run.shadow}
            self.stdout.write(json.dumps({**facts, **counts, **run.spent(), "errors": errors}, ensure_ascii=False))
        else:
            self.stdout.write(
                f"run {run.pk}, {run.model_version}: {counts['done']} done, {counts['failed']} failed, "
                f"{counts['waiting']} waiting"
            )
            for error in errors:
                self.stderr.write(f"{error['image']}: {error['error']}")
        if counts["total"] and counts["failed"] == counts["total"]:
            raise CommandError("no image could be predicted; see the reasons above")


def wait_for(run: PrefillRun) -> None:
    """Show progress on standard error until no image of the run is waiting, or somebody gives it up.

    Raise QueueDown when nothing moves and no worker answers.
    """
    counts = run.counts()
    before = counts["done"] + counts["failed"]
    silent = not counts["waiting"] or None  # None: shown where somebody watches.
    with tqdm(total=counts["total"], initial=before, unit="image", file=sys.stderr, disable=silent) as bar:
        moved = time.monotonic()
        while True:
            counts = run.counts()
            adjudicated = counts["done"] + counts["failed"]
            if adjudicated > bar.n:
                moved = time.monotonic()
            bar.update(adjudicated - bar.n)
            run.refresh_from_db(fields=["state"])
            if run.state != PrefillRun.State.RUNNING:
                return
            if time.monotonic() - moved > PATIENCE:
                if not somebody_works():
                    raise QueueDown("no worker answers; start one, then run this command again")
                moved = time.monotonic()
            time.sleep(0.2)
