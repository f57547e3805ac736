"""Read the free photographs that installed packages carry, and make two works of photo art from them.

Only files that lie inside a package's wheel are read, nothing is downloaded, and the packages themselves are not
imported. `fixtures/demo/CREDITS.md` says where each licence is stated and which images were left out.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from annotation.errors import SourceRefused

from .canvas import Array, Rng, blur, from_image, grain, ramp, smoothstep, vignette

distributions = {"skimage": "scikit-image", "sklearn": "scikit-learn", "pywt": "PyWavelets"}

photographs = {
    "coffee": "skimage/data/coffee.png",
    "chelsea": "skimage/data/chelsea.png",
    "clock": "skimage/data/clock_motion.png",
    "astronaut": "skimage/data/astronaut.png",
    "cameraman": "skimage/data/camera.png",
    "hubble": "skimage/data/hubble_deep_field.jpg",
    "coins": "skimage/data/coins.png",
    "pagoda": "sklearn/datasets/images/china.jpg",
    "dahlia": "sklearn/datasets/images/flower.jpg",
    "ascent": "pywt/data/ascent.npz",
}


def photograph(name: str) -> Image.Image:
    """Return a photograph as it is; raise SourceRefused when the package that carries it is missing."""
    path = located(photographs[name])
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return Image.fromarray(arrays["data"].astype(np.uint8))
    with Image.open(path) as image:
        image.load()
        return image


def located(place: str) -> Path:
    """Return the path of a file inside an installed package; raise SourceRefused when it is not there."""
    package, _, inside = place.partition("/")
    spec = find_spec(package)
    path = Path(spec.origin or "").parent / inside if spec else None
    if path is None or not path.is_file():
        raise SourceRefused(
            f"The demo set needs {place}, which {distributions[package]} carries and which is not installed: "
            "install the dependency group `demo`, for example with `pip install --group demo`."
        )
    return path


def coffee_duotone(rng: Rng) -> Array:
    """Cut the coffee photograph to a long strip and print it in two inks with coarse grain."""
    strip = photograph("coffee").convert("L").crop((60, 70, 600, 340)).resize((1400, 700), Image.Resampling.LANCZOS)
    tone = np.asarray(strip, np.float32) / 255
    canvas = ramp(smoothstep(0.02, 0.95, tone), ["#1b1035", "#8a2a5e", "#f0824a", "#ffe9c2"])
    vignette(canvas, 0.3)
    grain(canvas, rng, 0.045)
    return canvas


def dahlia_mirrored(rng: Rng) -> Array:
    """Fold a wedge of the dahlia photograph into a rosette."""
    flower = from_image(photograph("dahlia"))
    side = 900
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    sector = np.pi / 6
    folded = np.abs(np.mod(angle, 2 * sector) - sector) + 0.35
    row = np.clip(222 + radius * 205 * np.sin(folded), 0, flower.shape[0] - 1)
    column = np.clip(308 + radius * 300 * np.cos(folded), 0, flower.shape[1] - 1)
    canvas = _sampled(flower, row, column)
    canvas = 0.85 * canvas + 0.35 * blur(canvas, 16) * canvas
    vignette(canvas, 0.4)
    grain(canvas, rng, 0.008)
    return canvas


def _sampled(image: Array, row: Array, column: Array) -> Array:
    """Return the colours at fractional places, linearly interpolated."""
    top, left = np.minimum(row.astype(int), image.shape[0] - 2), np.minimum(column.astype(int), image.shape[1] - 2)
    v, u = (row - top)[..., None], (column - left)[..., None]
    upper = image[top, left] * (1 - u) + image[top, left + 1] * u
    lower = image[top + 1, left] * (1 - u) + image[top + 1, left + 1] * u
    return np.asarray(upper * (1 - v) + lower * v, np.float32)
