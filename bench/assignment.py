"""Time the next assignment in a campaign of 100,000 images against one of 1,000, and print the plan of the query."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from typing import Any

from .__main__ import Row

SMALL, LARGE = 1_000, 100_000
ROUNDS = 30


def run() -> list[Row]:
    """Return one row: the median of thirty next assignments in each campaign, taken in turn."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "webapp.settings", "DATABASE_URL": ""}
        import django  # noqa: PLC0415  its settings are read from the environment set above
        from django.core.management import call_command  # noqa: PLC0415

        django.setup()
        call_command("migrate", verbosity=0)
        campaigns = [make_campaign(size) for size in (SMALL, LARGE)]
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for (campaign, person), seconds in zip(campaigns, times, strict=True):
                seconds.append(time_next_assignment(campaign, person))
        print_plan(*campaigns[1])
    small, large = (sorted(seconds)[ROUNDS // 2] for seconds in times)
    return [Row(f"next assignment, {LARGE:,} images", large, small, f"the same with {SMALL:,}")]


def make_campaign(size: int) -> Any:
    """Make an open campaign of rows only, no images, and a person who takes part."""
    from django.db import transaction  # noqa: PLC0415  Django's settings are there only now

    from annotation.actions.campaigns.open_campaign import create_campaign, invite_people, open_campaign  # noqa: PLC0415
    from annotation.actions.places.orders import number_images  # noqa: PLC0415
    from annotation.models import CampaignImage, Image, NearDuplicateGroup  # noqa: PLC0415
    from tests.harness.factories import make_rubric, make_user  # noqa: PLC0415

    person = make_user(f"expert-{size}")
    campaign = create_campaign(
        f"size-{size}", title=str(size), rubric_version=make_rubric(), by=None, preset="blind-panel"
    )
    subcategories = list(campaign.rubric.subcategories)
    names = [hashlib.sha256(f"{size}:{number}".encode()).hexdigest() for number in range(size)]
    groups = NearDuplicateGroup.objects.bulk_create([NearDuplicateGroup() for _ in names], batch_size=2000)
    images = Image.objects.bulk_create(
        [
            Image(sha256=name, group=group, format="JPEG", width=1, height=1, byte_size=1, perceptual_hash=name[:16])
            for name, group in zip(names, groups, strict=True)
        ],
        batch_size=2000,
    )
    entries = [
        CampaignImage(campaign=campaign, image=image, subcategory=subcategories[number % 15], wanted=3, places=3)
        for number, image in enumerate(images)
    ]
    with transaction.atomic():
        number_images(campaign, entries)
        CampaignImage.objects.bulk_create(entries, batch_size=2000)
    invite_people(campaign, [person], by=None)
    start = time.perf_counter()
    open_campaign(campaign, by=None)
    print(f"opening {size:,} images: {time.perf_counter() - start:.2f} s", file=sys.stderr)
    return campaign, person


def time_next_assignment(campaign: Any, person: Any) -> float:
    """Hand out one image, put it aside again, and return how long the handing out took, in seconds."""
    from annotation.actions.assignments import assign  # noqa: PLC0415

    start = time.perf_counter()
    assignment = assign.next_assignment(campaign, person)
    seconds = time.perf_counter() - start
    assert assignment is not None
    assign.skip_assignment(assignment, "cannot_judge", by=person)
    return seconds


def print_plan(campaign: Any, person: Any) -> None:
    """Print how the database finds the first image of a person's order."""
    from annotation.actions.places.orders import WINDOW, Walk  # noqa: PLC0415

    walk = Walk(campaign.memberships.with_what_orders_need().get(user=person.pk))
    print(walk.images_at(next(walk.stretches(WINDOW)))[:1].explain(), file=sys.stderr)
