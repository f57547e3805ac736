"""What looks nearly the same joins a group; what may is left to a person."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from annotation.actions.images.import_images import import_images
from annotation.images.files import Limits, inspect
from annotation.models import Image, NearDuplicateGroup, NearDuplicatePair
from tests.annotation.images.test_files import encode, scene
from tests.harness.factories import make_image
from tests.harness.sources import draw, put

pytestmark = pytest.mark.django_db


def groups(*names: str) -> set[int]:
    return set(Image.objects.filter(original_name__in=names).values_list("group", flat=True))


@pytest.mark.engine
def test_a_near_duplicate_joins_the_group_of_what_it_resembles(draft, folder):
    put(folder, "sketch/smaller.jpg", encode(scene(48, 32, seed=1), "JPEG", quality=70))
    report = import_images(draft, folder, by=None)
    assert [(item.file, item.reason) for item in report.near_duplicates] == [
        ("sketch/smaller.jpg", "shows nearly the same as a.jpg")
    ]
    assert len(groups("a.jpg", "smaller.jpg")) == 1
    assert len(groups("a.jpg", "b.png", "c.webp")) == 3


@pytest.mark.parametrize("turn", [*Pillow.Transpose], ids=lambda turn: str(turn.name))
def test_an_image_turned_or_mirrored_joins_the_group_too(draft, tmp_path, turn):
    put(tmp_path / "in", "portrait/a.png", encode(scene(200, 150, seed=1)))
    turned = scene(160, 120, seed=1).transpose(turn)
    put(tmp_path / "in", "portrait/turned.jpg", encode(turned, "JPEG", quality=75))
    import_images(draft, tmp_path / "in", by=None)
    assert len(groups("a.png", "turned.jpg")) == 1


def neighbour(data: bytes, *bits: int, alike: float = 1.0, **fields: Any) -> Image:
    """Make an image whose hash differs from that of `data` in these bits, and whose miniature correlates so far."""
    inspected = inspect(data, Limits())
    flipped = int(inspected.perceptual_hash, 16) ^ sum(1 << bit for bit in bits)
    own = np.frombuffer(inspected.miniature, np.uint8).astype(float)
    own = (own - own.mean()) / own.std()
    noise = np.random.default_rng(1).normal(size=own.size)
    noise -= noise.mean() + own * (noise @ own) / (own @ own)
    mixture = alike * own + np.sqrt(1 - alike**2) * noise / noise.std()
    pixels = np.rint(128 + 30 * mixture).clip(0, 255).astype(np.uint8).tobytes()
    return make_image(**({"perceptual_hash": f"{flipped:016x}", "miniature": pixels} | fields))


@pytest.mark.parametrize(
    ("bits", "alike", "state"),
    [
        (0, 0.98, "sure"),
        (14, 0.98, "sure"),
        (15, 0.98, None),
        (14, 0.92, "undecided"),
        (0, 0.92, "undecided"),
        (0, 0.82, None),
    ],
)
def test_two_looks_say_whether_images_are_a_pair(draft, tmp_path, bits, alike, state):
    other = neighbour(draw(1), *range(bits), alike=alike)
    put(tmp_path / "in", "portrait/a.png", draw(1))
    report = import_images(draft, tmp_path / "in", by=None)
    image = Image.objects.get(original_name="a.png")
    assert [(pair.one, pair.other, pair.state) for pair in NearDuplicatePair.objects.all()] == (
        [(other, image, state)] if state else []
    )
    assert (image.group == other.group) is bool(state)
    remarks = {"sure": f"shows nearly the same as {other.original_name}", None: ""}
    remarks["undecided"] = f"{remarks['sure']}, or may: an organiser decides"
    assert "".join(entry.reason for entry in report.near_duplicates) == remarks[state]


@pytest.mark.parametrize(("bits", "state"), [(6, "undecided"), (7, None)])
def test_without_a_miniature_six_bits_go_to_a_person(draft, tmp_path, bits, state):
    neighbour(draw(1), *range(bits), miniature=b"")
    put(tmp_path / "in", "portrait/a.png", draw(1))
    import_images(draft, tmp_path / "in", by=None)
    assert [pair.state for pair in NearDuplicatePair.objects.all()] == ([state] if state else [])


@pytest.mark.engine
def test_a_newcomer_that_ties_two_groups_makes_them_one(draft, tmp_path):
    one, other = neighbour(draw(1), 0, 1, 2, 3, 4), neighbour(draw(1), 60, 61, 62, 63, split="train")
    third = make_image(group=other.group)
    put(tmp_path / "in", "portrait/a.png", draw(1))
    report = import_images(draft, tmp_path / "in", by=None)
    assert report.near_duplicates[0].reason == f"shows nearly the same as {other.original_name}"
    assert groups("a.png", one.original_name, other.original_name, third.original_name) == {one.group_id}
    assert NearDuplicateGroup.objects.count() == 1


def test_a_newcomer_that_ties_different_splits_is_said_to_be_held_back(draft, tmp_path):
    one, other = neighbour(draw(1), 0, 1, 2, split="train"), neighbour(draw(1), 60, 61, split="test")
    put(tmp_path / "in", "portrait/a.png", draw(1))
    report = import_images(draft, tmp_path / "in", by=None)
    assert report.near_duplicates[0].reason == (
        f"shows nearly the same as {other.original_name}; "
        "releases hold it back, for it ties together the splits test and train"
    )
    assert NearDuplicatePair.objects.tying().count() == 2
    assert groups("a.png", one.original_name, other.original_name) == {one.group_id}
