"""Draw children's paintings: wax crayon that skips over the paper's tooth, wobbly lines, scribbled fills."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .brush import Ink, spine
from .canvas import Array, Point, Rng, lay, line_noise, noise, paper, polygon


class Crayons:
    """A sheet of paper and draw on it in wax."""

    def __init__(self, rng: Rng, height: int, width: int, colour: str = "#fbf7ec") -> None:
        self.rng = rng
        self.size = (height, width)
        self.canvas = paper(rng, height, width, colour, 0.03)
        self.tooth = noise(rng, height, width, height / 3, 2)

    def line(self, points: Sequence[Point], colour: str, width: float = 9, smooth: bool = True) -> None:
        """Draw a line with a hand that shakes."""
        self._wax(self._shaken(points, smooth), colour, width)

    def fill(
        self, points: Sequence[Point], colour: str, angle: float = 0.6, gap: float = 13, width: float = 11
    ) -> None:
        """Scribble to and fro inside an outline, now and then beyond it."""
        corners = np.array(points)
        middle, reach = corners.mean(0), np.ptp(corners, axis=0).max() * 0.75 + 20
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        zigzag = []
        for row, offset in enumerate(np.arange(-reach, reach, gap)):
            side = reach if row % 2 else -reach
            zigzag.append(tuple(middle + across * (offset + self.rng.normal(0, gap * 0.25)) + along * side))
        grown = [tuple(middle + (corner - middle) * self.rng.uniform(0.97, 1.05)) for corner in corners]
        self._wax(zigzag, colour, width, grown)

    def circle(self, centre: Point, radius: float, colour: str, fill: str = "", width: float = 9) -> None:
        """Draw a circle that does not quite close, filled if asked."""
        angles = np.linspace(0, 6.6, 16) + self.rng.uniform(0, 6)
        ring = [(centre[0] + radius * np.cos(a), centre[1] + radius * np.sin(a)) for a in angles]
        if fill:
            self.fill(ring, fill, self.rng.uniform(0.3, 1.2))
        self.line(ring, colour, width)

    def shape(self, points: Sequence[Point], colour: str, fill: str = "", angle: float = 0.6) -> None:
        """Draw a closed outline with corners, filled if asked."""
        if fill:
            self.fill(points, fill, angle)
        self.line([*points, points[0]], colour, smooth=False)

    def _shaken(self, points: Sequence[Point], smooth: bool) -> list[Point]:
        """Return a denser line with the tremble of a small hand."""
        steps = 14 * len(points)
        if smooth and len(points) > 2:
            curve = spine([(x, y, 0) for x, y in points], steps)[:, :2]
        else:
            place = np.linspace(0, len(points) - 1, steps)
            curve = np.stack([np.interp(place, range(len(points)), axis) for axis in zip(*points, strict=True)], axis=1)
        tremble = np.stack([line_noise(self.rng, steps, max(2, steps / 9), 2) for _ in range(2)], axis=1)
        return [(float(x), float(y)) for x, y in curve + 7 * tremble]

    def _wax(self, line: Sequence[Point], colour: str, width: float, outline: Sequence[Point] = ()) -> None:
        """Rub wax along a line, within an outline if given: it catches on the paper's tooth, hollows stay bare."""
        xs, ys = zip(*(outline or line), strict=True)
        left, top = max(0, int(min(xs) - width)), max(0, int(min(ys) - width))
        right, bottom = min(self.size[1], int(max(xs) + width)), min(self.size[0], int(max(ys) + width))
        if right <= left or bottom <= top:
            return
        ink = Ink(bottom - top, right - left)
        ink.line([(x - left, y - top) for x, y in line], width)
        mask = ink.mask()
        if outline:
            mask = mask * polygon(bottom - top, right - left, [(x - left, y - top) for x, y in outline])
        window = (slice(top, bottom), slice(left, right))
        lay(self.canvas[window], colour, mask * np.clip((self.tooth[window] - 0.22) * 5, 0.15, 0.94))


def house_and_sun(rng: Rng) -> Array:
    """Draw a house, a smiling sun, an apple tree and a family holding hands."""
    c = Crayons(rng, 900, 1200)
    c.fill([(0, 700), (1200, 690), (1200, 900), (0, 900)], "#57b947", 0.15, 17, 15)
    c.fill([(0, 20), (1200, 20), (1200, 120), (0, 130)], "#6cb8ea", 0.05, 19, 15)
    c.circle((1040, 150), 80, "#f0a500", "#ffd21f")
    for angle in np.linspace(0, 6.28, 13)[:-1]:
        near, far = 102, 150 + rng.uniform(-12, 20)
        c.line(
            [
                (1040 + near * np.cos(angle), 150 + near * np.sin(angle)),
                (1040 + far * np.cos(angle), 150 + far * np.sin(angle)),
            ],
            "#f7b500",
        )
    c.line([(1005, 165), (1040, 190), (1075, 165)], "#d9480f", 7)
    c.circle((1015, 130), 6, "#3a2a1a")
    c.circle((1065, 130), 6, "#3a2a1a")
    c.shape([(250, 430), (620, 430), (620, 740), (250, 740)], "#8a3b1e", "#f3b26b", 1.4)
    c.shape([(205, 435), (430, 225), (665, 435)], "#a11d1d", "#e2392f", 0.5)
    c.shape([(395, 560), (480, 560), (480, 740), (395, 740)], "#5a2d12", "#2f74c0", 1.5)
    for x in (290, 520):
        c.shape([(x, 490), (x + 72, 490), (x + 72, 560), (x, 560)], "#333a8c", "#fff27a")
        c.line([(x + 36, 490), (x + 36, 560)], "#333a8c", 6)
        c.line([(x, 525), (x + 72, 525)], "#333a8c", 6)
    c.line([(545, 330), (545, 240), (590, 240), (590, 365)], "#8a3b1e", 9, smooth=False)
    c.line([(570, 225), (600, 190), (575, 150), (620, 110), (600, 70)], "#9a9a9a", 8)
    c.shape([(125, 560), (165, 560), (170, 750), (115, 750)], "#5a3516", "#8b5a2b", 1.5)
    c.circle((142, 470), 112, "#2b7a2b", "#3fa53f")
    for x, y in ((95, 430), (170, 420), (120, 510), (190, 500)):
        c.circle((x, y), 13, "#c01515", "#e32222")
    for x, size, dress in ((740, 1.0, "#d6336c"), (860, 1.15, "#1c7ed6"), (970, 0.7, "#f59f00")):
        figure(c, x, 800, size, dress)
    return c.canvas


def figure(c: Crayons, x: float, ground: float, size: float, dress: str) -> None:
    """Draw a person: round head, triangle, sticks."""
    top = ground - 230 * size
    c.shape(
        [(x, top + 60 * size), (x - 50 * size, top + 170 * size), (x + 50 * size, top + 170 * size)], dress, dress, 1.2
    )
    c.circle((x, top + 28 * size), 32 * size, "#7a4a2a", "#ffd9b8", 7)
    c.line(
        [
            (x - 34 * size, top + 20 * size),
            (x - 14 * size, top - 12 * size),
            (x + 20 * size, top - 10 * size),
            (x + 34 * size, top + 22 * size),
        ],
        "#4a2a12",
        12,
    )
    c.line([(x - 12 * size, top + 38 * size), (x, top + 46 * size), (x + 14 * size, top + 38 * size)], "#b3202a", 5)
    for side in (-1, 1):
        c.circle((x + 11 * side * size, top + 22 * size), 2.5, "#222222", "", 4)
        c.line([(x + 16 * side * size, top + 170 * size), (x + 18 * side * size, ground)], "#333333", 8)
        c.line([(x + 14 * side * size, top + 90 * size), (x + 62 * side * size, top + 130 * size)], "#d39b72", 8)


def rocket_trip(rng: Rng) -> Array:
    """Draw a rocket among planets on dark paper."""
    c = Crayons(rng, 1200, 950, "#1d2650")
    for _ in range(34):
        x, y, r = rng.uniform((30, 30, 5), (920, 1170, 15))
        c.line([(x - r, y), (x + r, y)], "#fff3a8", 5, smooth=False)
        c.line([(x, y - r), (x, y + r)], "#fff3a8", 5, smooth=False)
    c.circle((180, 230), 105, "#ffb25e", "#ef7d3a")
    c.line([(30, 285), (120, 290), (250, 225), (340, 150), (310, 140)], "#ffe08a", 10)
    c.circle((760, 930), 150, "#7fd0ff", "#3aa0e8")
    c.fill([(690, 860), (780, 840), (800, 920), (720, 960)], "#58c25b")
    c.fill([(780, 980), (850, 960), (850, 1030), (790, 1040)], "#58c25b")
    c.circle((800, 190), 52, "#d8d8d8", "#f4efd8")
    hull = [(500, 290), (570, 400), (590, 560), (575, 720), (425, 720), (410, 560), (430, 400)]
    c.fill(hull, "#f2f2f2", 1.3)
    c.fill([(500, 285), (568, 405), (432, 405)], "#e2392f", 0.3)
    c.line([*hull, hull[0]], "#c9ced8")
    c.circle((500, 500), 44, "#1c4fa0", "#9fe0ff")
    c.circle((490, 500), 4, "#222222")
    c.circle((512, 500), 4, "#222222")
    c.line([(484, 516), (500, 526), (516, 514)], "#c0262d", 6)
    for side in (-1, 1):
        c.shape([(500 + 82 * side, 590), (500 + 165 * side, 745), (500 + 72 * side, 715)], "#b3202a", "#e2392f", 1.0)
    for reach, colour in ((190, "#ff7b1c"), (130, "#ffb31c"), (70, "#fff06a")):
        c.fill([(500 - reach * 0.38, 730), (500, 745 + reach), (500 + reach * 0.38, 730)], colour, 1.5, 9)
    c.line([(330, 1110), (250, 1060), (150, 1080), (90, 1150)], "#7fe0a0", 8)
    c.circle((180, 1010), 38, "#4fbf6a", "#8ce08c")
    c.circle((168, 1000), 4, "#1a3a1a")
    c.circle((194, 1002), 4, "#1a3a1a")
    return c.canvas


def fish_family(rng: Rng) -> Array:
    """Draw fish, weed and bubbles under waves."""
    c = Crayons(rng, 850, 1200, "#eaf6fa")
    c.fill([(0, 110), (1200, 110), (1200, 850), (0, 850)], "#8fd0ee", 0.04, 26, 15)
    for y in (80, 108):
        c.line([(x, y + 18 * np.sin(x / 42 + y)) for x in range(0, 1201, 40)], "#1f6fc0", 10)
    c.fill([(0, 760), (400, 730), (800, 770), (1200, 740), (1200, 850), (0, 850)], "#f2d38a", 0.1, 13)
    for x, tall in ((110, 300), (160, 220), (1030, 260), (1090, 340), (620, 150)):
        c.line([(x + 22 * np.sin(k * 1.3), 790 - tall * k / 7) for k in range(8)], "#2e9a4a", 14)
    for x, y, size, body, fin in (
        (480, 360, 1.25, "#ff8a2b", "#e2392f"),
        (830, 300, 0.8, "#f7d21f", "#2f74c0"),
        (790, 560, 0.65, "#d65db1", "#7a3fb0"),
        (280, 580, 0.7, "#54c06a", "#f7d21f"),
    ):
        fish(c, x, y, size, body, fin)
    for x, y, r in ((640, 250, 14), (665, 200, 10), (650, 160, 18), (930, 220, 10), (940, 180, 14), (360, 510, 9)):
        c.circle((x, y), r, "#ffffff", "", 6)
    c.shape(
        [
            (940, 790),
            (905, 770),
            (930, 745),
            (920, 710),
            (955, 728),
            (990, 705),
            (985, 745),
            (1015, 765),
            (975, 775),
            (965, 805),
        ],
        "#d9480f",
        "#ff922b",
    )
    return c.canvas


def fish(c: Crayons, x: float, y: float, size: float, body: str, fin: str) -> None:
    """Draw a fish that swims to the right."""
    turn = np.linspace(0, 6.28, 15)
    outline = [(x + 150 * size * np.cos(a), y + 82 * size * np.sin(a)) for a in turn]
    c.fill(
        [(x - 130 * size, y), (x - 235 * size, y - 85 * size), (x - 215 * size, y), (x - 235 * size, y + 85 * size)],
        fin,
        1.0,
    )
    c.fill(outline, body, 0.5)
    c.line(outline, fin)
    for k in (-0.45, -0.05, 0.3):
        c.line(
            [
                (x + 150 * size * k, y - 62 * size),
                (x + 150 * size * (k + 0.12), y),
                (x + 150 * size * k, y + 62 * size),
            ],
            fin,
            8,
        )
    c.circle((x + 95 * size, y - 20 * size), 16 * size, "#222222", "#ffffff", 6)
    c.circle((x + 98 * size, y - 20 * size), 5 * size, "#111111", "", 7)
    c.line(
        [(x + 118 * size, y + 32 * size), (x + 100 * size, y + 44 * size), (x + 80 * size, y + 38 * size)], "#7a1515", 6
    )


def scrawl(rng: Rng) -> Array:
    """Draw a scrawl, deliberately weak: unfinished, dull colours rubbed over each other, mostly empty."""
    c = Crayons(rng, 800, 1000, "#e6e2d6")
    c.fill([(60, 480), (420, 430), (470, 740), (90, 770)], "#8a8d5a", 0.4, 24)
    c.fill([(120, 520), (520, 500), (400, 700)], "#6d5a6b", 1.1, 30)
    for colour in ("#5f5f5f", "#7d6a4a", "#4c5a70"):
        c.line([tuple(rng.uniform((80, 380), (560, 780))) for _ in range(9)], colour, 7)
    c.line([(700, 140), (760, 180), (720, 240)], "#b0a060", 8)
    return c.canvas
