"""Open a campaign."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.errors import Conflict
from annotation.management.arguments import campaign_named


class Command(BaseCommand):
    help = "Open a campaign: from now on it hands out work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        try:
            open_campaign(campaign, by=None)
        except Conflict as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Campaign {campaign.slug} is open")
