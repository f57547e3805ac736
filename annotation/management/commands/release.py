"""Publish a release of a campaign, or say what it would hold."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotation.actions.releases.contents import campaigns_of
from annotation.actions.releases.exclude_images import read_exclusions
from annotation.actions.releases.preview_release import Preview, preview_release
from annotation.actions.releases.publish_release import publish_release
from annotation.dataset.contents.statements import NOT_STATED
from annotation.dataset.format.frozen import Scope
from annotation.dataset.read.record import RECORD
from annotation.errors import ReleaseRefused
from annotation.management.arguments import campaign_named, positive_integer
from annotation.models import Campaign, Release

MOST_PROCESSES = 8


class Command(BaseCommand):
    help = "Write a release to DIR/SLUG-VERSION: images, answers, scores, splits, a card, a manifest of hashes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        # Not `version`: that is an option of every command.
        parser.add_argument("number", metavar="X.Y.Z", help="the version, after the newest one")
        parser.add_argument("--out", metavar="DIR", default=settings.RELEASES_DIR, help="where the folder goes")
        parser.add_argument("--doi", default="", help="a DOI reserved for it (`reserve_doi`), to stand inside")
        parser.add_argument(
            "--least-answers", type=int, default=1, metavar="K", help="leave out images with fewer answers that count"
        )
        parser.add_argument(
            "--with", action="append", default=[], metavar="SLUG",
            help="take in the answers of another campaign by the same rubric; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--rubric-version", action="append", type=int, default=[], metavar="N",
            help="take in only answers by this version of the rubric; may be repeated",
        )  # fmt: skip
        parser.add_argument("--exclude", metavar="FILE.csv", help="leave out these images: columns image, reason")
        parser.add_argument(
            "--processes",
            type=positive_integer,
            metavar="N",
            help=f"that write at once (one a core, {MOST_PROCESSES} at most)",
        )
        parser.add_argument("--preview", action="store_true", help="say what it would hold, and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign, version = campaign_named(options["slug"]), options["number"]
        scope, out = self.scope_of(campaign, options), Path(options["out"])
        if options["preview"]:
            self.print_preview(preview_release(campaign, version, out=out, scope=scope), as_json=options["json"])
            return
        processes = options["processes"] or min(os.cpu_count() or 1, MOST_PROCESSES)
        try:
            release = self.publish(campaign, version, out=out, scope=scope, processes=processes)
        except ReleaseRefused as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(describe(release), ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write(str(release.path))

    def scope_of(self, campaign: Campaign, options: dict[str, Any]) -> Scope:
        """Return what the options ask for."""
        # `with` is a word of Python, so the scope calls it otherwise.
        scope = Scope.from_json({**options, "also": options["with"], "rubric_versions": options["rubric_version"]})
        if not options["exclude"]:
            return scope
        return replace(scope, listed=self.listed(campaigns_of(campaign, scope.also), Path(options["exclude"])))

    def listed(self, campaigns: Iterable[Campaign], path: Path) -> dict[str, str]:
        """Return the images that a file lists, with their reasons."""
        try:
            with path.open("rb") as file:
                return read_exclusions(campaigns, file, path.name)
        except OSError as error:
            raise CommandError(f"{path}: cannot be read: {error.strerror}") from error
        except ReleaseRefused as error:
            raise CommandError(str(error)) from error

    def publish(self, campaign: Campaign, version: str, **options: Any) -> Release:
        """Publish, with progress on standard error where somebody watches."""
        with tqdm(unit="part", file=sys.stderr, disable=None) as bar:

            def move_bar(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            return publish_release(campaign, version, by=None, on_progress=move_bar, **options)

    def print_preview(self, preview: Preview, *, as_json: bool) -> None:
        """Print a preview; fail when something stands in the way."""
        if as_json:
            self.stdout.write(json.dumps(preview.to_json(), ensure_ascii=False, allow_nan=False))
        else:
            splits = ", ".join(f"{split} {count}" for split, count in preview.splits.items())
            self.stdout.write(
                f"{preview.images} images ({splits}), {preview.new} of them new, in {preview.parts} parts"
            )
            own = preview.annotations - preview.imported
            self.stdout.write(f"{own} answers of {preview.raters} raters, {preview.counted} that count")
            if preview.imported:
                self.stdout.write(f"{preview.imported} imported answers, which do not count")
            least, too_few = preview.frozen.scope.least_annotations, preview.frozen.without_annotations
            self.stdout.write(f"{too_few} images with fewer answers that count than {least}")
            for image in preview.frozen.excluded:
                self.stdout.write(f"excluded: {image.sha256}: {image.why}")
            for image in preview.returning:
                self.stdout.write(
                    f"comes in, but was listed to be excluded from {preview.previous}: {image.sha256}: {image.why}"
                )
            for image_held in preview.frozen.held:
                self.stdout.write(f"held: {image_held.sha256}: would connect {' and '.join(image_held.would_connect)}")
            if preview.previous:
                self.stdout.write(f"after {preview.previous} this calls for a {preview.level} version at least")
            for key in preview.gaps:
                self.stdout.write(f"the datasheet will say of {key}: {NOT_STATED}")
        # The JSON names them itself, and a program wants to read it whatever they are.
        if preview.blockers and not as_json:
            raise CommandError("; ".join(preview.blockers))


def describe(release: Release) -> dict[str, Any]:
    """Return the release as one JSON object."""
    record = json.loads((release.path / RECORD).read_text(encoding="utf-8"))
    keys = (
        "images", "splits", "raters", "counted_raters", "simulated_raters", "imported_raters", "annotations",
        "without_annotations", "held", "connected",
    )  # fmt: skip
    return {
        "campaign": release.campaign.slug,
        "version": release.version,
        "folder": str(release.path),
        "demo": release.is_demo,
        "report": release.report_id,
        "manifest_sha256": release.manifest_hash,
        "content_sha256": release.content_hash,
        "event_head": release.event_head,
        **{key: record[key] for key in keys},
    }
