"""Withdraw an image, or what a person answered in a campaign."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.releases.withdraw import copies_of, withdraw_image, withdraw_person
from annotation.errors import BadInput, Conflict
from annotation.management.arguments import campaign_named, person_named
from annotation.models import Image, Withdrawal

FILES = {
    Image.Files.ERASED: "erased from storage",
    Image.Files.SEALED: "sealed: kept in storage, never served",
    Image.Files.SERVED: "still in storage, which could not be reached, and served to nobody; `clean_up` tries again",
}


class Command(BaseCommand):
    help = (
        "Leave an image, or a person's answers in a campaign, out of every release from now on; an image's files are "
        "erased, or sealed where it was a mistake."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        subject = parser.add_mutually_exclusive_group(required=True)
        subject.add_argument("--image", metavar="SHA256", help="the image, withdrawn from all campaigns")
        subject.add_argument("--person", metavar="NAME", help="a pseudonym or user name; needs --campaign")
        parser.add_argument("--campaign", metavar="SLUG", help="where the person's answers are withdrawn")
        parser.add_argument("--reason", required=True, choices=Withdrawal.Reason.values)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            withdrawals = self.image(options) if options["image"] else [self.person(options)]
        except (BadInput, Conflict) as error:
            raise CommandError(str(error)) from error
        rows: list[dict[str, Any]] = [
            {
                "campaign": withdrawal.campaign.slug,
                "image": withdrawal.image.sha256 if withdrawal.image else None,
                "rater": getattr(withdrawal.person, "pseudonym", None),
                "reason": str(withdrawal.reason),
                "files": str(withdrawal.image.files) if withdrawal.image else None,
                "releases": sorted(release.version for release in withdrawal.releases.all()),
                "folders": sorted(str(release.path) for release in withdrawal.releases.all()),
                "copies": copies_of(withdrawal),
            }
            for withdrawal in withdrawals
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"withdrawn": rows}))
        for row in rows if not options["json"] else ():
            versions = ", ".join(row["releases"]) or "none"
            self.stdout.write(
                f"{row['campaign']}: {row['image'] or row['rater']} withdrawn; releases marked: {versions}"
            )
            if row["files"]:
                self.stdout.write(f"{row['campaign']}: its files are {FILES[row['files']]}")
            for folder in row["folders"]:
                self.stdout.write(f"{row['campaign']}: {folder} holds what was withdrawn")
            for copy in row["copies"]:
                self.stdout.write(
                    f"{copy['campaign']}: holds imported copies under {copy['rater']}; withdraw them there too"
                )

    def image(self, options: dict[str, Any]) -> list[Withdrawal]:
        image = Image.objects.filter(sha256=options["image"]).first()
        if image is None:
            raise CommandError(f"image {options['image']!r} is unknown; a SHA-256 is accepted")
        return withdraw_image(image, by=None, reason=options["reason"])

    def person(self, options: dict[str, Any]) -> Withdrawal:
        if not options["campaign"]:
            raise CommandError("--person needs --campaign")
        person = person_named(options["person"])
        return withdraw_person(campaign_named(options["campaign"]), person, by=None, reason=options["reason"])
