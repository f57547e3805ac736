"""Time the baseline predictor against merely decoding and reducing the same image."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from mlworker import registry
from mlworker.attributes import ATTRIBUTES
from mlworker.contract import PrefillRequest

from .__main__ import Row, best_of


def run() -> list[Row]:
    """Return one row: a 1600 x 1200 JPEG."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.jpg"
        noise = np.random.default_rng(1).integers(0, 255, (75, 100, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((1600, 1200), Image.Resampling.BICUBIC).save(path, quality=90)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        request = PrefillRequest(path.name, sha256, "baseline", tuple(ATTRIBUTES))
        predictor = registry.load("baseline")

        def decode() -> None:
            with Image.open(path) as image:
                image.draft("RGB", (512, 512))
                image.thumbnail((512, 512))

        ours, floor = best_of(lambda: predictor.predict(request, path), decode)
    return [Row("baseline prefill of an image", ours, floor, "decoding and reducing it with Pillow")]
