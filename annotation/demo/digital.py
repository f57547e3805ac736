"""Draw digital art: flow fields, faceted landscapes, an isometric city."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .canvas import (
    Array,
    Point,
    Rng,
    blur,
    disc,
    from_image,
    grain,
    lay,
    noise,
    plane,
    ramp,
    rgb,
    ridge,
    smoothstep,
    vignette,
)


def ink_current(rng: Rng) -> Array:
    """Draw thousands of lines that drift along a curled noise field around a calm centre."""
    height, width, fine = 1100, 1100, 2
    y, x = plane(height, width)
    potential = noise(rng, height, width, 2.2, 3) * 2.6 + 0.9 * np.exp(-((x - 0.5) ** 2 + (y - 0.47) ** 2) / 0.05)
    dy, dx = np.gradient(potential)
    turn = np.arctan2(-dx, dy)
    palette = ramp(np.linspace(0, 1, 64), ["#0f3d5e", "#1f8a8a", "#f2c14e", "#f78154", "#b4436c"])
    image = Image.new("RGB", (width * fine, height * fine), "#0b1320")
    pen = ImageDraw.Draw(image)
    count, steps = 3600, 46
    points = [rng.uniform((0, 0), (width, height), (count, 2))]
    for _ in range(steps):
        at = np.clip(points[-1], 0, (width - 1, height - 1)).astype(int)
        angle = turn[at[:, 1], at[:, 0]]
        points.append(points[-1] + 5 * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    lines = np.stack(points, axis=1)
    start = lines[:, 0].astype(int)
    tone = np.clip(potential[start[:, 1], start[:, 0]] / potential.max() + rng.normal(0, 0.09, count), 0, 1)
    for line, value, light, thick in zip(
        lines, tone, rng.uniform(0.35, 1, count), rng.integers(1, 6, count), strict=True
    ):
        fill = tuple(int(255 * channel * light) for channel in palette[int(value * 63)])
        pen.line((line * fine).ravel().tolist(), fill=fill, width=int(thick), joint="curve")
    canvas = from_image(image.reduce(fine))
    canvas += 0.5 * blur(canvas, 14)
    vignette(canvas, 0.45)
    return canvas


def facet_valley(rng: Rng) -> Array:
    """Draw a mountain valley at dawn out of flat triangles."""
    height, width, fine = 850, 1300, 2
    y, x = plane(height, width)
    scene = ramp(np.broadcast_to(y / 0.75, (height, width)), ["#20305a", "#5a5a9a", "#e58f86", "#fbd0a0", "#fff0d0"])
    lay(scene, "#fff3d6", disc(height, width, (820, 430), 74, 4))
    lay(scene, "#ffdcae", (0.6 * np.exp(-(((x - 0.965) ** 2 + (y - 0.5) ** 2) / 0.07))).astype(np.float32))
    layers = (
        (0.62, "#a58bb0", [(0.2, 0.2, 0.12), (0.5, 0.1, 0.1), (0.85, 0.24, 0.14)]),
        (0.72, "#6f6798", [(0.05, 0.3, 0.16), (0.38, 0.2, 0.1), (0.97, 0.32, 0.15)]),
        (0.84, "#3d4f78", [(0.22, 0.24, 0.2), (0.75, 0.16, 0.14)]),
        (0.97, "#1d3049", [(0.0, 0.24, 0.2), (0.55, 0.08, 0.2), (1.0, 0.26, 0.2)]),
    )
    for level, colour, peaks in layers:
        scaled = [(place, rise * height, breadth) for place, rise, breadth in peaks]
        skyline = ridge(rng, width, level * height, scaled, 30, 1.05)[None, :] / height
        facing = np.gradient(blur(np.repeat(skyline, 4, 0), 14)[0]) * height
        slope = rgb(colour) * (1 + 0.16 * np.clip(facing, -1, 1))[None, :, None]
        lay(scene, slope.astype(np.float32), smoothstep(-0.003, 0.003, y - skyline))
    cell = 34
    rows, columns = height // cell + 3, width // cell + 3
    gy, gx = np.mgrid[-1 : rows - 1, -1 : columns - 1] * float(cell)
    gx, gy = gx + rng.uniform(-12, 12, gx.shape), gy + rng.uniform(-12, 12, gy.shape)
    image = Image.new("RGB", (width * fine, height * fine))
    pen = ImageDraw.Draw(image)
    corners = (((0, 0), (0, 1), (1, 0)), ((1, 1), (0, 1), (1, 0)))
    for r in range(rows - 1):
        for c in range(columns - 1):
            for triangle in corners:
                spots = [(gx[r + i, c + j], gy[r + i, c + j]) for i, j in triangle]
                cx, cy = np.mean(spots, axis=0)
                colour = scene[int(np.clip(cy, 0, height - 1)), int(np.clip(cx, 0, width - 1))]
                light = rng.normal(1.03 if triangle[0] == (0, 0) else 0.95, 0.035)
                fill = tuple(int(v) for v in np.clip(colour * light, 0, 1) * 255)
                pen.polygon([(px * fine, py * fine) for px, py in spots], fill=fill, outline=fill)
    return from_image(image.reduce(fine))


def night_blocks(rng: Rng) -> Array:
    """Draw an isometric city at night with lit windows."""
    height, width, fine = 1100, 1100, 2
    sky = ramp(np.broadcast_to(np.linspace(0, 1, height)[:, None], (height, width)), ["#140f2e", "#2b1a4f", "#5b2a6b"])
    image = Image.fromarray((sky * 255).astype(np.uint8)).resize((width * fine, height * fine))
    pen = ImageDraw.Draw(image)
    half, quarter, count = 62 * fine, 31 * fine, 8
    for depth in range(2 * count - 1):
        for i in range(max(0, depth - count + 1), min(count, depth + 1)):
            j = depth - i
            middle = (i - j) * half + width * fine / 2
            ground = (i + j) * quarter + 430 * fine
            near_centre = np.exp(-((i - 3.2) ** 2 + (j - 3.2) ** 2) / 5)
            tall = (40 + 90 * rng.random() + 330 * near_centre * rng.uniform(0.5, 1)) * fine
            if (i, j) in {(5, 5), (6, 5), (5, 6), (6, 6)}:
                tall = 6 * fine
            _tower(pen, rng, (middle, ground), (half * 0.86, quarter * 0.86), tall)
    canvas = from_image(image.reduce(fine))
    bright = np.clip(canvas - 0.62, 0, 1)
    canvas += 1.6 * blur(bright, 9)
    vignette(canvas, 0.3)
    return canvas


def _tower(pen: ImageDraw.ImageDraw, rng: Rng, foot: Point, half: Point, tall: float) -> None:
    """Draw one block: two faces with windows, and a roof."""
    x, y = foot
    dx, dy = half
    hue = rgb(str(rng.choice(["#3f3a86", "#2f5f9a", "#7a3a86", "#2a7a8a", "#a0486e"])))
    shades = [tuple(int(255 * v) for v in np.clip(hue * k, 0, 1)) for k in (0.52, 0.85, 1.25)]
    pen.polygon([(x - dx, y), (x, y + dy), (x, y + dy - tall), (x - dx, y - tall)], fill=shades[0])
    pen.polygon([(x + dx, y), (x, y + dy), (x, y + dy - tall), (x + dx, y - tall)], fill=shades[1])
    pen.polygon([(x - dx, y - tall), (x, y + dy - tall), (x + dx, y - tall), (x, y - dy - tall)], fill=shades[2])
    for side in (-1, 1):
        for level in np.arange(16, tall - 14, 26):
            for across in (0.2, 0.42, 0.64, 0.86):
                if rng.random() < 0.42:
                    lit = ["#ffe08a", "#ffc46b", "#8fe8ff"][rng.choice(3, p=[0.5, 0.35, 0.15])]
                    wx, wy = x + side * dx * (1 - across), y + dy * across - level
                    sx, sy = side * dx * 0.11, dy * 0.11
                    pen.polygon([(wx, wy), (wx + sx, wy - sy), (wx + sx, wy - sy - 13), (wx, wy - 13)], fill=lit)


def plasma(rng: Rng) -> Array:
    """Draw plasma, deliberately weak: garish, banded, nothing to look at."""
    height, width = 760, 1000
    value = np.round((noise(rng, height, width, 2, 2) * 5 % 1) * 7) / 7
    canvas = ramp(value, ["#ff00c8", "#00ff2f", "#fff000", "#0028ff", "#ff0000"])
    for _ in range(6):
        x, y, r = rng.uniform((0, 0, 12), (1000, 760, 60))
        lay(canvas, "#00ffff", 0.6 * disc(height, width, (x, y), r))
    grain(canvas, rng, 0.05)
    return canvas
