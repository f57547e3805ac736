"""Erase a person: account closed and stripped, answers under a tombstone or withdrawn."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.people.erase_person import erase_person
from annotation.errors import BadInput, Conflict
from annotation.management.arguments import person_named
from annotation.models import Erasure


class Command(BaseCommand):
    help = "Close a person's account and strip it of all that tells whose it was; their answers stay, or are withdrawn."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="a pseudonym or user name")
        parser.add_argument("--reason", required=True, choices=Erasure.Reason.values)
        parser.add_argument("--with-annotations", action="store_true", help="withdraw all they answered, too")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_named(options["name"])
        try:
            report = erase_person(
                person, by=None, reason=options["reason"], with_annotations=options["with_annotations"]
            )
        except (BadInput, Conflict) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"erased": vars(report)}))
            return
        self.stdout.write(f"erased; the account is {report.name} now, answers stand under {report.pseudonym}")
        self.stdout.write(f"left: {', '.join(report.left) or 'no campaign'}")
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in report.deleted.items()))
        if report.withdrawn:
            self.stdout.write(f"answers withdrawn from: {', '.join(report.withdrawn)}")
        for copy in report.copies:
            where, rater = copy["campaign"], copy["rater"]
            self.stdout.write(f"{where}: holds imported copies under {rater}; withdraw them there too")
