"""Check a release against itself; no database is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.releases.verify_release import verify_release
from annotation.dataset.write import signature


class Command(BaseCommand):
    help = "Check every hash, the split rule and every mean of a release, and name what does not fit."
    # Whoever received a release checks it without an installation that is set up.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of the release")
        parser.add_argument("--key", type=Path, metavar="FILE", help="the public key of whoever should have signed it")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])
        # Read first: a wrong key is told before minutes of checking.
        key = self._key(options["key"])
        result = verify_release(folder)
        if key and result.manifest_sha256:
            result.findings += filter(None, [signature.problem(folder, key)])
        signed = (folder / signature.NAME).is_file()
        if options["json"]:
            facts = {"folder": str(folder), "holds": result.holds, "manifest_sha256": result.manifest_sha256}
            facts |= {"signed": signed, "signature_checked": key is not None}
            facts |= {"rows_checked": result.rows_checked, "files": result.files, "images": result.images}
            report = {"findings": result.findings, "remarks": result.remarks}
            self.stdout.write(json.dumps(facts | report, ensure_ascii=False))
        elif result.holds:
            signer = "signed by this key" if key else "signed: --key tells by whom" if signed else "not signed"
            counts = f"{result.files} files" + (f", {result.images} images" if result.rows_checked else "")
            self.stdout.write("\n".join([f"{folder} holds: {counts}; {signer}", *result.remarks]))
        else:
            self.stdout.write("\n".join(result.findings))
        if not result.holds:
            raise CommandError(f"{folder} does not hold: {len(result.findings)} findings")

    def _key(self, path: Path | None) -> Any:
        try:
            return signature.public_key(path) if path else None
        except signature.KeyRefused as error:
            raise CommandError(str(error)) from error
