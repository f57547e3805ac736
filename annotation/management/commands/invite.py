"""Give people roles in a campaign."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.campaigns.open_campaign import invite_people
from annotation.errors import BadInput
from annotation.management.arguments import campaign_named, people_named
from annotation.roles import Role


class Command(BaseCommand):
    help = "Give people roles in a campaign, beside those they have."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("people", nargs="+", metavar="NAME", help="user names")
        parser.add_argument("--roles", nargs="+", choices=list(map(str, Role)), default=[Role.ANNOTATOR], help="roles")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        people = people_named(options["people"])
        try:
            invite_people(campaign, people, by=None, roles=frozenset(map(Role, options["roles"])))
        except BadInput as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{', '.join(options['people'])}: {', '.join(options['roles'])} in campaign {campaign.slug}")
