"""Clear what is kept no longer than it is needed."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.people.clean_up import clean_up


class Command(BaseCommand):
    help = (
        "Clear ended sessions, old drafts and viewing checks, and files of withdrawn images; workers do it once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        report = clean_up()
        if options["json"]:
            self.stdout.write(json.dumps(vars(report)))
        else:
            self.stdout.write(
                f"cleared: {report.sessions} sessions, {report.drafts} drafts, {report.viewing_checks} viewing checks; "
                f"files removed of {len(report.removed)} withdrawn images"
            )
        if report.unremoved:
            raise CommandError(f"the storage could not be reached for: {', '.join(report.unremoved)}")
