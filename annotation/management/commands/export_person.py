"""Write all that is kept of one person as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.people.export_person import export_person
from annotation.management.arguments import person_named


class Command(BaseCommand):
    help = "Write all that is kept of one person, by the model that keeps it, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="a pseudonym or user name")
        parser.add_argument("--out", type=Path, metavar="FILE", help="a new file; without it, standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        exported = export_person(person_named(options["name"]), by=None)
        text = json.dumps(exported, ensure_ascii=False, indent=2)
        if options["out"] is None:
            self.stdout.write(text)
            return
        try:
            # Never over a file that is there, and for nobody's eyes but the caller's.
            handle = os.open(options["out"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}") from error
