"""Sign a release with the organiser's key; no database is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.releases.verify_release import verify_release
from annotation.dataset.write import signature


class Command(BaseCommand):
    help = (
        f"Sign a release that holds: write {signature.NAME} beside the manifest. A passphrase comes from "
        "RELEASE_KEY_PASSPHRASE."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of the release")
        parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="a private Ed25519 key in PEM")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])
        try:
            key = signature.private_key(options["key"], settings.RELEASE_KEY_PASSPHRASE)
        except signature.KeyRefused as error:
            raise CommandError(str(error)) from error
        result = verify_release(folder)
        # A signature vouches for the whole release, so none is given unseen.
        if not result.holds:
            raise CommandError(f"{folder} does not hold, so it is not signed: {result.findings[0]}")
        try:
            path = signature.sign(folder, key)
        except OSError as error:
            raise CommandError(f"{folder / signature.NAME} cannot be written: {error.strerror}") from error
        signed = {"folder": str(folder), "signature": path.name, "manifest_sha256": result.manifest_sha256}
        self.stdout.write(json.dumps(signed) if options["json"] else str(path))
