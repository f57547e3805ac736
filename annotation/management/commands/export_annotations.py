"""Write all answers of a campaign as lines of JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.answers.export_annotations import annotations_of
from annotation.dataset.format.canonical import line
from annotation.management.arguments import campaign_named


class Command(BaseCommand):
    help = "Write every answer of a campaign, first and later ones, as a line of JSON; raters by pseudonym."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("--out", type=Path, metavar="FILE", help="a new file; without it, standard output")

        parser.add_argument(
            "--with-withdrawn", action="store_true", help="write what was withdrawn too, with the reason in `withdrawn`"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["slug"])
        rows = annotations_of(campaign, with_withdrawn=options["with_withdrawn"])
        if options["out"] is None:
            # As bytes, so that the lines are UTF-8 whatever the terminal's encoding, and the same as in a file.
            sys.stdout.buffer.writelines(map(line, rows))
            return
        try:
            # Never over a file that is there: an earlier export may be somebody's only record.
            with Path(options["out"]).open("xb") as file:
                file.writelines(map(line, rows))
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}") from error
