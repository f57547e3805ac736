"""Push a release to the Hugging Face Hub; without --send, say what would go."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.releases.send_release import pack_release, push_release, release_named
from annotation.management.arguments import campaign_named
from annotation.publishing.hub import checked_repository
from annotation.publishing.parcel import PublishingRefused


class Command(BaseCommand):
    help = "Push a release to a dataset repository of the Hugging Face Hub, tagged with its version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the campaign")
        parser.add_argument("number", metavar="X.Y.Z", help="the version of the release")
        parser.add_argument("--repo", metavar="OWNER/NAME", required=True, help="the dataset repository; made if new")
        parser.add_argument("--public", action="store_true", help="a repository that is made new is public")
        parser.add_argument("--send", action="store_true", help="do it; without this nothing leaves the machine")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        repository, commit = options["repo"], None
        try:
            # Before the release is checked whole, which takes minutes: a typing error is told at once.
            checked_repository(repository)
            release = release_named(campaign_named(options["slug"]), options["number"])
            package = pack_release(release)
            if options["send"]:
                # Private unless asked for: what was public for a moment has been public.
                commit = push_release(release, package, repository, private=not options["public"], by=None)
        except PublishingRefused as error:
            raise CommandError(str(error)) from error
        facts = package.to_json() | {"repository": repository, "sent": options["send"], "commit": commit}
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        elif commit:
            self.stdout.write(f"{package.name} is commit {commit} of {repository}, tagged {package.version}")
        else:
            size = facts["bytes"] / 1e6
            self.stdout.write(
                f"{package.name} would go to {repository}: {facts['files']} files, {size:.1f} MB; --send sends it"
            )
