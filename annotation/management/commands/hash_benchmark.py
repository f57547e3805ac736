"""Make a list of the fingerprints of a public benchmark's images, to compare releases with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.dataset.contents.benchmarks import write_list
from annotation.errors import ImageRefused, SourceRefused
from annotation.images.files import Limits, inspect
from annotation.imports.image_sources import open_source


class Command(BaseCommand):
    help = "Write the fingerprints of the images in a folder or zip to BENCHMARKS_DIR/NAME.csv; no image is kept."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="a folder or zip of images")
        parser.add_argument("--name", required=True, help="what the benchmark is called, such as AVA")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        name: str = options["name"]
        refused: list[dict[str, str]] = []
        # It becomes a file's name, and must not lead out of the folder.
        if not name or Path(name).name != name or name.startswith("."):
            raise CommandError(f"{name!r} cannot be the name of a list; letters, digits, - and _ are accepted")

        def fingerprints() -> Iterator[tuple[str, str]]:
            for row in rows:
                try:
                    image = inspect(source.read(row.file, limits.bytes), limits)
                    yield row.file, image.perceptual_hash
                except ImageRefused as error:
                    refused.append({"file": row.file, "reason": str(error)})

        limits = Limits(settings.MAX_IMAGE_BYTES, settings.MAX_IMAGE_PIXELS)
        path = Path(settings.BENCHMARKS_DIR) / f"{name}.csv"
        try:
            opened = open_source(options["source"])
            source, rows = opened.source, opened.rows
            path.parent.mkdir(parents=True, exist_ok=True)
            images = write_list(path, fingerprints())
        except (SourceRefused, OSError) as error:
            raise CommandError(str(error)) from error
        source.close()
        for item in refused:
            self.stderr.write(f"{item['file']}: {item['reason']}")
        if options["json"]:
            self.stdout.write(json.dumps({"list": str(path), "images": images, "refused": refused}))
        else:
            self.stdout.write(f"{path}: {images} images, {len(refused)} refused")
