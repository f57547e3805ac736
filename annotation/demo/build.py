"""Build the demo set: draw or read every image that `fixtures/demo/manifest.csv` lists (first step of the flow).

The manifest is data and says what each image is; the file's stem names the function that makes it. It is written
last, so a folder with a manifest is complete.
"""

from __future__ import annotations

import csv
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from . import (
    calligraphy,
    crayons,
    digital,
    generated,
    ink,
    oils,
    photographs,
    posters,
    products,
    scenes,
    sculptures,
    sketches,
)
from .canvas import Array, Rng, to_image

described = Path(__file__).resolve().parents[2] / "fixtures" / "demo" / "manifest.csv"
seed = 2026

makers: tuple[Callable[[Rng], Array], ...] = (
    photographs.coffee_duotone,
    photographs.dahlia_mirrored,
    scenes.desert_crossing,
    scenes.neon_rain,
    scenes.lit_doorway,
    scenes.window_silhouette,
    scenes.colonnade,
    scenes.glass_towers,
    digital.ink_current,
    digital.facet_valley,
    digital.night_blocks,
    digital.plasma,
    crayons.house_and_sun,
    crayons.rocket_trip,
    crayons.fish_family,
    crayons.scrawl,
    ink.misty_mountains,
    ink.bamboo,
    ink.plum_blossom,
    ink.lone_boat,
    oils.lake_at_dusk,
    oils.still_life,
    oils.wheat_field,
    oils.muddy_daub,
    sketches.plaster_study,
    sketches.head_study,
    sketches.old_street,
    sketches.smudge,
    calligraphy.eternal,
    calligraphy.mountain_water,
    calligraphy.circle,
    calligraphy.lumen,
    generated.dream_nebula,
    generated.mirror_sea,
    generated.coral_fractal,
    generated.broken_symmetry,
    products.vases,
    products.stool,
    products.lamp,
    products.radio,
    products.cup,
    sculptures.reclining,
    sculptures.knot,
    sculptures.bust,
    posters.form_and_measure,
    posters.blue_hour,
    posters.water_and_stone,
    posters.on_seeing,
    posters.mega_sale,
)
drawings = {maker.__name__: maker for maker in makers}
copies = {"wheat_field_small": "wheat_field"}
"""Deliberate near-duplicates: a copy and the drawing it shrinks, so that the demo has a duplicate group."""


@dataclass(frozen=True)
class DemoImage:
    """One row of the manifest; `file` is relative to the demo set's folder."""

    file: str
    subcategory: str
    licence: str
    author: str
    source: str
    title: str
    note: str

    @property
    def name(self) -> str:
        """Return the name of what makes the image."""
        return Path(self.file).stem.replace("-", "_")


@dataclass(frozen=True)
class DemoSet:
    """A demo set that lies complete in `folder`; `made` counts the images written this time."""

    folder: Path
    images: tuple[DemoImage, ...]
    made: int

    @property
    def manifest(self) -> Path:
        """Return the path of the manifest."""
        return self.folder / "manifest.csv"


def build_demo_set(folder: Path) -> DemoSet:
    """Write the images to `folder`/images and then `folder`/manifest.csv; leave a complete set alone.

    The same library versions give the same bytes. Raises SourceRefused when a package that carries photographs is
    missing; no manifest is written then.
    """
    images = read_manifest(described)
    manifest = folder / "manifest.csv"
    if manifest.is_file() and manifest.read_bytes() == described.read_bytes() and _all_there(folder, images):
        return DemoSet(folder, images, made=0)
    for place in photographs.photographs.values():
        photographs.located(place)
    manifest.unlink(missing_ok=True)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for image in sorted(images, key=lambda image: image.name in copies):
        _save(_made(image.name, folder, images), folder / image.file, image.name in copies)
    _replace(manifest, described.read_bytes())
    return DemoSet(folder, images, made=len(images))


def read_manifest(path: Path) -> tuple[DemoImage, ...]:
    """Return the rows of a demo manifest."""
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(DemoImage(**row) for row in csv.DictReader(lines))


def _all_there(folder: Path, images: tuple[DemoImage, ...]) -> bool:
    """Return whether every image has its file."""
    return all((folder / image.file).is_file() for image in images)


def _made(name: str, folder: Path, images: tuple[DemoImage, ...]) -> Image.Image:
    """Return the image of that name: drawn, read from a package, or shrunk from one made before."""
    if name in drawings:
        return to_image(drawings[name](np.random.default_rng([seed, zlib.crc32(name.encode())])))
    if name in copies:
        original = next(image for image in images if image.name == copies[name])
        with Image.open(folder / original.file) as opened:
            return opened.reduce(2)
    return photographs.photograph(name)


def _save(image: Image.Image, path: Path, coarse: bool) -> None:
    """Write an image in the format that its file name asks for, whole or not at all; `coarse` copies lose detail."""
    kept = {".jpg": {"quality": 55 if coarse else 91, "subsampling": 0}, ".webp": {"quality": 90}, ".png": {}}
    unfinished = path.with_name(f".{path.name}")
    image.save(unfinished, format=Image.registered_extensions()[path.suffix], **kept[path.suffix])
    os.replace(unfinished, path)


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
