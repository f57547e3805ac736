"""Draw graphic design: posters on a grid, set in Aileron (CC0-1.0), the font that Pillow carries."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .canvas import Array, Point, Rng, font, from_image, grain, noise

fine = 2


class Sheet:
    """A poster at twice its size; all measures are in pixels of the finished poster."""

    def __init__(self, height: int, width: int, colour: str) -> None:
        self.image = Image.new("RGB", (width * fine, height * fine), colour)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def finish(self, rng: Rng, rough: float = 0.012) -> Array:
        """Return the canvas, with a trace of ink's unevenness."""
        canvas = from_image(self.image.reduce(fine))
        height, width = canvas.shape[:2]
        canvas *= (1 - rough + 2 * rough * noise(rng, height, width, height / 3, 2))[..., None]
        grain(canvas, rng, rough / 3)
        return canvas

    def text(
        self, spot: Point, words: str, size: float, colour: str, bold: float = 0, anchor: str = "ls", spread: float = 0
    ) -> None:
        """Set one line; `bold` thickens it by so many pixels, `spread` spaces it out."""
        x, y = spot[0] * fine, spot[1] * fine
        face, weight = font(size * fine), bold * fine
        if not spread:
            self.pen.text((x, y), words, fill=colour, font=face, anchor=anchor, stroke_width=weight)
            return
        for letter in words:
            self.pen.text((x, y), letter, fill=colour, font=face, anchor=anchor, stroke_width=weight)
            x += face.getlength(letter) + spread * fine

    def lines(self, spot: Point, words: str, size: float, colour: str, leading: float = 1.35, bold: float = 0) -> None:
        """Set several lines below one another."""
        for row, line in enumerate(words.splitlines()):
            self.text((spot[0], spot[1] + row * size * leading), line, size, colour, bold)

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        self.pen.rectangle((x * fine, y * fine, (x + width) * fine - 1, (y + height) * fine - 1), fill=colour)

    def disc(self, centre: Point, radius: float, colour: str) -> None:
        """Fill a disc."""
        (x, y), r = centre, radius
        self.pen.ellipse(((x - r) * fine, (y - r) * fine, (x + r) * fine, (y + r) * fine), fill=colour)

    def wedge(self, centre: Point, radius: float, start: float, end: float, colour: str) -> None:
        """Fill a piece of a disc between two angles in degrees, clockwise from the right."""
        (x, y), r = centre, radius
        box = ((x - r) * fine, (y - r) * fine, (x + r) * fine, (y + r) * fine)
        self.pen.pieslice(box, start, end, fill=colour)

    def shape(self, points: list[Point], colour: str) -> None:
        """Fill a polygon."""
        self.pen.polygon([(x * fine, y * fine) for x, y in points], fill=colour)

    def path(self, points: list[Point], width: float, colour: str) -> None:
        """Draw a line."""
        self.pen.line([(x * fine, y * fine) for x, y in points], fill=colour, width=round(width * fine), joint="curve")


def form_and_measure(rng: Rng) -> Array:
    """Draw a poster on a strict grid: one red disc, black bars, small text in columns."""
    s = Sheet(1400, 990, "#f1ede4")
    s.disc((640, 470), 290, "#d8321f")
    for k in range(9):
        s.box(70 + 54 * k, 470 + 8 * k, 30, 300 - 8 * k, "#16161a")
    s.box(70, 806, 850, 5, "#16161a")
    s.text((60, 985), "form &", 168, "#16161a", 3)
    s.text((60, 1140), "measure", 168, "#16161a", 3)
    s.lines((70, 1236), "Lectures on proportion,\nrhythm and restraint", 24, "#16161a")
    s.lines((385, 1236), "Every Thursday\nat seven", 24, "#16161a")
    s.lines((660, 1236), "School of Applied Arts\nHall 3, first floor", 24, "#16161a")
    s.text((70, 110), "26", 60, "#16161a", 1.5)
    s.text((920, 96), "autumn term", 24, "#16161a", anchor="rs")
    return s.finish(rng)


def blue_hour(rng: Rng) -> Array:
    """Draw a concert poster from quarter circles in blues, with one orange note."""
    s = Sheet(1400, 1000, "#10183a")
    tones = ["#1f2f6e", "#2f55b0", "#5d8fe0", "#a9c8f0", "#10183a"]
    for row in range(4):
        for column in range(4):
            x, y = 60 + 220 * column, 60 + 220 * row
            s.box(x, y, 220, 220, tones[(row + 2 * column) % 3])
            corner = int(rng.integers(0, 4))
            centre = (x + 220 * (corner in (1, 2)), y + 220 * (corner in (2, 3)))
            colour = "#f28c28" if (row, column) == (1, 2) else tones[(row * 3 + column) % 4 + 1]
            s.wedge(centre, 220, 90 * corner, 90 * corner + 90, colour)
            s.wedge(centre, 110, 90 * corner, 90 * corner + 90, tones[(row + column) % 3])
    s.text((56, 1092), "Blue Hour", 150, "#f4f1e6", 2.5)
    s.text((62, 1180), "QUARTET", 46, "#f28c28", 1, spread=26)
    s.lines((62, 1270), "piano, double bass, drums, saxophone\nSaturday 21:00, the old tram depot", 28, "#a9c8f0")
    return s.finish(rng, 0.018)


def water_and_stone(rng: Rng) -> Array:
    """Draw an exhibition poster: engraved waves break around a still circle."""
    s = Sheet(1300, 920, "#e9e2d0")
    for row in range(64):
        y = 150 + 11 * row
        x = np.linspace(0, 920, 180)
        anchoring = np.exp(-(((x - 500) / 210) ** 2)) * np.exp(-(((y - 470) / 190) ** 2))
        wave = 13 * np.sin(x / 62 + row * 0.32) + 6 * np.sin(x / 23 - row * 0.21)
        bend = np.sign(y - 470) * 95 * anchoring
        points = [(float(a), float(b)) for a, b in zip(x, y + wave * (1 - anchoring) + bend, strict=True)]
        s.path(points, 2.6 + 1.6 * np.sin(row / 5), "#174a5c")
    s.disc((500, 470), 128, "#2a2a28")
    s.disc((468, 436), 74, "#34342f")
    s.box(0, 0, 920, 122, "#e9e2d0")
    s.box(0, 905, 920, 395, "#e9e2d0")
    s.text((60, 88), "Museum of the River", 30, "#2a2a28")
    s.text((860, 88), "May to August", 30, "#2a2a28", anchor="rs")
    s.text((54, 1040), "Water", 128, "#174a5c", 1.5)
    s.text((54, 1168), "& stone", 128, "#2a2a28", 1.5)
    s.lines((600, 1106), "Forty drawings\nof things that last\nand things that do not", 24, "#2a2a28")
    return s.finish(rng)


def on_seeing(rng: Rng) -> Array:
    """Draw a book cover: rows of eyes made of arcs, one of them closed."""
    s = Sheet(1300, 880, "#f5c842")
    for row in range(5):
        for column in range(4):
            x, y = 146 + 196 * column, 150 + 146 * row
            closed = (row, column) == (3, 2)
            lid = [(x + 76 * np.cos(a), y - 44 * np.sin(a)) for a in np.linspace(0, np.pi, 24)]
            under = [(x - 76 * np.cos(a), y + 44 * np.sin(a)) for a in np.linspace(0, np.pi, 24)]
            if closed:
                s.path(under, 7, "#c8321f")
                for a in (0.6, 1.1, 1.57, 2.04, 2.54):
                    s.path(
                        [(x + 76 * np.cos(a), y + 44 * np.sin(a)), (x + 92 * np.cos(a), y + 66 * np.sin(a))],
                        6,
                        "#c8321f",
                    )
                continue
            s.shape(lid + under, "#fbf6e6")
            look = ((x - 500) * -0.03, (y - 560) * -0.03)
            s.disc((x + look[0], y + look[1]), 33, "#1f3c88")
            s.disc((x + look[0], y + look[1]), 16, "#0d1020")
            s.disc((x + look[0] + 9, y + look[1] - 10), 6, "#fbf6e6")
    s.box(0, 880, 880, 420, "#0d1020")
    s.text((66, 1030), "On Seeing", 122, "#f5c842", 2)
    s.text((70, 1092), "an essay in twenty looks", 34, "#fbf6e6")
    s.text((70, 1230), "A. N. Author", 30, "#fbf6e6")
    return s.finish(rng)


def mega_sale(rng: Rng) -> Array:
    """Draw a sale flyer, deliberately weak: eight colours, ten sizes, no order, text over text."""
    s = Sheet(1000, 760, "#ffef00")
    for _ in range(9):
        x, y, r = rng.uniform((60, 60, 40), (700, 940, 120))
        points = [
            (x + (r if k % 2 else r * 0.6) * np.cos(k * 0.3), y + (r if k % 2 else r * 0.6) * np.sin(k * 0.3))
            for k in range(21)
        ]
        s.shape(points, str(rng.choice(["#ff0040", "#00c2ff", "#33dd22", "#ff7a00", "#b300ff"])))
    s.text((30, 150), "MEGA SALE!!!", 104, "#ff0040", 5)
    s.text((60, 205), "everything must go go go", 40, "#0000cc", 1)
    s.text((20, 400), "-70%", 200, "#00a000", 7)
    s.text((330, 480), "BUY 2 GET 3", 64, "#d400d4", 3)
    s.text((90, 560), "new!! best!! cheap!!", 54, "#ff0040", 2)
    s.text((40, 690), "HURRY", 150, "#0000cc", 5)
    s.text((300, 730), "while stocks last*", 46, "#00a0ff", 1)
    s.text((130, 830), "call now 555 0100", 76, "#ff7a00", 3)
    s.lines(
        (20, 880),
        "*conditions apply, see shop for details, not valid with other offers, one per\n"
        "customer, images may differ, prices without tax, subject to change, ask us why",
        17,
        "#33dd22",
    )
    return s.finish(rng, 0.004)
