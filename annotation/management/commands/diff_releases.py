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
            difference = diff(options["old"], options["new"])
        except ReleaseUnreadable as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(difference.to_json(), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(lines(difference)))


def lines(difference: Difference) -> list[str]:
    """Return the difference for reading, a line a thing."""
    text_lines = [f"{difference.level}: {difference.reason}"]
    text_lines += [f"image added: {image}" for image in difference.added]
    text_lines += [f"image removed: {image}" for image in difference.removed]
    text_lines += [f"image changed: {image}: {', '.join(columns)}" for image, columns in difference.changed.items()]
    text_lines += [f"image moved: {image}: {old} to {new}" for image, (old, new) in difference.moved.items()]
    text_lines += [f"column added: {name}" for name in difference.columns_added]
    text_lines += [f"column removed: {name}" for name in difference.columns_removed]
    text_lines += [f"column of another type: {name}" for name in difference.columns_changed]
    text_lines += [f"statistic: {name}: {old} to {new}" for name, (old, new) in difference.statistics.items()]
    return text_lines
