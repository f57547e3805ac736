"""Deposit a release at Zenodo under the DOI it carries; without --send, say what would go."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.releases.send_release import (
    creators_of,
    deposit_release,
    doi_of,
    licence_of,
    pack_release,
    release_named,
)
from annotation.management.arguments import campaign_named
from annotation.publishing.parcel import PublishingRefused


class Command(BaseCommand):
    help = "Fill the draft at Zenodo whose DOI the release carries; --publish publishes it, which nobody can take back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("number", metavar="X.Y.Z", help="the version of the release")
        parser.add_argument(
            "--creator", action="append", metavar="NAME",
            help="repeat for each person; those that the release states if not given",
        )  # fmt: skip
        parser.add_argument(
            "--licence",
            metavar="ID",
            help="as Zenodo calls it, such as cc-by-4.0; that of the annotations if not given",
        )
        parser.add_argument("--send", action="store_true", help="do it; without this nothing leaves the machine")
        parser.add_argument("--publish", action="store_true", help="publish the draft once it is filled; needs --send")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        send, publish = options["send"], options["publish"]
        if publish and not send:
            raise CommandError("--publish needs --send")
        try:
            release = release_named(campaign_named(options["slug"]), options["number"])
            # Also without --send, so that a trial run finds what would be refused.
            package = pack_release(release)
            doi = doi_of(package)
            licence = options["licence"] or licence_of(package)
            creators = options["creator"] or creators_of(package)
            if send:
                deposit_release(release, package, creators=creators, licence=licence, publish=publish, by=None)
        except PublishingRefused as error:
            raise CommandError(str(error)) from error
        facts = package.to_json() | {"doi": doi, "sent": send, "published": publish}
        outcome = (
            "is published" if publish else "fills its draft; look at it there" if send else "would go; --send sends it"
        )
        self.stdout.write(json.dumps(facts) if options["json"] else f"{package.name}, {doi}, {outcome}")
