"""Write the images of a release out as files; no database is needed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.dataset.read.unpack import unpack
from annotation.errors import ReleaseUnreadable


class Command(BaseCommand):
    help = "Write the images of a release to images/.., where its views and training formats look for them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of the release")
        parser.add_argument("--out", type=Path, metavar="DIR", help="where images/ goes (else DIR of the release)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        out: Path = options["out"] or folder
        try:
            result = unpack(folder, out)
        except (ReleaseUnreadable, OSError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"folder": str(folder), "images": str(out / "images"), **asdict(result)}))
        else:
            self.stdout.write(f"{out / 'images'}: {result.written} images written, {result.there} were there already")
