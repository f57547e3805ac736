"""Reserve a DOI at Zenodo for the next release; without --send, say what would be asked."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.releases.send_release import reserve_doi
from annotation.management.arguments import campaign_named
from annotation.publishing.parcel import PublishingRefused


class Command(BaseCommand):
    help = "Make a draft at Zenodo, so that its DOI can stand inside the next release (`release --doi`)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("--send", action="store_true", help="do it; without this nothing leaves the machine")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        # Trying the command out asks nothing of Zenodo, where each draft stays until somebody deletes it.
        if not options["send"]:
            facts = {"campaign": campaign.slug, "at": settings.ZENODO_URL, "doi": None}
            text = f"a draft called {campaign.title!r} would be made at {settings.ZENODO_URL}; --send makes it"
        else:
            try:
                draft = reserve_doi(campaign, by=None)
            except PublishingRefused as error:
                raise CommandError(str(error)) from error
            facts = {"campaign": campaign.slug, "at": settings.ZENODO_URL, "doi": draft.doi}
            text = draft.doi
        self.stdout.write(json.dumps(facts) if options["json"] else text)
