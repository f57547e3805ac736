"""Draw general painting: a colour field repainted with layers of bristle strokes, large ones first.

Method after: Hertzmann, A. (1998). Painterly rendering with curved brush strokes of multiple sizes.
"""

# mypy: disable-error-code="no-any-return"
# NumPy's stubs type an indexed or reduced array as Any.

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import ImageDraw

from .canvas import (
    Array,
    Rng,
    blank,
    blur,
    disc,
    from_image,
    grain,
    lay,
    line_noise,
    noise,
    plane,
    polygon,
    ramp,
    smoothstep,
    to_image,
)
from .solids import box, ellipsoid, lathe, melt, sphere, union
from .studio import Part, Scene, render

fine = 2
bristles = 4


def repaint(source: Array, angle: Array, rng: Rng, brushes: Sequence[int] = (34, 17, 8), jitter: float = 0.05) -> Array:
    """Paint `source` anew with strokes along `angle` (radians, one a pixel); finer brushes go only where needed."""
    height, width = source.shape[:2]
    ground = to_image(blank(height, width, "#8a6a4a")).resize((width * fine, height * fine))
    pen = ImageDraw.Draw(ground)
    for layer, size in enumerate(brushes):
        wanted = blur(source, size * 0.35)
        if layer:
            so_far = from_image(ground.reduce(fine))
            miss = np.abs(blur(so_far, size * 0.5) - wanted).sum(2)
        else:
            miss = np.ones((height, width), np.float32)
        _layer(pen, rng, wanted, angle, miss, size, jitter)
    return _relief(from_image(ground.reduce(fine)))


def _layer(
    pen: ImageDraw.ImageDraw, rng: Rng, wanted: Array, angle: Array, miss: Array, size: int, jitter: float
) -> None:
    """Paint one layer of strokes in random order."""
    height, width = wanted.shape[:2]
    ys, xs = np.mgrid[0:height:size, 0:width:size]
    spots = np.stack([xs.ravel(), ys.ravel()], axis=1) + rng.uniform(-0.5, 0.5, (xs.size, 2)) * size
    spots = rng.permutation(np.clip(spots, 0, (width - 1, height - 1)))
    at = spots.astype(int)
    needed = miss[at[:, 1], at[:, 0]] > 0.13
    spots, at = spots[needed], at[needed]
    colours = wanted[at[:, 1], at[:, 0]] * (1 + rng.normal(0, jitter, (len(at), 1))) + rng.normal(
        0, jitter / 3, (len(at), 3)
    )
    paths = _paths(spots, angle, size)
    across = np.stack([-(paths[:, -1] - paths[:, 0])[:, 1], (paths[:, -1] - paths[:, 0])[:, 0]], axis=1)
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-6
    offsets = np.linspace(-0.5, 0.5, bristles)
    shades = 1 + rng.normal(0, 0.07, (len(at), bristles))
    fills = (np.clip(colours[:, None] * shades[..., None], 0, 1) * 255).astype(int)
    sides = across[:, None, None, :] * (offsets * size)[:, None, None]
    lines = ((paths[:, None] + sides) * fine).reshape(len(at) * bristles, -1)
    thick = max(1, round(size * fine / (bristles - 1)))
    for line, fill in zip(lines.tolist(), fills.reshape(-1, 3).tolist(), strict=True):
        pen.line(line, fill=tuple(fill), width=thick)


def _paths(spots: Array, angle: Array, size: int) -> Array:
    """Return strokes of four points (n, 4, 2) that follow the direction field, centred on the spots."""
    height, width = angle.shape
    points = [spots]
    for _ in range(3):
        here = points[-1]
        turn = angle[np.clip(here[:, 1], 0, height - 1).astype(int), np.clip(here[:, 0], 0, width - 1).astype(int)]
        points.append(here + np.stack([np.cos(turn), np.sin(turn)], axis=1) * size)
    paths = np.stack(points, axis=1)
    return paths - (paths.mean(axis=1) - spots)[:, None]


def _relief(canvas: Array) -> Array:
    """Light the ridges of paint from the upper left."""
    tone = canvas.mean(2)
    ridges = tone - blur(tone, 4)
    light = np.zeros_like(tone)
    light[1:, 1:] = ridges[1:, 1:] - ridges[:-1, :-1]
    return canvas * (1 + 1.1 * np.clip(light, -0.2, 0.2))[..., None]


def along_edges(source: Array, rng: Rng) -> Array:
    """Return a direction field that follows the edges of an image, wandering where there are none."""
    height, width = source.shape[:2]
    tone = blur(source.mean(2), 7)
    dy, dx = np.gradient(tone)
    jxx, jyy, jxy = blur(dx * dx, 9), blur(dy * dy, 9), blur(dx * dy, 9)
    wander = (noise(rng, height, width, 4, 2) - 0.5) * 2.4
    weight = smoothstep(0, 3e-5, jxx + jyy)
    edge = 0.5 * np.arctan2(2 * jxy, jxx - jyy) + np.pi / 2
    return np.where(weight > 0.3, edge, wander)


def lake_at_dusk(rng: Rng) -> Array:
    """Paint a lake at dusk: a low sun, hills, its glitter on the water, dark trees on one side."""
    height, width = 900, 1300
    y, x = plane(height, width)
    shore = 0.56
    sky = ramp(
        np.clip(y / shore + 0.14 * (noise(rng, height, width, 4, 4, 5) - 0.5), 0, 1),
        ["#2d3f68", "#5b6490", "#c98a7e", "#f3ad62", "#fbd98a"],
    )
    canvas = sky.copy()
    glow = np.exp(-((x - 0.92) ** 2 + (y - 0.46) ** 2) / 0.05)
    lay(canvas, "#ffe2a0", 0.8 * glow)
    lay(canvas, "#fff6d8", disc(height, width, (0.92 * height, 0.46 * height), 34, 3))
    hills = [(0.47, 0.09, "#7d7591"), (0.5, 0.07, "#565a74"), (0.54, 0.05, "#39415a")]
    for level, rise, colour in hills:
        line = level - rise * line_noise(rng, width, 3, 5)[None, :]
        lay(canvas, colour, smoothstep(-0.002, 0.002, y - line) * (y < shore))
    mirror = canvas[: int(shore * height)][::-1]
    water = canvas[int(shore * height) :]
    water[:] = mirror[: len(water)] * 0.82 + 0.03
    glitter = np.exp(-(((x - 0.92) / (0.05 + 0.3 * np.clip(y - shore, 0, 1))) ** 2)) * noise(
        rng, height, width, 60, 2, 6
    )
    lay(canvas, "#ffd58a", np.where(y > shore, 0.9 * smoothstep(0.35, 0.7, glitter), 0).astype(np.float32))
    _trees(canvas, rng)
    drift = np.where(y < shore, 0.5 * (noise(rng, height, width, 3, 2, 2) - 0.5), 0.04).astype(np.float32)
    angle = np.where(canvas.mean(2) < 0.17, -1.35 + drift, drift)
    return repaint(canvas, angle, rng, (36, 17, 8))


def _trees(canvas: Array, rng: Rng) -> None:
    """Put a bank with dark trees into the left foreground."""
    height, width = canvas.shape[:2]
    bank = 0.84 * height + 60 * line_noise(rng, width, 4, 5) + 0.16 * np.linspace(-0.6, 1.2, width) * height
    lay(canvas, "#1d2420", smoothstep(-2, 2, np.arange(height)[:, None] - bank[None, :]).astype(np.float32))
    for place, top in ((0.07, 0.1), (0.13, 0.2), (0.19, 0.34), (0.245, 0.5)):
        points = [
            (place * width + 46 * side * (level - top) * (1 + 0.35 * rng.random()), level * height)
            for side, levels in ((1, np.linspace(top, 0.86, 12)), (-1, np.linspace(0.86, top, 12)))
            for level in levels
        ]
        lay(canvas, "#18231f", polygon(height, width, points))


def still_life(rng: Rng) -> Array:
    """Paint fruit, a bottle and a bowl on a cloth, from solids in window light."""
    pear = melt(
        0.22, ellipsoid((0.82, 0.26, 0.3), (0.25, 0.26, 0.25)), ellipsoid((0.84, 0.58, 0.28), (0.12, 0.18, 0.12))
    )
    bottle = lathe([(0, 0.26), (0.75, 0.27), (1.0, 0.1), (1.5, 0.08), (1.55, 0.1)], 0, (-0.72, 0, -0.35))
    bowl = lathe([(0, 0.2), (0.06, 0.22), (0.22, 0.44), (0.34, 0.5)], 0.03, (0.05, 0, 0))
    oranges = union(*(sphere(c, 0.19) for c in ((-0.12, 0.4, 0.05), (0.24, 0.4, 0.1), (0.06, 0.6, -0.08))))
    scene = Scene(
        parts=[
            Part(bowl, "#3c6a8f", 0.5),
            Part(oranges, "#f08a1d", 0.25),
            Part(pear, "#b9b43a", 0.3),
            Part(bottle, "#2f5a3a", 0.8),
            Part(sphere((-0.45, 0.17, 0.62), 0.17), "#b3202a", 0.4),
            Part(box((0.05, -0.02, 0.1), (1.5, 0.02, 0.9), 0.01), "#e9dfcc", 0.05),
        ],
        bound=((0, 0.5, 0.1), 2.0),
        eye=(0.1, 1.5, 4.0),
        target=(0, 0.48, 0),
        zoom=2.5,
        backdrop=("#7a5540", "#3f3340"),
        light=(-0.85, 0.75, 0.4),
        key=1.0,
        fill=0.32,
        detail=0.5,
    )
    source = render(scene, 720, 910)
    wall = noise(rng, 720, 910, 3, 4)
    source *= (0.88 + 0.24 * wall)[..., None]
    return repaint(source, along_edges(source, rng), rng, (26, 13, 6))


def wheat_field(rng: Rng) -> Array:
    """Paint wheat under a turning sky, a path, a cypress: thick, rhythmic strokes."""
    height, width = 900, 1200
    y, x = plane(height, width)
    swirl = noise(rng, height, width, 2.5, 3)
    canvas = ramp(np.clip(0.75 * swirl + 0.5 * y, 0, 1), ["#1f4e8c", "#3a78b5", "#8cc0d2", "#e6ebd0", "#f4e3a0"])
    for cx, cy, r in ((0.98, 0.16, 0.075), (0.3, 0.2, 0.03), (0.62, 0.11, 0.022)):
        far = np.hypot(x - cx, y - cy)
        lay(canvas, "#f8d24a", np.exp(-((far / (2.2 * r)) ** 2)).astype(np.float32))
        lay(canvas, "#fff3b0", smoothstep(r, 0.6 * r, far))
    hills = 0.5 - 0.07 * line_noise(rng, width, 3, 4)[None, :]
    lay(canvas, "#4f7a78", smoothstep(-0.003, 0.003, y - hills))
    edge = 0.58 - 0.03 * line_noise(rng, width, 2, 3)[None, :]
    field = smoothstep(-0.003, 0.003, y - edge)
    lay(
        canvas,
        ramp(
            np.clip(noise(rng, height, width, 26, 3, 0.4) * 0.8 + 0.35 * (y - 0.5), 0, 1),
            ["#9a6a1e", "#d9a02a", "#f2c94c", "#e8d27a"],
        ),
        field,
    )
    path = np.abs(x - 0.62 - 0.3 * (y - 0.58) - 0.05 * np.sin(9 * y)) < 0.012 + 0.2 * np.clip(y - 0.58, 0, 1) ** 1.4
    lay(canvas, "#b98a6a", blur((path & (y > 0.585)).astype(np.float32), 3))
    tree = [(170, 640), (128, 520), (135, 330), (168, 90), (196, 60), (226, 260), (250, 430), (246, 560), (215, 650)]
    cypress = polygon(height, width, tree)
    lay(canvas, ramp(noise(rng, height, width, 14, 3, 0.3), ["#12281c", "#23492e", "#3c6a34"]), cypress)
    angle = 6 * swirl
    for cx, cy, r in ((0.98, 0.16, 0.22), (0.3, 0.2, 0.11), (0.62, 0.11, 0.09)):
        near = np.hypot(x - cx, y - cy) < r
        angle = np.where(near, np.arctan2(y - cy, x - cx) + np.pi / 2, angle)
    angle = np.where(y > hills, 0.15 * swirl, angle)
    angle = np.where(y > edge, -1.35 + 0.7 * (x - 0.7) + 0.5 * swirl, angle)
    angle = np.where(cypress > 0.5, -1.57 + 1.2 * (swirl - 0.5), angle)
    return repaint(canvas, angle, rng, (30, 14, 8), 0.07)


def muddy_daub(rng: Rng) -> Array:
    """Paint an abstract badly on purpose: every colour mixed to brown, no centre, no rhythm."""
    height, width = 760, 940
    source = ramp(noise(rng, height, width, 3, 5), ["#5a4a35", "#7b6a45", "#6f6f5c", "#8a6d58", "#4f5340"])
    for colour in ("#7c3f3a", "#3f5d4a", "#8d8140"):
        lay(
            source,
            colour,
            disc(height, width, tuple(rng.uniform((80, 80), (860, 680))), rng.uniform(50, 130), 30) * 0.7,
        )
    source += 0.12
    canvas = repaint(source, rng.uniform(-3, 3, (height, width)).astype(np.float32), rng, (44, 26), 0.05)
    grain(canvas, rng, 0.01)
    return canvas
