"""Have a campaign's images described, to find crops and other scans among them."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotation.actions.duplicates import embed
from annotation.errors import BadInput, QueueDown
from annotation.management.arguments import campaign_named
from annotation.models import Campaign, ImageEmbedding, NearDuplicatePair
from annotation.tasks.embedded import embedded_worker, somebody_works
from annotation.tasks.jobs import send_embed

# Seconds without progress after which the command asks whether anybody works.
PATIENCE = 30


class Command(BaseCommand):
    help = "Queue the images of a campaign that lack an embedding; with --wait, show progress until all are done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("--model", required=True, help="the embedder, such as sscd")
        parser.add_argument("--wait", action="store_true", help="wait until every image has one, or a reason for none")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign, embedder = campaign_named(options["slug"]), options["model"]
        try:
            version = embed.start_embedding(campaign, embedder, by=None)
            for batch in embed.first_batches(campaign, embedder, version):
                send_embed(batch)
            if options["wait"]:
                with embedded_worker():
                    wait_for(campaign, embedder, version)
        except (BadInput, QueueDown) as error:
            raise CommandError(str(error)) from error
        self.report(campaign, embedder, version, as_json=options["json"])

    def report(self, campaign: Campaign, embedder: str, version: str, *, as_json: bool) -> None:
        """Say how many images have an embedding, which have none and why, and how many pairs are alike by them."""
        rows = ImageEmbedding.objects.by(embedder, version).filter(image__in=campaign.images.all())
        failed = list(rows.failed().select_related("image"))
        errors = [{"image": row.image.original_name, "error": row.error} for row in failed]
        pairs = NearDuplicatePair.objects.touching(campaign).by_cosine()
        counts = {
            "done": rows.described().count(),
            "failed": len(errors),
            "waiting": campaign.images.without_embedding(embedder, version).count(),
            "pairs": pairs.count(),
            "undecided": pairs.undecided().count(),
        }
        if as_json:
            facts = {"campaign": campaign.slug, "model": embedder, "version": version}
            self.stdout.write(json.dumps({**facts, **counts, "errors": errors}, ensure_ascii=False))
        else:
            told = ", ".join(f"{number} {name}" for name, number in counts.items())
            self.stdout.write(f"{embedder} {version[:12]}: {told}")
            for error in errors:
                self.stderr.write(f"{error['image']}: {error['error']}")
        if errors and not counts["done"] and not counts["waiting"]:
            raise CommandError("no image could be described; see the reasons above")


def wait_for(campaign: Campaign, embedder: str, version: str) -> None:
    """Show progress on standard error until no image lacks an embedding or a reason why it has none.

    Raise QueueDown when nothing moves and no worker answers, or none has for as long as a batch may take.
    """
    lacking = campaign.images.without_embedding(embedder, version)
    left = lacking.count()
    with tqdm(total=left, unit="image", file=sys.stderr, disable=not left or None) as bar:
        moved = asked = time.monotonic()
        while left:
            time.sleep(0.2)
            before, left = left, lacking.count()
            bar.update(before - left)
            now = time.monotonic()
            if left < before:
                moved = asked = now
            elif now - moved > max(settings.PREFILL_LONGEST_BATCH, PATIENCE):
                raise QueueDown(f"nothing came back for {now - moved:.0f} s; run this command again")
            elif now - asked > PATIENCE:
                if not somebody_works():
                    raise QueueDown("no worker answers; start one, then run this command again")
                asked = now
