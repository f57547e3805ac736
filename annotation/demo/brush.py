"""Move a brush over paper: a bundle of bristles, each with its own ink that runs dry.

A path lists (x, y, half width) in pixels. Strokes gather in an `Ink`, which becomes a mask for `canvas.lay`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from .canvas import Array, Rng, line_noise

Path = Sequence[tuple[float, float, float]]


def spine(path: Path, count: int = 60) -> Array:
    """Return `count` points (x, y, half width) along the Catmull-Rom curve through a path."""
    knots = np.array(path, np.float64)
    knots = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    place = np.linspace(0, len(path) - 1, count)
    index = np.minimum(place.astype(int), len(path) - 2)
    t = (place - index)[:, None]
    a, b, c, d = (knots[index + k] for k in range(4))
    curve: Array = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    curve[:, 2] = np.maximum(np.interp(place, range(len(path)), knots[1:-1, 2]), 0)
    return curve


def normals(curve: Array) -> Array:
    """Return the unit normals (n, 2) of a curve."""
    slope = np.gradient(curve[:, :2], axis=0)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True) + 1e-9
    return np.stack([-slope[:, 1], slope[:, 0]], axis=1)


class Ink:
    """Gather strokes on one sheet, `fine` times larger than the image so that shrinking smooths the edges."""

    def __init__(self, height: int, width: int, fine: int = 2) -> None:
        self.fine = fine
        self.sheet = Image.new("L", (width * fine, height * fine))

    def mask(self) -> Array:
        """Return all strokes so far as a mask."""
        return np.asarray(self.sheet.reduce(self.fine), np.float32) / 255

    def stroke(self, rng: Rng, path: Path, dry: float = 0.2, tone: float = 1, bristles: int = 40) -> None:
        """Draw one stroke; `dry` from 0 (full ink) to 1 (bare bristles), `tone` is the ink's strength."""
        curve = spine(path) * self.fine
        margin = curve[:, 2].max() + 4
        left, top = np.floor(curve[:, :2].min(0) - margin).astype(int)
        right, bottom = np.ceil(curve[:, :2].max(0) + margin).astype(int)
        local = Image.new("L", (int(right - left), int(bottom - top)))
        curve[:, :2] -= (left, top)
        pen = ImageDraw.Draw(local)
        self._bristles(pen, rng, curve, dry, tone, bristles)
        if dry < 0.5:
            for x, y, w in curve[[0, -1]] * (1, 1, 0.82):
                pen.ellipse((x - w, y - w, x + w, y + w), fill=int(255 * tone))
        self._merge(local, int(left), int(top))

    def line(self, points: Sequence[tuple[float, float]], width: float, tone: float = 1) -> None:
        """Draw a plain line with the tip of the brush."""
        scaled = [(x * self.fine, y * self.fine) for x, y in points]
        thick = max(1, round(width * self.fine))
        ImageDraw.Draw(self.sheet).line(scaled, fill=int(255 * tone), width=thick, joint="curve")

    def _bristles(
        self, pen: ImageDraw.ImageDraw, rng: Rng, curve: Array, dry: float, tone: float, bristles: int
    ) -> None:
        """Draw each bristle as a broken line; later and outer parts of the stroke run dry first."""
        across = normals(curve)
        along = np.linspace(0, 1, len(curve))
        thick = max(1, round(2.6 * curve[:, 2].max() / bristles + 0.4))
        for offset in np.linspace(-1, 1, bristles) + rng.normal(0, 0.4 / bristles, bristles):
            points = curve[:, :2] + across * (curve[:, 2] * np.clip(offset, -1, 1))[:, None]
            supply = (
                0.85
                + 0.8 * line_noise(rng, len(curve), rng.uniform(3, 8), 3)
                - dry * (0.35 + 0.75 * along + 0.35 * offset**2)
            )
            shade = int(255 * tone * (1 - 0.25 * dry * rng.random()))
            for start, stop in _runs(supply + (0.6 if dry == 0 else rng.normal(0, 0.35 * dry)) > 0.3):
                pen.line([tuple(point) for point in points[start:stop]], fill=shade, width=thick, joint="curve")

    def _merge(self, local: Image.Image, left: int, top: int) -> None:
        """Add a stroke to the sheet: where strokes cross, the darker wins."""
        window = (left, top, left + local.width, top + local.height)
        self.sheet.paste(ImageChops.lighter(self.sheet.crop(window), local), (left, top))


def _runs(wet: Array) -> list[tuple[int, int]]:
    """Return the stretches of at least two points where a bristle has ink."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wet.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]
