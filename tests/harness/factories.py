"""Make what tests need, in a line each: people, images, campaigns, answers."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from django.core.files.base import ContentFile
from PIL import Image as PILImage

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns.open_campaign import (
    create_campaign,
    invite_people,
    open_campaign,
    publish_rubric,
    show_model,
)
from annotation.actions.duplicates.group_images import regroup_images
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.draw_up_release import contents_now
from annotation.dataset.format.frozen import EVERYTHING, Scope
from annotation.images.tiles import cut_tiles
from annotation.models import (
    Assignment,
    Campaign,
    Image,
    Membership,
    ModelVersion,
    NearDuplicateGroup,
    NearDuplicatePair,
    Prefill,
    Preset,
    Release,
    RubricVersion,
)
from annotation.roles import Role
from webapp.accounts.models import User

RUBRIC_FILE = Path(__file__).parents[2] / "fixtures" / "rubrics" / "artimuse.yaml"
PASSWORD = "a long enough word"
numbers = itertools.count(1)


def make_user(name: str, **fields: Any) -> User:
    user = User(username=name, **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


# Who of the cast has which role in every campaign of a test; the annotators are invited to theirs.
STAFF = {"rita": Role.ADJUDICATOR, "olga": Role.ORGANISER, "arthur": Role.AUDITOR}


def enrol_staff() -> None:
    """Give whoever of rita, olga and arthur is there their role in the campaigns that are there."""
    for person in User.objects.filter(username__in=STAFF):
        for campaign in Campaign.objects.exclude(memberships__user=person):
            give_roles(person, campaign, STAFF[person.username])


def somebody(name: str, **fields: Any) -> User:
    """Return one of the cast, who may be there already, with their role in the campaigns that are there."""
    person = User.objects.filter(username=name).first() or make_user(name, **fields)
    if name in STAFF:
        enrol_staff()
    return person


def give_roles(person: User, campaign: Campaign, *roles: Role) -> None:
    """Give a person exactly these roles in a campaign, without an event."""
    membership, _created = Membership.objects.get_or_create(campaign=campaign, user=person)
    membership.roles = frozenset(roles)
    membership.save()


@cache
def rubric_content() -> str:
    """Read the rubric file once: YAML is slow."""
    return json.dumps(yaml.safe_load(RUBRIC_FILE.read_text(encoding="utf-8")))


def make_rubric() -> RubricVersion:
    return publish_rubric(json.loads(rubric_content()))


def make_image(subcategory: str = "daily_photo", **fields: Any) -> Image:
    """Make an image row with small real files behind it; no two are alike."""
    number = next(numbers)
    buffer = io.BytesIO()
    PILImage.new("RGB", (8, 6), (number % 256, number // 256 % 256, 90)).save(buffer, "PNG")
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data + str(number).encode()).hexdigest()
    values: dict[str, Any] = {
        "sha256": sha256,
        "stripped_sha256": hashlib.sha256(data).hexdigest(),
        "perceptual_hash": f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}",
        "format": "PNG",
        "width": 8,
        "height": 6,
        "byte_size": len(data),
        "original_name": f"image-{number}.png",
        "subcategory": subcategory,
        "licence": "CC0-1.0",
        "author": "nobody",
        "source": "drawn for a test",
    }
    image = Image(**(values | fields))
    image.group = fields.get("group") or NearDuplicateGroup.objects.create()
    for name in ("original", "stripped", "display", "thumbnail"):
        getattr(image, name).save("image", ContentFile(data), save=False)
    image.save()
    return image


def make_painting(seed: int, side: int = 64, **fields: Any) -> Image:
    """Make an image of four by four cells of colours drawn once a seed, which the embedder `grid` knows again."""
    cells = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    buffer = io.BytesIO()
    PILImage.fromarray(cells).resize((side, side), PILImage.Resampling.NEAREST).save(buffer, "PNG")
    image = make_image(stripped_sha256=hashlib.sha256(buffer.getvalue()).hexdigest(), **fields)
    image.stripped.save("image", ContentFile(buffer.getvalue()))
    return image


def tie(
    one: Image, other: Image, state: str = NearDuplicatePair.State.SURE, likeness: int | None = None
) -> NearDuplicatePair:
    """Make two images a pair, and what either is tied to one group; as alike as the state says, if nothing is said."""
    if likeness is None:
        likeness = 960 if state == NearDuplicatePair.State.SURE else 900
    older, newer = sorted((one, other), key=lambda image: image.pk)
    pair = NearDuplicatePair.objects.create(one=older, other=newer, bits=8, likeness=likeness, state=state)
    groups = Image.objects.filter(pk__in=[older.pk, newer.pk]).values_list("group", flat=True)
    regroup_images(list(groups))
    return pair


def give_tiles(image: Image) -> None:
    """Give an image the tiles of an image of 1300 by 700 pixels."""
    buffer = io.BytesIO()
    PILImage.radial_gradient("L").resize((1300, 700)).save(buffer, "JPEG")
    image.width, image.height = 1300, 700
    image.tiles.save("tiles", ContentFile(cut_tiles(buffer.getvalue())))


def make_campaign(
    slug: str = "portraits",
    *,
    people: tuple[User, ...] = (),
    images: int = 3,
    preset: str = Preset.BLIND_PANEL,
    opened: bool = True,
    **options: Any,
) -> Campaign:
    campaign = create_campaign(
        slug, title=slug.title(), rubric_version=make_rubric(), by=None, preset=preset, **options
    )
    add_images(campaign, [make_image() for _ in range(images)], by=None)
    invite_people(campaign, people, by=None)
    enrol_staff()
    if opened and people and images:
        if preset != Preset.BLIND_PANEL:
            show_model(campaign, ModelVersion.objects.get_or_create(name="fake", version="1")[0], by=None)
        open_campaign(campaign, by=None)
    return campaign


def force_arm(campaign: Campaign, **shares: int) -> None:
    """Set the arm shares outright, such as reveal=100."""
    for arm in ("blind", "reveal", "assisted"):
        setattr(campaign, f"{arm}_share", shares.get(arm, 0))
    campaign.save()


SECRET_WORDS = "the model proposes a heron by moonlight"


def make_prefill(image: Image, model: ModelVersion | None = None, *, score: float | None = 63.0) -> Prefill:
    """Make a prefill whose critiques can be recognised anywhere."""
    version = model or ModelVersion.objects.get_or_create(name="fake", version="1")[0]
    rubric = make_rubric().rubric
    return Prefill.objects.create(
        image=image,
        model_version=version,
        score=score,
        attributes={key: {"score": 71.0, "critique": f"{SECRET_WORDS}: {key}"} for key in rubric.by_key},
        seconds=0.1,
    )


def prefill_all(campaign: Campaign) -> ModelVersion:
    """Give every image of the campaign a prefill, and show that model."""
    version = ModelVersion.objects.get_or_create(name="fake", version="1")[0]
    for image in campaign.images.all():
        make_prefill(image, version)
    campaign.shown_model = version
    campaign.save()
    return version


def make_content(score: float = 7.5, *, subcategory: str = "portrait", **scores: float) -> dict[str, Any]:
    """Make an answer as the judging page sends it."""
    version = make_rubric()
    return {
        "key": str(uuid.uuid4()),
        "rubric_version": version.number,
        "subcategory": subcategory,
        "seconds": 90,
        "seconds_to_first_score": 8,
        "judgements": {
            key: {"score": scores.get(key, score), "critique": f"My own words on {key}.", "language": "en"}
            for key in version.rubric.by_key
        },
    }


def judge(campaign: Campaign, user: User, score: float = 7.5, **scores: float) -> Assignment:
    """Let a person judge their next image."""
    assignment = assign.next_assignment(campaign, user)
    assert assignment is not None, f"nothing is left for {user}"
    content = make_content(score)
    for attribute, given in scores.items():
        content["judgements"][attribute]["score"] = given
    return annotate.commit_annotation(assignment, content, by=user)


def make_release(campaign: Campaign, version: str, scope: Scope = EVERYTHING, **fields: Any) -> Release:
    """Make the record of a release of what there is now, without its files."""
    record = contents_now((campaign,), scope).frozen.to_json()
    return Release.objects.create(campaign=campaign, version=version, record=record, **fields)
