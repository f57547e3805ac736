"""Create a campaign."""

from __future__ import annotations

import json
import re
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotation.actions.campaigns.open_campaign import (
    check_slug,
    create_campaign,
    describe_campaign,
    invite_people,
    publish_rubric,
)
from annotation.actions.rubrics.shipped_rubric import FILE
from annotation.errors import BadInput, RubricInvalid
from annotation.management.arguments import people_named
from annotation.models import Preset
from annotation.models.campaigns import DARKEST_SURROUND, LIGHTEST_SURROUND
from annotation.rubric.source import load


def grey(text: str) -> int:
    """Return the level of a neutral grey such as #4a4a4a, 0 to 255. Raise ArgumentTypeError for anything else."""
    match = re.fullmatch(r"#?([0-9a-f]{2})\1\1", text.lower())
    level = int(match[1], 16) if match else -1
    if not DARKEST_SURROUND <= level <= LIGHTEST_SURROUND:
        raise ArgumentTypeError(f"a neutral grey from #303030 to #7c7c7c is accepted, not {text!r}")
    return level


class Command(BaseCommand):
    help = "Create a draft campaign with its rubric and people; import images and run a prefill next, then open it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="its short name, for addresses and commands")
        parser.add_argument("--title", required=True, help="its title, for people")
        parser.add_argument("--rubric", type=Path, default=FILE, metavar="FILE", help="a rubric (YAML)")
        parser.add_argument(
            "--preset", choices=Preset.values, default=Preset.COMMIT_THEN_REVIEW, help="how the model is shown"
        )
        parser.add_argument("--answers", type=int, default=3, metavar="K", help="answers per image")
        parser.add_argument(
            "--surround", type=grey, default=0x4A, metavar="GREY", help="around every image: #303030 to #7c7c7c"
        )
        parser.add_argument("--people", nargs="*", default=[], metavar="NAME", help="user names of the annotators")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    # All or nothing: a mistyped user name must leave no campaign behind that blocks the next try.
    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["slug"]
        try:
            check_slug(slug)
        except BadInput as error:
            raise CommandError(str(error)) from error
        if options["answers"] < 1:
            raise CommandError(f"--answers: 1 or more is accepted, not {options['answers']}")
        try:
            version = publish_rubric(load(options["rubric"].read_text(encoding="utf-8")))
        except UnicodeDecodeError as error:
            raise CommandError(
                f"{options['rubric']}: a rubric as YAML in UTF-8 is accepted; byte {error.start} is something else"
            ) from error
        except (OSError, RubricInvalid) as error:
            raise CommandError(f"{options['rubric']}: {error}") from error
        campaign = create_campaign(
            slug,
            title=options["title"],
            rubric_version=version,
            by=None,
            preset=options["preset"],
            annotations_per_image=options["answers"],
            surround=options["surround"],
        )
        invite_people(campaign, people_named(options["people"]), by=None)
        if options["json"]:
            self.stdout.write(
                json.dumps({**describe_campaign(campaign), "people": options["people"]}, ensure_ascii=False)
            )
        else:
            self.stdout.write(f"Campaign {slug} is a draft; next: import_images, prefill, open_campaign")
