"""Say what differs between two releases; no database is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.dataset.read.diff import Difference, diff
from annotation.errors import ReleaseUnreadable


class Command(BaseCommand):
    help = "List images and columns added, removed and changed, moved splits and changed statistics, from OLD to NEW."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", type=Path, help="the folder of the earlier release")
        parser.add_argument("new", type=Path, help="the folder of the later release")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = diff(options["old"], options["new"])
        except ReleaseUnreadable as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(found.to_json(), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(lines(found)))


def lines(found: Difference) -> list[str]:
    """Return the difference for reading, a line a thing."""
    told = [f"{found.level}: {found.reason}"]
    told += [f"image added: {image}" for image in found.added]
    told += [f"image removed: {image}" for image in found.removed]
    told += [f"image changed: {image}: {', '.join(columns)}" for image, columns in found.changed.items()]
    told += [f"image moved: {image}: {old} to {new}" for image, (old, new) in found.moved.items()]
    told += [f"column added: {name}" for name in found.columns_added]
    told += [f"column removed: {name}" for name in found.columns_removed]
    told += [f"column of another type: {name}" for name in found.columns_changed]
    told += [f"statistic: {name}: {old} to {new}" for name, (old, new) in found.statistics.items()]
    return told
