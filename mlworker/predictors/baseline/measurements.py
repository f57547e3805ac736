"""Measures of an image: colour, tone, sharpness, symmetry and where its edges lie (NumPy only).

Every measure is taken on the sRGB values of a small copy, and none of them knows what the image shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]
HUES = 12  # Sectors of 30°.
# Luma of Rec. 601, as Pillow and JPEG have it.
REC_601 = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Measurements:
    """The measures of one image; shares are 0 to 1.

    `colourfulness`: Hasler and Süsstrunk's M (0 grey, 15 slight, 33 moderate, 45 average, 59 quite, 82 high).
    `contrast`: root-mean-square contrast of luma, 0 to 0.5. `sharpness`: variance of the Laplacian of luma in 0-255
    steps. `shadows`, `highlights`: share of pixels at either end of the scale. `tonal_range`: luma between the 1st and
    99th percentile, 0 to 1. `tone_entropy`: bits, 0 to 8. `hue_entropy`: bits, 0 to 3.58. `saturation`: mean, 0 to 1.
    `symmetry`: correlation of luma with its left-right mirror, -1 to 1. `thirds`, `centre`, `border`: shares of edge
    energy around the four thirds points (a ninth of the area), in the middle ninth, in the outer tenth on each side
    (36 % of the area). `left`: share of edge energy in the left half. `busyness`: share of pixels on an edge.
    """

    brightness: float
    colourfulness: float
    contrast: float
    sharpness: float
    shadows: float
    highlights: float
    tonal_range: float
    tone_entropy: float
    hue_entropy: float
    saturation: float
    symmetry: float
    thirds: float
    centre: float
    border: float
    left: float
    busyness: float

    @property
    def log_sharpness(self) -> float:
        """Return the decimal logarithm of sharpness, counted from 1, since it spans several powers of ten."""
        return math.log10(1 + self.sharpness)

    @property
    def clipping(self) -> float:
        """Return the share of pixels at either end of the scale."""
        return self.shadows + self.highlights

    @property
    def balance(self) -> float:
        """Return 1 if left and right halves carry equal edge energy, 0 if one half carries all."""
        return 1 - abs(2 * self.left - 1)

    @property
    def focus(self) -> float:
        """Return the larger share of edge energy: around the thirds points or in the middle ninth."""
        return max(self.thirds, self.centre)


def measure_image(rgb: NDArray[np.uint8]) -> Measurements:
    """Return the measures of an image given as height x width x 3 sRGB values 0 to 255."""
    colours = rgb.astype(np.float64)
    luma = colours @ REC_601
    # Not the extremes: a single hot pixel would stand for the whole range.
    low, high = np.percentile(luma, [1, 99])
    hues, saturations = hue_and_saturation(colours)
    edges = edge_strength(luma)
    return Measurements(
        brightness=float(luma.mean()) / 255,
        colourfulness=colourfulness(colours),
        contrast=float(luma.std()) / 255,
        sharpness=float(laplacian(luma).var()),
        # Two steps of room, as JPEG rings around what is clipped.
        shadows=float((luma <= 2).mean()),
        highlights=float((luma >= 253).mean()),
        tonal_range=float(high - low) / 255,
        tone_entropy=entropy(np.bincount(luma.round().astype(np.int64).ravel(), minlength=256)),
        # Weighted, as the hue of a nearly grey pixel is noise.
        hue_entropy=entropy(np.bincount(hues.ravel(), weights=saturations.ravel(), minlength=HUES)),
        saturation=float(saturations.mean()),
        symmetry=mirror_correlation(luma),
        thirds=share(edges, around_thirds(luma.shape)),
        centre=share(edges, middle_ninth(luma.shape)),
        border=share(edges, outer_tenth(luma.shape)),
        left=left_share(edges),
        busyness=float((edges > 24).mean()),
    )


def colourfulness(colours: Plane) -> float:
    """Return M of Hasler and Süsstrunk, "Measuring colourfulness in natural images" (2003), for values 0 to 255."""
    red, green, blue = colours[..., 0], colours[..., 1], colours[..., 2]
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def hue_and_saturation(colours: Plane) -> tuple[NDArray[np.int64], Plane]:
    """Return each pixel's hue as one of `HUES` sectors and its HSV saturation from 0 to 1."""
    red, green, blue = colours[..., 0], colours[..., 1], colours[..., 2]
    top = colours.max(axis=-1)
    chroma = top - colours.min(axis=-1)
    divisor = np.where(chroma > 0, chroma, 1)  # Grey has no hue; its saturation of zero takes it out.
    turn = np.select(
        [top == red, top == green],
        [((green - blue) / divisor) % 6, (blue - red) / divisor + 2],
        (red - green) / divisor + 4,
    )
    sectors = (turn / 6 * HUES).astype(np.int64) % HUES
    return sectors, chroma / np.where(top > 0, top, 1)


def entropy(weights: NDArray[np.generic]) -> float:
    """Return Shannon's entropy, in bits, of weights that need not sum to one; 0 where all are zero."""
    positive_weights = np.asarray(weights, dtype=np.float64)
    positive_weights = positive_weights[positive_weights > 0]
    if not positive_weights.size:
        return 0.0
    probabilities = positive_weights / positive_weights.sum()
    # Rounding may leave a sum just below zero.
    return max(0.0, float(-(probabilities * np.log2(probabilities)).sum()))


def laplacian(luma: Plane) -> Plane:
    """Return the four-neighbour Laplacian, borders repeated (Pech-Pacheco et al., 2000, take its variance)."""
    padded_luma = np.pad(luma, 1, mode="edge")
    neighbours = padded_luma[:-2, 1:-1] + padded_luma[2:, 1:-1] + padded_luma[1:-1, :-2] + padded_luma[1:-1, 2:]
    return neighbours - 4 * luma


def edge_strength(luma: Plane) -> Plane:
    """Return the length of the central-difference gradient, borders repeated, in luma steps per pixel."""
    padded_luma = np.pad(luma, 1, mode="edge")
    across = (padded_luma[1:-1, 2:] - padded_luma[1:-1, :-2]) / 2
    down = (padded_luma[2:, 1:-1] - padded_luma[:-2, 1:-1]) / 2
    return np.hypot(across, down)


def mirror_correlation(luma: Plane) -> float:
    """Return the correlation of the image with its left-right mirror, -1 to 1; 1 for an even surface."""
    deviation = luma - luma.mean()
    power = float((deviation**2).sum())
    return float((deviation * deviation[:, ::-1]).sum()) / power if power > 1e-6 else 1.0


def positions(shape: tuple[int, ...]) -> tuple[Plane, Plane]:
    """Return the heights (a column) and widths (a row) of the pixels' centres as fractions of the image."""
    height, width = shape
    return ((np.arange(height) + 0.5) / height)[:, None], ((np.arange(width) + 0.5) / width)[None, :]


def around_thirds(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Mark four boxes, a sixth of the image wide and high, around the thirds points: a ninth of the area."""
    bands = [np.minimum(abs(place - 1 / 3), abs(place - 2 / 3)) < 1 / 12 for place in positions(shape)]
    return bands[0] & bands[1]


def middle_ninth(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Mark the middle box, a third of the image wide and high: a ninth of the area."""
    bands = [abs(place - 1 / 2) < 1 / 6 for place in positions(shape)]
    return bands[0] & bands[1]


def outer_tenth(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Mark the outer tenth on each side: 36 % of the area."""
    bands = [abs(place - 1 / 2) > 0.4 for place in positions(shape)]
    return bands[0] | bands[1]


def share(edges: Plane, region: NDArray[np.bool_]) -> float:
    """Return the share of edge energy within a region; without edges, the region's share of the area."""
    total = float(edges.sum())
    return float(edges[region].sum()) / total if total > 1e-6 else float(region.mean())


def left_share(edges: Plane) -> float:
    """Return the share of edge energy in the left half, a middle column counted half; 0.5 without edges."""
    total = float(edges.sum())
    width = edges.shape[1]
    weights = np.clip(width / 2 - np.arange(width), 0, 1)
    return float((edges.sum(axis=0) * weights).sum()) / total if total > 1e-6 else 0.5
