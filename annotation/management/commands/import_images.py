"""Import a folder, zip or manifest of images."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotation.actions.images.import_images import ImportReport, import_images
from annotation.errors import BadInput
from annotation.images.file_names import showable_name
from annotation.management.arguments import campaign_named


class Command(BaseCommand):
    help = "Import the images of a folder, a zip or a manifest into a campaign; bad ones are listed and left out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="a folder, a zip, or a manifest (.csv, .tsv, .json or .jsonl)")
        parser.add_argument("--campaign", required=True, metavar="SLUG", help="the campaign")
        parser.add_argument("--manifest", type=Path, metavar="FILE", help="a manifest kept beside the folder or zip")
        parser.add_argument("--follow-links", action="store_true", help="read links that lead out of the folder")
        parser.add_argument("--names-encoding", metavar="NAME", help="how names in a zip are encoded, such as gbk")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["campaign"])
        # None shows the bar on a terminal only, not in a log.
        with tqdm(unit="image", file=sys.stderr, disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            try:
                report = import_images(
                    campaign,
                    options["source"],
                    by=None,
                    manifest=options["manifest"],
                    follow_links=options["follow_links"],
                    names_encoding=options["names_encoding"],
                    progress=show,
                )
            except (BadInput, OSError) as error:
                raise CommandError(showable_name(str(error))) from error
        self.tell(report, as_json=options["json"])

    def tell(self, report: ImportReport, *, as_json: bool) -> None:
        counts = report.counts
        for remark in report.remarks:
            self.stderr.write(remark)
        for item in report.refused:
            self.stderr.write(f"{item.file}: {item.reason}")
        if as_json:
            self.stdout.write(json.dumps(report.to_json(), ensure_ascii=False))
        else:
            self.stdout.write(
                f"{report.campaign}: {counts['imported']} imported, "
                f"{counts['near_duplicates']} of them near duplicates; "
                f"{counts['duplicates']} duplicates, {counts['added']} of them new here; "
                f"{counts['refused']} refused"
            )
        if not report.imported and not report.duplicates:
            raise CommandError("no image could be imported; see the reasons above")
