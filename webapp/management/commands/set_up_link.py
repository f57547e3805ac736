"""Print the link that makes the first administrator."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from webapp.accounts.set_up import make_set_up_link, usual_base


class Command(BaseCommand):
    help = "Print a one-time link that makes the first administrator; nothing where there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")
        parser.add_argument("--base", help="the address of this site, such as https://judge.example.org")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["migrate"]:
            call_command("migrate", interactive=False)
        if link := make_set_up_link(options["base"] or usual_base()):
            self.stdout.write(f"Nobody administers this installation yet. Open this within a day, once:\n  {link}")
