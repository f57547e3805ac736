"""Draw Chinese painting: ink wash on warm paper, mist, bamboo, plum blossom, a boat on an empty river."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .brush import Ink
from .calligraphy import black, seal, write
from .canvas import Array, Point, Rng, disc, line_noise, multiply, noise, paper, ridge, smoothstep


def wash_mountain(canvas: Array, rng: Rng, skyline: Array, depth: float, tone: float, colour: str = "#22282c") -> None:
    """Wash a mountain: darkest along its skyline, creased downwards, dissolving into mist below `depth` pixels."""
    height, width = canvas.shape[:2]
    below = np.arange(height, dtype=np.float32)[:, None] - skyline[None, :]
    body = smoothstep(-1.5, 2.5, below)
    fade = np.exp(-np.maximum(below, 0) / depth)
    crease = noise(rng, height, width, 16, 5, 0.35)
    folds = smoothstep(0.42, 0.72, crease) * np.exp(-np.maximum(below, 0) / (1.5 * depth))
    rim = np.exp(-((below - 4) ** 2) / 60)
    multiply(canvas, colour, np.clip(body * tone * (0.62 * fade + 0.5 * folds + 0.3 * rim), 0, 1))


def mist(canvas: Array, rng: Rng, middle: float, thickness: float, colour: str = "#efe8d8") -> None:
    """Let a band of mist drift over the image."""
    height, width = canvas.shape[:2]
    wave = middle + 50 * line_noise(rng, width, 3, 3)[None, :]
    band = np.exp(-(((np.arange(height)[:, None] - wave) / thickness) ** 2))
    veil = band * (0.45 + 0.55 * noise(rng, height, width, 5, 4, 4))
    canvas += (np.array([0.94, 0.91, 0.85], np.float32) - canvas) * veil[..., None].astype(np.float32)


def pine(ink: Ink, rng: Rng, foot: Point, tall: float) -> None:
    """Draw a small pine: a leaning trunk and flat tiers of needles."""
    x, y = foot
    lean = rng.uniform(-0.18, 0.18) * tall
    ink.stroke(
        rng,
        [(x, y, tall * 0.03), (x + lean * 0.3, y - tall * 0.5, tall * 0.022), (x + lean, y - tall, 0.6)],
        0.2,
        0.95,
        8,
    )
    for step in np.linspace(0.42, 1.0, 5):
        cx, cy = x + lean * step, y - tall * step
        reach = tall * (0.5 - 0.36 * step) * rng.uniform(0.8, 1.25)
        for _ in range(90):
            ox = rng.normal(0, 0.42) * reach
            oy = rng.normal(0, 0.016) * tall + abs(ox) * 0.16
            angle = rng.uniform(-2.6, -0.5)
            size = tall * 0.06
            start = (cx + ox, cy + oy)
            ink.line(
                [start, (start[0] + np.cos(angle) * size, start[1] + np.sin(angle) * size)], 1, rng.uniform(0.7, 1)
            )


def misty_mountains(rng: Rng) -> Array:
    """Paint peaks rising out of mist, pines in front, on a tall sheet."""
    height, width = 1500, 900
    canvas = paper(rng, height, width, "#efe6d3")
    layers = [
        (640, [(0.25, 250, 0.1), (0.55, 170, 0.16), (0.85, 260, 0.09)], 130, 0.34),
        (800, [(0.62, 470, 0.12), (0.42, 240, 0.1), (0.8, 240, 0.12)], 230, 0.62),
        (1080, [(0.12, 420, 0.13), (0.32, 220, 0.14), (0.95, 200, 0.12)], 210, 0.82),
        (1400, [(0.85, 290, 0.2), (0.55, 110, 0.2), (0.1, 60, 0.2)], 190, 0.97),
    ]
    for base, peaks, depth, tone in layers:
        skyline = ridge(rng, width, base, peaks)
        wash_mountain(canvas, rng, skyline, depth, tone)
        mist(canvas, rng, base + 60, 95)
    trees = Ink(height, width)
    for x in (585, 640, 705, 740, 800, 850):
        pine(trees, rng, (x, float(skyline[x]) + 14), rng.uniform(95, 150))
    black(canvas, rng, trees.mask())
    seal(canvas, rng, (92, 120), 58)
    return canvas


def bamboo_leaf(ink: Ink, rng: Rng, root: Point, angle: float, size: float, tone: float) -> None:
    """Draw one leaf: press, lift, a thin tip."""
    x, y = root
    bend = rng.uniform(-0.25, 0.25)
    path = [
        (x + np.cos(angle + bend * t) * size * t, y + np.sin(angle + bend * t) * size * t, w * size)
        for t, w in ((0, 0.008), (0.25, 0.06), (0.5, 0.072), (0.8, 0.035), (1, 0.002))
    ]
    ink.stroke(rng, path, 0.12, tone, 16)


def bamboo(rng: Rng) -> Array:
    """Paint bamboo: jointed canes in pale and dark ink, leaves hanging in clusters."""
    height, width = 1400, 800
    canvas = paper(rng, height, width, "#f0e9d6")
    ink = Ink(height, width)
    for x, lean, half, tone in ((600, -40, 15, 0.32), (230, 70, 27, 0.72), (330, 40, 19, 0.5)):
        ends = np.linspace(1430, -30, 8) + rng.normal(0, 18, 8)
        for low, high in pairwise(ends):
            place = [x + lean * (1400 - v) / 1400 for v in (low, high)]
            joint = [
                (place[0], low - 7, half * 1.12),
                (place[0], low - 26, half),
                (place[1], high + 24, half),
                (place[1], high + 9, half * 1.1),
            ]
            ink.stroke(rng, joint, 0.42, tone, 34)
            ink.stroke(
                rng,
                [(place[1] - half * 1.1, high + 1, 2.4), (place[1] + half * 1.1, high + 2, 2.4)],
                0,
                min(1, tone + 0.25),
                4,
            )
    for (x, y), tone, count in (
        ((585, 330), 0.38, 12),
        ((300, 250), 0.95, 15),
        ((255, 620), 0.8, 13),
        ((360, 900), 0.9, 11),
        ((590, 760), 0.35, 9),
    ):
        tip = (x + rng.uniform(90, 150), y + rng.uniform(-70, 20))
        ink.stroke(rng, [(x - 40, y + 40, 3), (x + 40, y - 5, 2.4), (*tip, 1.6)], 0, tone, 5)
        for _ in range(count):
            along = rng.uniform(0.1, 1)
            root = (x - 40 + (tip[0] - x + 40) * along, y + 40 + (tip[1] - y - 40) * along)
            bamboo_leaf(ink, rng, root, rng.normal(1.15, 0.55), rng.uniform(120, 215), tone * rng.uniform(0.8, 1))
    black(canvas, rng, ink.mask())
    seal(canvas, rng, (660, 1230), 60, "永")
    return canvas


def plum_blossom(rng: Rng) -> Array:
    """Paint an old plum branch breaking into red blossom, on a square sheet."""
    height, width = 1100, 1100
    canvas = paper(rng, height, width, "#f2ebdb")
    ink = Ink(height, width)
    trunk: list[tuple[float, float, float]] = [
        (-30, 1010, 62),
        (150, 880, 54),
        (300, 800, 40),
        (420, 640, 36),
        (600, 560, 24),
        (720, 420, 17),
        (880, 330, 9),
        (1010, 190, 2),
    ]
    ink.stroke(rng, trunk, 0.62, 0.95, 80)
    twigs: list[list[tuple[float, float, float]]] = [
        [(410, 650, 15), (430, 480, 10), (520, 330, 7), (540, 150, 2)],
        [(600, 560, 13), (760, 590, 8), (900, 560, 6), (1020, 600, 2)],
        [(300, 800, 14), (430, 860, 9), (560, 850, 6), (700, 900, 2)],
        [(720, 420, 9), (720, 290, 6), (780, 150, 2)],
        [(500, 370, 6), (400, 270, 4), (360, 160, 2)],
    ]
    for twig in twigs:
        ink.stroke(rng, twig, 0.35, 0.9, 22)
    black(canvas, rng, ink.mask())
    for twig in [*twigs, trunk[4:]]:
        for knot in twig[1:]:
            for _ in range(rng.integers(1, 4)):
                where = (knot[0] + rng.normal(0, 34), knot[1] + rng.normal(0, 34))
                blossom(canvas, rng, where, rng.uniform(20, 36))
    seal(canvas, rng, (930, 955), 62, "水")
    return canvas


def blossom(canvas: Array, rng: Rng, centre: Point, size: float) -> None:
    """Paint a five-petalled flower in wet red, with ink stamens; small ones are buds."""
    left, top, span = int(centre[0] - 2.4 * size), int(centre[1] - 2.4 * size), int(4.8 * size)
    if left < 0 or top < 0 or left + span > canvas.shape[1] or top + span > canvas.shape[0]:
        return
    window = canvas[top : top + span, left : left + span]
    middle, start = span / 2, rng.uniform(0, 6.3)
    petals = 5 if size > 25 else 2
    wet = np.zeros((span, span), np.float32)
    for petal in range(petals):
        angle = start + petal * 2 * np.pi / 5
        at = (middle + np.cos(angle) * size * 0.7, middle + np.sin(angle) * size * 0.7)
        y, x = np.ogrid[:span, :span]
        distance = np.hypot(x - at[0], y - at[1]) / (size * 0.56)
        wet = np.maximum(wet, smoothstep(1.08, 0.98, distance) * (0.6 + 0.35 * distance**3) * rng.uniform(0.8, 1))
    multiply(window, "#c3143a", wet)
    if petals == 5:
        stamens = Ink(span, span)
        for angle in np.linspace(0, 6.28, 11)[:-1] + start:
            reach = size * rng.uniform(0.4, 0.6)
            tip = (middle + np.cos(angle) * reach, middle + np.sin(angle) * reach)
            stamens.line([(middle, middle), tip], 1, 0.85)
            stamens.line([(tip[0] - 1.5, tip[1]), (tip[0] + 1.5, tip[1])], 3)
        multiply(window, "#3a0d12", stamens.mask())


def lone_boat(rng: Rng) -> Array:
    """Paint one boat on a wide empty river, far hills, a pale sun: most of the paper stays bare."""
    height, width = 720, 1600
    canvas = paper(rng, height, width, "#ece6d6")
    multiply(canvas, "#d2604a", 0.55 * disc(height, width, (1210, 170), 46, 2))
    for base, tone, peaks in (
        (300, 0.3, [(0.1, 120, 0.13), (0.3, 70, 0.1)]),
        (345, 0.5, [(0.02, 150, 0.1), (0.2, 60, 0.12)]),
    ):
        wash_mountain(canvas, rng, ridge(rng, width, base, peaks), 70, tone)
        mist(canvas, rng, base + 40, 44)
    boat = Ink(height, width)
    boat.stroke(rng, [(880, 520, 1), (930, 541, 7), (1010, 545, 8), (1080, 532, 5), (1120, 512, 1)], 0.1, 0.95, 16)
    boat.stroke(rng, [(960, 536, 4), (975, 500, 16), (1010, 494, 17), (1040, 520, 10)], 0.3, 0.8, 24)
    boat.stroke(rng, [(922, 536, 6), (918, 512, 7), (921, 494, 4)], 0, 0.95, 10)
    boat.stroke(rng, [(906, 494, 1), (921, 484, 5), (936, 494, 1)], 0, 0.95, 8)
    boat.stroke(rng, [(925, 512, 1.2), (820, 470, 0.9), (760, 470, 0.5)], 0, 0.85, 3)
    for _ in range(26):
        x, y = rng.uniform(700, 1350), rng.uniform(550, 680)
        boat.stroke(
            rng,
            [(x, y, 0.4), (x + 60, y + rng.normal(0, 3), 1.4), (x + rng.uniform(90, 220), y, 0.4)],
            0.3,
            rng.uniform(0.2, 0.5),
            4,
        )
    black(canvas, rng, boat.mask())
    write_column(canvas, rng, (1490, 120))
    return canvas


def write_column(canvas: Array, rng: Rng, corner: Point) -> None:
    """Write a small inscription downwards, with a seal below."""
    ink = Ink(*canvas.shape[:2])
    for row, character in enumerate("山水永"):
        write(ink, rng, character, (corner[0], corner[1] + 58 * row), 46, 0.1)
    black(canvas, rng, ink.mask())
    seal(canvas, rng, (corner[0] + 6, corner[1] + 190), 36)
