"""Draw sketches: tone turned into pencil hatching, and pen lines that overshoot."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .brush import Ink
from .canvas import Array, Point, Rng, blur, line_noise, multiply, noise, paper, smoothstep
from .sculptures import head_form
from .solids import box, lathe, sphere
from .studio import Part, Scene, render

levels = ((0.8, 0.8, 7), (0.62, 2.2, 7), (0.46, 0.3, 6), (0.3, 1.45, 5))


def hatch(tone: Array, rng: Rng, light: float = 0) -> Array:
    """Return a mask of pencil lines: each darker level of `tone` adds lines in another direction."""
    height, width = tone.shape
    ink = Ink(height, width)
    reach = int(np.hypot(height, width) / 2)
    along = np.arange(-reach, reach, 5.0)
    for threshold, angle, gap in levels:
        for offset in np.arange(-reach, reach, gap) + rng.normal(0, gap * 0.2):
            c, s = np.cos(angle + rng.normal(0, 0.012)), np.sin(angle)
            bow = 5 * line_noise(rng, len(along), 3, 2)
            x = width / 2 + c * along - s * (offset + bow)
            y = height / 2 + s * along + c * (offset + bow)
            inside = (x > 4) & (x < width - 4) & (y > 4) & (y < height - 4)
            at = tone[np.clip(y, 0, height - 1).astype(int), np.clip(x, 0, width - 1).astype(int)]
            down = inside & (at + rng.normal(0, 0.02, len(at)) < threshold - light)
            _pencil(ink, rng, np.stack([x, y], axis=1), down, 0.62 + 0.4 * (0.8 - threshold))
    return ink.mask()


def _pencil(ink: Ink, rng: Rng, points: Array, down: Array, tone: float) -> None:
    """Draw the stretches of a line where the pencil is down."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], down.astype(np.int8), [0]])))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - start > 1:
            piece = points[start:stop:3] if stop - start > 6 else points[start:stop]
            ink.line([(float(x), float(y)) for x, y in piece], 1, float(tone * rng.uniform(0.7, 1.1)))


def rubbed(tone: Array) -> Array:
    """Return the soft grey that a finger rubs into the shadows."""
    return 0.5 * np.clip(0.84 - blur(tone, 5), 0, 1)


def contour(canvas: Array, low: float = 0.03) -> Array:
    """Return a soft line along the edges of an image."""
    tone = canvas.mean(2)
    dy, dx = np.gradient(blur(tone, 1.5))
    return smoothstep(low, low * 2.6, np.hypot(dx, dy))


def graphite(sheet: Array, rng: Rng, mask: Array) -> None:
    """Rub graphite into the paper's tooth."""
    height, width = mask.shape
    multiply(sheet, "#2e2f33", np.clip(mask * (0.72 + 0.5 * noise(rng, height, width, height / 3, 1)), 0, 0.95))


def plaster_study(rng: Rng) -> Array:
    """Draw a study of a cone, a ball and a cube in pencil, cross-hatched."""
    scene = Scene(
        parts=[
            Part(lathe([(0, 0.42), (1.25, 0.02)], 0, (-0.55, 0, -0.2)), "#efefef", 0.05),
            Part(sphere((0.28, 0.34, 0.45), 0.34), "#efefef", 0.05),
            Part(box((0.75, 0.35, -0.35), (0.35, 0.35, 0.35), 0.01, 0.6), "#efefef", 0.05),
        ],
        bound=((0.1, 0.5, 0), 1.35),
        eye=(0.2, 1.5, 4.2),
        target=(0.28, 0.42, 0),
        zoom=2.7,
        backdrop=("#dedede", "#dedede"),
        light=(-0.8, 0.8, 0.5),
        fill=0.22,
        detail=0.5,
    )
    source = render(scene, 800, 1100)
    sheet = paper(rng, 800, 1100, "#f4efe4")
    graphite(sheet, rng, np.maximum(hatch(source.mean(2), rng), 0.75 * contour(source, 0.02)) + rubbed(source.mean(2)))
    return sheet


def head_study(rng: Rng) -> Array:
    """Draw a study of a head in brown pencil, the shoulders left open."""
    height, width = 1000, 800
    scene = Scene(
        parts=[Part(head_form(-0.35), "#f2f2f2", 0.05)],
        bound=((0, 1.1, 0), 1.2),
        eye=(0, 1.5, 4.4),
        target=(0, 1.28, 0),
        zoom=4.0,
        backdrop=("#ffffff", "#ffffff"),
        floor=False,
        light=(0.85, 0.7, 0.6),
        key=0.85,
        fill=0.2,
        detail=0.45,
    )
    source = render(scene, height, width)
    y, x = np.ogrid[:height, :width]
    open_end = smoothstep(560, 820, y + 0.25 * np.abs(x - 400.0) + 90 * noise(rng, height, width, 4, 2))
    tone = source.mean(2) + open_end * (1 - source.mean(2))
    sheet = paper(rng, height, width, "#efe3cf")
    lines = np.maximum(hatch(tone, rng), 0.7 * contour(source, 0.03) * (1 - 0.85 * open_end)) + rubbed(tone)
    multiply(sheet, "#5a2f1c", np.clip(lines, 0, 0.9))
    return sheet


vanish = (640.0, 520.0)


def wall_point(x: float, level: float) -> Point:
    """Return the point of a street's wall at `x`: eye level is 0, the ground -0.9, the eaves about 1."""
    return x, vanish[1] - level * 300 * abs(x - vanish[0]) / 640


def old_street(rng: Rng) -> Array:
    """Draw a street of gabled houses in pen towards a church tower, lines overshooting at the corners."""
    height, width = 850, 1150
    sheet = paper(rng, height, width, "#f5f0e4")
    ink, tint = Ink(height, width), Ink(height, width)
    for shaded, walls in ((False, [20, 190, 330, 430, 500, 545]), (True, [1140, 980, 870, 790, 735, 700])):
        for number, (near, far) in enumerate(pairwise(walls)):
            roof = 1.05 + 0.35 * rng.random()
            _house(ink, rng, near, far, roof)
            _gable(tint, wall_point(near, roof), wall_point(far, roof), wall_point((near + far) / 2, roof + 0.45)[1])
            if shaded:
                corners = [wall_point(near, -0.9), wall_point(near, roof), wall_point(far, roof), wall_point(far, -0.9)]
                _hatched(tint, corners, 6 + number)
    for x in (20, 260, 420, 860, 1010, 1140):
        _stroke(ink, rng, wall_point(x, -0.95), (vanish[0] + (x - vanish[0]) * 0.12, vanish[1] + 40), 1)
    _tower(ink, tint, rng)
    _cobbles_and_birds(ink, rng)
    multiply(sheet, "#27303a", ink.mask())
    multiply(sheet, "#7a8aa0", 0.55 * tint.mask())
    return sheet


def _stroke(ink: Ink, rng: Rng, start: Point, end: Point, weight: float = 1.6) -> None:
    """Draw a ruled line by hand: it trembles and overshoots."""
    over = rng.uniform(0.01, 0.05)
    dx, dy = end[0] - start[0], end[1] - start[1]
    shake = rng.normal(0, 0.004 * np.hypot(dx, dy) + 0.15, (9, 2))
    steps = np.linspace(-over, 1 + over, 9)
    ink.line(
        [(start[0] + dx * t + a, start[1] + dy * t + b) for t, (a, b) in zip(steps, shake, strict=True)], weight, 0.9
    )


def _house(ink: Ink, rng: Rng, near: float, far: float, roof: float) -> None:
    """Draw one house front: outline, gable, two rows of windows."""
    middle = (near + far) / 2
    peak = (middle, wall_point(middle, roof + 0.45)[1])
    outline = [wall_point(near, -0.9), wall_point(near, roof), peak, wall_point(far, roof), wall_point(far, -0.9)]
    for start, end in [*pairwise(outline), (outline[0], outline[-1]), (outline[1], outline[3])]:
        _stroke(ink, rng, start, end)
    for low, high in ((-0.35, 0.05), (0.4, 0.8)):
        for place in (0.22, 0.6):
            left, right = near + (far - near) * place, near + (far - near) * (place + 0.2)
            for x in (left, (left + right) / 2, right):
                _stroke(ink, rng, wall_point(x, low), wall_point(x, high), 1.1)
            for level in (low, high):
                _stroke(ink, rng, wall_point(left, level), wall_point(right, level), 1.1)


def _tower(ink: Ink, tint: Ink, rng: Rng) -> None:
    """Draw the church tower at the end of the street."""
    outline = [(608, 545), (608, 330), (640, 210), (672, 330), (672, 545)]
    for start, end in [
        *pairwise(outline),
        (outline[1], outline[3]),
        ((640, 210), (640, 185)),
        ((632, 194), (648, 194)),
    ]:
        _stroke(ink, rng, start, end)
    for x in range(612, 672, 5):
        tint.line([(x, 332), (x, 545)], 1.4, 0.9)
    for x, y in ((628, 370), (652, 370), (640, 440)):
        ink.line([(x, y), (x, y + 26)], 5)


def _cobbles_and_birds(ink: Ink, rng: Rng) -> None:
    """Draw a few cobbles on the ground and three birds in the sky."""
    for _ in range(120):
        y = rng.uniform(570, 840)
        x = vanish[0] + rng.uniform(-0.9, 0.9) * (y - 520) * 1.6
        ink.line([(x - 7, y), (x, y - 3), (x + 7, y)], 1, 0.45)
    for x, y in ((420, 170), (470, 190), (515, 178)):
        ink.line([(x - 16, y - 6), (x, y + 2), (x + 16, y - 7)], 1.4)


def _hatched(tint: Ink, corners: list[Point], gap: float) -> None:
    """Shade a wall with slanting lines."""
    (x0, low0), (_, high0), (x1, high1), (_, low1) = corners
    for t in np.linspace(0, 1, max(2, int(abs(x1 - x0) / gap))):
        x, high, low = x0 + (x1 - x0) * t, high0 + (high1 - high0) * t, low0 + (low1 - low0) * t
        tint.line([(x, high), (x + (x1 - x0) * 0.08, low)], 1.6, 0.8)


def _gable(tint: Ink, near: Point, far: Point, peak: float) -> None:
    """Shade a gable with upright lines."""
    for t in np.linspace(0.04, 0.96, max(4, int(abs(far[0] - near[0]) / 5))):
        x, eaves = near[0] + (far[0] - near[0]) * t, near[1] + (far[1] - near[1]) * t
        rise = 1 - abs(2 * t - 1)
        tint.line([(x, eaves), (x, eaves + (peak - (near[1] + far[1]) / 2) * rise)], 1.6, 0.8)


def smudge(rng: Rng) -> Array:
    """Draw a smudge, deliberately weak: a tilted box begun and rubbed out, faint, off to one side."""
    sheet = paper(rng, 760, 980, "#dcd8cd", 0.08)
    ink = Ink(760, 980)
    corners = [(90, 470), (280, 420), (330, 600), (130, 680)]
    for a in corners:
        for b in corners:
            ink.line([a, (b[0] + rng.normal(0, 14), b[1] + rng.normal(0, 14))], 2, 0.7)
    lines = ink.mask()
    rubbed = 0.5 * blur(lines, 22) * (0.6 + noise(rng, 760, 980, 5, 3))
    multiply(sheet, "#55555a", np.clip(0.9 * lines + 3.5 * rubbed, 0, 0.7))
    return sheet
