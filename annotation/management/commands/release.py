"""Publish a release of a campaign."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.release import publish
from annotation.errors import ReleaseRefused
from annotation.exporters.folder import RECORD
from annotation.management.arguments import campaign_named
from annotation.models import Release


class Command(BaseCommand):
    help = "Write a release to DIR/SLUG-VERSION: pictures, answers, scores, splits, a card, a manifest of hashes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        # Not `version`: that is an option of every command.
        parser.add_argument("number", metavar="X.Y.Z", help="the version, after the newest one")
        parser.add_argument("--out", metavar="DIR", default=settings.RELEASES_DIR, help="where the folder goes")
        parser.add_argument("--doi", default="", help="a DOI reserved for it (`reserve_doi`), to stand inside")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        try:
            release = publish(campaign, options["number"], out=Path(options["out"]), by=None, doi=options["doi"])
        except ReleaseRefused as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(describe(release), ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write(release.folder)


def describe(release: Release) -> dict[str, Any]:
    """Return the release as one JSON object."""
    stated = json.loads((Path(release.folder) / RECORD).read_text(encoding="utf-8"))
    taken = ("images", "splits", "raters", "simulated_raters", "answers", "without_answers", "held_back", "tied")
    return {
        "campaign": release.campaign.slug,
        "version": release.version,
        "folder": release.folder,
        "demo": release.is_demo,
        "report": release.report_id,
        "manifest_sha256": release.manifest_hash,
        "content_sha256": release.content_hash,
        "event_head": release.event_head,
        **{key: stated[key] for key in taken},
    }
