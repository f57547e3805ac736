"""Check a campaign's log of events."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.answers.verify_events import verify_events
from annotation.management.arguments import campaign_named
from annotation.models import EventChain


class Command(BaseCommand):
    help = "Check that a campaign's chain of events is whole and that every answer is what its event sealed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("--head", default="", help="a head noted earlier, such as the one in a release")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"], also_deleted=True)
        problems = verify_events(campaign, known_head=options["head"])
        chain = EventChain.objects.filter(campaign=campaign).first()
        facts = {"campaign": campaign.slug, "events": chain.length if chain else 0, "head": chain.head if chain else ""}
        if options["json"]:
            self.stdout.write(json.dumps({**facts, "problems": problems}, ensure_ascii=False))
        elif not problems:
            self.stdout.write(f"{facts['events']} events, all whole; head {facts['head']}")
        if problems:
            raise CommandError("; ".join(problems))
