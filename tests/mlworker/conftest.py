"""Draw the images the worker's tests judge, and describe requests for them."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mlworker.attributes import ATTRIBUTES
from mlworker.contract import PrefillRequest


def scene(seed: int = 1, width: int = 320, height: int = 240) -> Image.Image:
    """Draw a textured ground, a bright disc off the centre and a coloured sky: detail, colour and a subject."""
    random = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width] / [[[height]], [[width]]]
    red = 0.3 + 0.4 * across
    green = 0.5 - 0.3 * down
    blue = 0.8 - 0.6 * across * down
    image = np.stack([red, green, blue], axis=-1)
    image += random.normal(0, 0.05, (height, width, 1)) * (down > 0.5)[..., None]
    subject = np.hypot(across - random.uniform(0.3, 0.4), down - random.uniform(0.3, 0.6)) < 0.12
    image[subject] = [0.95, 0.8, 0.2]
    return Image.fromarray((np.clip(image, 0, 1) * 255).astype(np.uint8))


def request_for(path: Path, model: str = "baseline") -> PrefillRequest:
    """Ask about all eight attributes of the image file `path`, referred to by its name."""
    return PrefillRequest(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), model, ATTRIBUTES)


@pytest.fixture
def media_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "media"
    root.mkdir(exist_ok=True)
    monkeypatch.setenv("MLWORKER_MEDIA_ROOT", str(root))
    return root


@pytest.fixture
def save_image(media_root: Path) -> Callable[..., Path]:
    """Store an image below the media root and return its path."""

    def store(image: Image.Image, name: str = "scene.png") -> Path:
        image.save(media_root / name)
        return media_root / name

    return store
