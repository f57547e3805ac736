"""Hold the tools every drawing module shares: colour, noise, blur, masks, paper.

A canvas is a float32 array of shape (height, width, 3) with values in [0, 1]; a mask is (height, width).
Everything random comes from the generator passed in, so that a seed fixes the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Array = NDArray[Any]
Rng = np.random.Generator
Point = tuple[float, float]


def rgb(code: str) -> Array:
    """Return the colour of "#rrggbb" as three floats."""
    return np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def blank(height: int, width: int, colour: str) -> Array:
    """Return a canvas of one colour."""
    return np.broadcast_to(rgb(colour), (height, width, 3)).astype(np.float32)


def plane(height: int, width: int) -> tuple[Array, Array]:
    """Return y (0 at the top, 1 at the bottom) as a column and x (0 to width / height) as a row."""
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
    x = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / height
    return y, x


def smoothstep(low: float | Array, high: float | Array, value: Array) -> Array:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def ramp(value: Array, colours: Sequence[str]) -> Array:
    """Map values in [0, 1] to colours spread evenly over that range; the result has one more axis, of length 3."""
    stops = np.linspace(0, 1, len(colours))
    table = np.stack([rgb(colour) for colour in colours])
    return np.stack([np.interp(value, stops, table[:, c]) for c in range(3)], axis=-1).astype(np.float32)


def lay(canvas: Array, colour: str | Array, mask: Array | float) -> None:
    """Lay a colour (or another canvas) over `canvas` in place, as strongly as `mask` says."""
    paint = rgb(colour) if isinstance(colour, str) else colour
    strength = np.asarray(mask, np.float32)
    for c in range(3):
        canvas[..., c] += (paint[..., c] - canvas[..., c]) * strength


def multiply(canvas: Array, colour: str, mask: Array) -> None:
    """Stain `canvas` in place as a transparent ink does."""
    strength = np.asarray(mask, np.float32)
    for c, channel in enumerate(rgb(colour)):
        canvas[..., c] *= 1 - (1 - channel) * strength


def resize(array: Array, height: int, width: int, how: Image.Resampling = Image.Resampling.BICUBIC) -> Array:
    """Resample one channel."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(array, np.float32)).resize((width, height), how))


def noise(rng: Rng, height: int, width: int, cells: float, octaves: int = 4, stretch: float = 1) -> Array:
    """Return fractal value noise spread over [0, 1], with `cells` cells down the image in its coarsest octave.

    `stretch` above 1 draws the cells out sideways, below 1 upwards. Noise without fine detail is made at half size.
    """
    if cells * 2**octaves < height / 4 and stretch > 0.3:
        half = noise(rng, height // 2, width // 2, cells, octaves, stretch)
        return resize(half, height, width, Image.Resampling.BILINEAR)
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        rows = max(2, round(cells * 2**octave)) + 1
        columns = max(2, round(cells * 2**octave * width / height / stretch)) + 1
        total += resize(rng.random((rows, columns), np.float32), height, width) / 2**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low)


def line_noise(rng: Rng, length: int, cells: float, octaves: int = 5, roughness: float = 0.5) -> Array:
    """Return fractal noise along a line, centred on 0, of about unit range."""
    total = np.zeros(length)
    for octave in range(octaves):
        knots = round(cells * 2**octave) + 2
        total += np.interp(np.linspace(0, knots - 1, length), np.arange(knots), rng.random(knots) - 0.5) * (
            roughness**octave
        )
    return total.astype(np.float32)


def ridge(
    rng: Rng, width: int, base: float, peaks: Sequence[tuple[float, float, float]], rough: float = 34, bell: float = 1.6
) -> Array:
    """Return a skyline in pixels from the top; peaks are (place across, height, breadth), pointed if `bell` is 1."""
    x = np.linspace(0, 1, width, dtype=np.float32)
    line = np.full(width, base, np.float32)
    for place, rise, breadth in peaks:
        line = np.minimum(line, base - rise * np.exp(-(np.abs((x - place) / breadth) ** bell)))
    return line + rough * line_noise(rng, width, 9, 6, 0.62)


def blur(array: Array, radius: float) -> Array:
    """Blur a mask or a canvas: shrink it by about the radius, soften, enlarge it again (quick, close to a Gaussian)."""
    if array.ndim == 3:
        return np.stack([blur(array[..., c], radius) for c in range(array.shape[2])], axis=-1)
    height, width = array.shape
    factor = max(1, round(radius / 1.5))
    small = np.asarray(Image.fromarray(np.ascontiguousarray(array, np.float32)).reduce(factor))
    for axis in (0, 1):
        small = _soften(small, axis)
    window = (0, 0, width / factor, height / factor)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC, window))


def _soften(array: Array, axis: int) -> Array:
    """Average each value with its neighbours along one axis, weighted 1 2 3 2 1; edges repeat."""
    lines = np.pad(np.moveaxis(array, axis, 0), [(2, 2), (0, 0)], mode="edge")
    size = array.shape[axis]
    total = sum((w * lines[k : k + size] for k, w in enumerate((1, 2, 3, 2, 1))), np.zeros_like(lines[:size]))
    return np.ascontiguousarray(np.moveaxis(total / 9, 0, axis))


def drawn(height: int, width: int, draw: Callable[[ImageDraw.ImageDraw, float], None], fine: int = 2) -> Array:
    """Return the mask that `draw` makes in white on black.

    `draw` gets the pen and the scale by which to multiply pixels: it draws `fine` times too large, and shrinking
    smooths its edges.
    """
    image = Image.new("L", (width * fine, height * fine))
    draw(ImageDraw.Draw(image), fine)
    return np.asarray(image.reduce(fine), np.float32) / 255


def polygon(height: int, width: int, points: Sequence[Point]) -> Array:
    """Return the mask of a polygon given in pixels."""
    return drawn(height, width, lambda pen, k: pen.polygon([(x * k, y * k) for x, y in points], fill=255))


def disc(height: int, width: int, centre: Point, radius: float, soft: float = 1) -> Array:
    """Return the mask of a disc in pixels, its edge `soft` pixels wide."""
    y, x = np.ogrid[:height, :width]
    distance = np.hypot(x - centre[0], y - centre[1]).astype(np.float32)
    return 1 - smoothstep(radius - soft, radius + soft, distance)


def font(size: float) -> ImageFont.FreeTypeFont:
    """Return Aileron Regular (CC0-1.0), the font that Pillow carries."""
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):  # pragma: no cover - Pillow's wheels have FreeType
        raise TypeError("Pillow was built without FreeType; the demo set needs its bundled font Aileron")
    return found


def paper(rng: Rng, height: int, width: int, colour: str, roughness: float = 0.04) -> Array:
    """Return a sheet of paper with fibres and slow stains."""
    fine = noise(rng, height, width, height / 6, 2, 3) + noise(rng, height, width, height / 5, 2, 0.5) - 1
    slow = noise(rng, height, width, 3, 3) - 0.5
    sheet = blank(height, width, colour)
    return np.clip(sheet * (1 + roughness * fine + roughness * slow)[..., None], 0, 1).astype(np.float32)


def vignette(canvas: Array, strength: float) -> None:
    """Darken the corners in place."""
    height, width = canvas.shape[:2]
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    canvas *= (1 - strength * smoothstep(0.4, 1.6, x * x + y * y))[..., None].astype(np.float32)


def grain(canvas: Array, rng: Rng, strength: float) -> None:
    """Add film grain in place."""
    canvas += rng.normal(0, strength, canvas.shape[:2]).astype(np.float32)[..., None]


def to_image(canvas: Array) -> Image.Image:
    """Turn a canvas into an image of 8 bits a channel."""
    return Image.fromarray((np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8))


def from_image(image: Image.Image) -> Array:
    """Turn an image into a canvas."""
    return np.asarray(image.convert("RGB"), np.float32) / 255
