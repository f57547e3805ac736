"""Draw calligraphy: Chinese characters stroke by stroke, an ink circle, Latin letters with a broad nib.

No font is needed: each character is a list of strokes in a box of 100 units, written by `brush.Ink`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import ImageDraw

from .brush import Ink, Path, spine
from .canvas import Array, Point, Rng, blank, drawn, grain, lay, multiply, noise, paper, vignette

# fmt: off
characters: dict[str, list[Path]] = {
    "永": [
        [(41, 4, 1.5), (47, 8, 4), (52, 14, 4.8), (51, 19, 2)],
        [(33, 33, 3.2), (38, 33, 2.4), (48, 30, 2.6), (54, 29, 4.6), (53, 36, 4),
         (52, 60, 3.6), (51, 82, 4), (49, 91, 4.6), (45, 88, 2.6), (39, 81, 0.4)],
        [(12, 50, 3), (18, 49, 2.6), (32, 45, 2.6), (38, 45, 4), (32, 58, 3.2), (22, 71, 2.2), (8, 83, 0.4)],
        [(80, 31, 4.4), (76, 37, 3.8), (67, 45, 2.4), (55, 53, 0.6)],
        [(53, 47, 1.2), (60, 58, 2.6), (72, 71, 4.6), (83, 79, 6), (88, 80, 4.4), (97, 79, 0.4)],
    ],
    "山": [
        [(48, 10, 5), (51, 16, 4.2), (50, 45, 3.8), (50, 74, 4.2), (50, 78, 3)],
        [(18, 42, 4.6), (21, 48, 3.8), (20, 66, 3.6), (21, 80, 4.6), (30, 80, 3.2), (60, 77, 3.4), (78, 76, 3.8)],
        [(80, 38, 4.8), (83, 44, 4), (82, 66, 4), (81, 84, 4.4), (80, 88, 2.4)],
    ],
    "水": [
        [(48, 6, 4.8), (51, 13, 4), (50, 48, 3.8), (50, 80, 4.2), (48, 91, 4.6), (44, 87, 2.8), (37, 80, 0.4)],
        [(12, 36, 3), (18, 35, 2.8), (32, 31, 3), (38, 32, 4.2), (32, 47, 3.4), (22, 64, 2.4), (8, 80, 0.4)],
        [(80, 20, 4.6), (76, 27, 4), (66, 38, 2.6), (54, 47, 0.6)],
        [(52, 41, 1.2), (60, 54, 3), (73, 70, 5), (84, 79, 6.4), (89, 79, 4.6), (98, 77, 0.4)],
    ],
    "大": [
        [(10, 41, 4), (18, 40, 3), (50, 36, 3), (82, 34, 4.2), (90, 36, 4.4)],
        [(52, 6, 4), (53, 20, 4.4), (48, 44, 4), (34, 68, 3), (8, 92, 0.5)],
        [(50, 42, 1.5), (62, 62, 3.6), (80, 82, 7), (88, 85, 5), (98, 84, 0.5)],
    ],
}
# fmt: on


def write(ink: Ink, rng: Rng, character: str, corner: Point, size: float, dry: float = 0.25) -> None:
    """Write one character with its box's upper left corner there, `size` pixels wide."""
    unit = size / 100
    for path in characters[character]:
        shaken = [(corner[0] + x * unit, corner[1] + y * unit, w * unit * 1.15) for x, y, w in path]
        ink.stroke(rng, shaken, dry=dry * rng.uniform(0.6, 1.3), bristles=46)


def seal(canvas: Array, rng: Rng, corner: Point, size: float, character: str = "山") -> None:
    """Press a red seal with the character left white."""
    height, width = canvas.shape[:2]
    x, y = corner
    block = drawn(
        height,
        width,
        lambda pen, k: pen.rounded_rectangle(
            (x * k, y * k, (x + size) * k, (y + size) * k), radius=size * k * 0.09, fill=255
        ),
    )
    cut = Ink(height, width)
    write(cut, rng, character, (x + 0.13 * size, y + 0.1 * size), 0.74 * size, dry=0)
    worn = noise(rng, height, width, height / 7, 2) > 0.2
    multiply(canvas, "#b3261e", block * (1 - cut.mask()) * worn * 0.92)


def black(canvas: Array, rng: Rng, mask: Array) -> None:
    """Let ink into the paper: nearly black, a little uneven."""
    height, width = mask.shape
    pooled = 0.9 + 0.1 * noise(rng, height, width, 18, 3)
    multiply(canvas, "#12110f", mask * pooled)


def eternal(rng: Rng) -> Array:
    """Write 永 (eternity), whose strokes every learner practises, large on warm paper."""
    height, width = 1200, 1000
    canvas = paper(rng, height, width, "#efe6d2")
    ink = Ink(height, width)
    write(ink, rng, "永", (130, 150), 740, dry=0.34)
    black(canvas, rng, ink.mask())
    seal(canvas, rng, (845, 1040), 74)
    return canvas


def mountain_water(rng: Rng) -> Array:
    """Write 山水 (mountains and water: landscape) on a hanging scroll with a silk mount."""
    height, width = 1500, 760
    canvas = blank(height, width, "#7d8b86")
    canvas *= (0.94 + 0.06 * noise(rng, height, width, 200, 1, 0.3))[..., None]
    sheet = paper(rng, height, width, "#f1ead9")
    inner = np.zeros((height, width), np.float32)
    inner[150:-150, 90:-90] = 1
    lay(canvas, "#c9b37d", np.pad(inner[6:-6, 6:-6], 6, mode="edge"))
    trim = np.zeros_like(inner)
    trim[160:-160, 100:-100] = 1
    lay(canvas, sheet, trim)
    ink = Ink(height, width)
    write(ink, rng, "山", (180, 240), 400, dry=0.42)
    write(ink, rng, "水", (175, 700), 420, dry=0.55)
    black(canvas, rng, ink.mask())
    seal(canvas, rng, (545, 1210), 58, "水")
    return canvas


def circle(rng: Rng) -> Array:
    """Draw an ink circle in one dry sweep, off centre, with much empty paper."""
    height, width = 1000, 1400
    canvas = paper(rng, height, width, "#f3eee2")
    ink = Ink(height, width)
    turn = np.linspace(-2.2, 3.75, 16)
    path = [
        (820 + 300 * np.cos(a), 500 + 285 * np.sin(a), w)
        for a, w in zip(turn, np.concatenate([np.linspace(58, 50, 10), np.linspace(47, 20, 6)]), strict=True)
    ]
    ink.stroke(rng, path, dry=0.62, bristles=90)
    black(canvas, rng, ink.mask())
    seal(canvas, rng, (190, 800), 66, "大")
    return canvas


# fmt: off
letters: dict[str, tuple[float, list[list[Point]]]] = {
    "l": (0.62, [[(-0.14, -1.7), (0, -1.86), (0.02, -1.5), (0, -0.25), (0.08, -0.02), (0.26, -0.12)]]),
    "u": (1.12, [
        [(-0.12, -0.86), (0, -0.98), (0, -0.3), (0.1, -0.03), (0.3, -0.1), (0.52, -0.5), (0.56, -0.98)],
        [(0.56, -0.98), (0.56, -0.25), (0.64, -0.02), (0.82, -0.12)],
    ]),
    "m": (1.66, [
        [(-0.12, -0.86), (0, -0.98), (0, -0.5), (0, 0)],
        [(0, -0.35), (0.16, -0.76), (0.42, -1.0), (0.56, -0.78), (0.56, 0)],
        [(0.56, -0.35), (0.72, -0.76), (0.98, -1.0), (1.12, -0.78), (1.12, -0.25), (1.2, -0.02), (1.38, -0.12)],
    ]),
    "e": (0.82, [
        [(0.06, -0.46), (0.34, -0.54), (0.48, -0.76), (0.36, -0.99),
         (0.12, -0.88), (0, -0.48), (0.1, -0.08), (0.3, 0), (0.56, -0.16)],
    ]),
    "n": (1.1, [
        [(-0.12, -0.86), (0, -0.98), (0, -0.5), (0, 0)],
        [(0, -0.35), (0.16, -0.76), (0.42, -1.0), (0.56, -0.78), (0.56, -0.25), (0.64, -0.02), (0.9, -0.16)],
    ]),
}
# fmt: on


def nib(height: int, width: int, strokes: Sequence[Sequence[Point]], broad: float, angle: float = 0.7) -> Array:
    """Return the mask of a broad nib held at `angle` radians and drawn along strokes given in pixels."""
    dx, dy = broad / 2 * np.cos(angle), -broad / 2 * np.sin(angle)

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for stroke in strokes:
            curve = spine([(x, y, 0) for x, y in stroke], 90)[:, :2]
            for (x0, y0), (x1, y1) in pairwise(curve):
                corners = [(x0 - dx, y0 - dy), (x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy)]
                pen.polygon([(x * k, y * k) for x, y in corners], fill=255, outline=255)

    return drawn(height, width, draw)


def placed(word: str, start: Point, size: float, slant: float = 0.14) -> list[list[Point]]:
    """Return the strokes of a word in pixels, its baseline starting at `start`."""
    strokes, x = [], start[0]
    for letter in word:
        advance, paths = letters[letter]
        strokes += [[(x + (px - slant * py) * size, start[1] + py * size) for px, py in path] for path in paths]
        x += advance * size
    return strokes


def lumen(rng: Rng) -> Array:
    """Write "lumen" (light) with a broad nib, sepia on vellum, with a gold flourish."""
    height, width = 900, 1400
    canvas = paper(rng, height, width, "#f0e3c4", 0.06)
    lay(
        canvas,
        "#c79a3a",
        0.85 * nib(height, width, [[(240, 650), (480, 720), (800, 640), (1080, 700), (1200, 620)]], 26, 0.6),
    )
    mask = nib(height, width, placed("lumen", (225, 560), 185), 40)
    thin = 0.72 + 0.28 * noise(rng, height, width, 14, 4)
    multiply(canvas, "#3b1d10", mask * thin)
    vignette(canvas, 0.14)
    grain(canvas, rng, 0.006)
    return canvas
