"""What the commands `prefill` and `embed` have in common: a run started, cancelled or resumed, waited for, reported."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotation.actions.jobs.runs import cancel_run, resume_run, start_run
from annotation.errors import BadInput, Conflict, QueueDown
from annotation.models import Campaign, Run
from annotation.phrases import phrase as _
from annotation.tasks.embedded import embedded_worker
from annotation.tasks.runs import send_next_batches

from .arguments import campaign_named

# Seconds without progress after which the command asks whether anybody works.
PATIENCE = 30


class RunCommand(BaseCommand):
    """A command about one kind of run."""

    kind: ClassVar[str]
    example: ClassVar[str]  # The name of a model that can be asked.

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the campaign, and which run is meant."""
        parser.add_argument("slug", help="the campaign")
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("--model", help=f"the model, such as {self.example}")
        choice.add_argument(
            "--resume", type=int, metavar="RUN", help="go on with a run, and try again what failed in it"
        )
        choice.add_argument("--cancel", type=int, metavar="RUN", help="give a run up; what is stored stays")
        parser.add_argument("--wait", action="store_true", help="wait until the run is done")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, cancel or resume a run, wait for it if asked to, and report it. Raise CommandError."""
        campaign = campaign_named(options["slug"])
        try:
            run = self.run_to_report(campaign, options)
            feed_or_cancel(run)
            if options["wait"]:
                # Only while somebody waits: without --wait the served process has a worker, or one runs elsewhere.
                with embedded_worker() as somebody_works:
                    wait_for_run(run, somebody_works)
        except (BadInput, Conflict, QueueDown) as error:
            raise CommandError(str(error)) from error
        self.report(run, as_json=options["json"])

    def run_to_report(self, campaign: Campaign, options: dict[str, Any]) -> Run:
        """Start a run, or cancel or resume the one that was named."""
        if options["model"]:
            run = start_run(campaign, self.kind, options["model"], by=None)
            self.after_start(run)
            return run
        if options["cancel"] is not None:
            run = self.run_named(campaign, options["cancel"])
            cancel_run(run, by=None)
            return run
        return resume_run(self.run_named(campaign, options["resume"]), by=None)

    def run_named(self, campaign: Campaign, number: int) -> Run:
        """Return the run of that number; raise BadInput naming those there are."""
        runs = campaign.runs.filter(kind=self.kind)
        run = runs.filter(pk=number).first()
        if run is None:
            numbers = ", ".join(map(str, runs.values_list("pk", flat=True))) or "none"
            raise BadInput(
                _(
                    "campaign %(campaign)s has no %(kind)s run %(number)s; it has %(known)s",
                    campaign=campaign.slug,
                    kind=str(self.kind),
                    number=number,
                    known=numbers,
                )
            )
        return run

    def after_start(self, run: Run) -> None:
        """Do what a new run of this kind brings along."""

    def facts(self, run: Run) -> dict[str, Any]:
        """Return what else there is to say of a run of this kind."""
        return {}

    def counts(self, run: Run) -> dict[str, int]:
        """Return how many images are in each state, and what else a run of this kind has to count."""
        return run.counts()

    def report(self, run: Run, *, as_json: bool) -> None:
        """Print how far the run is, and name each image that was set aside with the reason."""
        run.refresh_from_db()
        counts = self.counts(run)
        failed_items = run.items.failed().select_related("image")
        errors = [{"image": item.image.original_name, "error": item.error} for item in failed_items]
        if as_json:
            head = {"run": run.pk, "model": str(run.model_version), "state": run.state}
            report = {**head, **self.facts(run), **counts, **run.spent(), "errors": errors}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self.stdout.write(f"run {run.pk}, {run.model_version}: {counts_as_text(counts)}")
            for error in errors:
                self.stderr.write(f"{error['image']}: {error['error']}")
        if counts["total"] and counts["failed"] == counts["total"]:
            raise CommandError("no image has a result; see the reasons above")


def counts_as_text(counts: dict[str, int]) -> str:
    """Return counts as words."""
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def feed_or_cancel(run: Run) -> None:
    """Queue a run's first images; give the run up when not even that can be done. Raise QueueDown."""
    try:
        send_next_batches(run)
    except QueueDown:
        # Left running it would look alive, though the person was told that nothing was queued.
        cancel_run(run, by=None)
        raise


def wait_for_run(run: Run, somebody_works: Callable[[], bool]) -> None:
    """Show progress on standard error until no image of the run is waiting, or somebody gives it up.

    Raise QueueDown when nothing moves and nobody works.
    """
    counts = run.counts()
    start = counts["done"] + counts["failed"]
    silent = not counts["waiting"] or None  # None: shown where somebody watches.
    with tqdm(total=counts["total"], initial=start, unit="image", file=sys.stderr, disable=silent) as bar:
        last_progress = time.monotonic()
        while True:
            counts = run.counts()
            finished = counts["done"] + counts["failed"]
            if finished > bar.n:
                last_progress = time.monotonic()
            bar.update(finished - bar.n)
            # Somebody may cancel it on its page, and the images that still wait would never be done.
            run.refresh_from_db(fields=["state"])
            if run.state != Run.State.RUNNING:
                return
            if time.monotonic() - last_progress > PATIENCE:
                # Silence is no proof: one large batch on a slow machine takes longer than our patience.
                if not somebody_works():
                    raise QueueDown("no worker answers; start one, then run this command again")
                last_progress = time.monotonic()
            time.sleep(0.2)
