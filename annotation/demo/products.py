"""Draw product design: shaded solids on a studio sweep."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Rng, grain, vignette
from .solids import box, capsule, carve, column, cylinder, ellipsoid, lathe, melt, sphere, torus, union
from .studio import Part, Scene, render


def vases(rng: Rng) -> Array:
    """Draw three turned vessels of one family, grouped by height."""
    tall = lathe([(0, 0.22), (0.25, 0.34), (0.7, 0.3), (1.05, 0.11), (1.45, 0.1), (1.55, 0.16)], 0.03, (-0.42, 0, -0.1))
    round_ = lathe([(0, 0.2), (0.25, 0.42), (0.5, 0.4), (0.7, 0.14), (0.8, 0.15)], 0.03, (0.32, 0, -0.25))
    bowl = lathe([(0, 0.14), (0.06, 0.16), (0.2, 0.33), (0.34, 0.38)], 0.025, (0.12, 0, 0.52))

    def speckled(points: Array) -> Array:
        cells = np.sin(points * np.array([[61], [53], [67]])).prod(0)
        return np.where(cells > 0.55, 0.55, 1).astype(np.float32)

    scene = Scene(
        parts=[
            Part(tall, "#d8cdbb", 0.25, pattern=speckled),
            Part(round_, "#3f6f74", 0.7),
            Part(bowl, "#c9714b", 0.5),
        ],
        bound=((0, 0.75, 0), 1.15),
        eye=(0.3, 1.35, 4.2),
        target=(0, 0.66, 0),
        zoom=2.9,
        backdrop=("#e6ddd0", "#c7b9a6"),
    )
    canvas = render(scene, 1000, 860)
    grain(canvas, rng, 0.006)
    return canvas


def stool(rng: Rng) -> Array:
    """Draw a three-legged wooden stool with a red stretcher ring."""
    angles = [0.4, 0.4 + 2.094, 0.4 + 4.189]
    legs = [
        capsule((0.3 * np.cos(a), 1.0, 0.3 * np.sin(a)), (0.5 * np.cos(a), 0.035, 0.5 * np.sin(a)), 0.055, 0.033)
        for a in angles
    ]
    seat = carve(cylinder((0, 1.06, 0), 0.5, 0.05, 0.04), ellipsoid((0, 1.3, 0), (0.6, 0.24, 0.6)), 0.05)

    def wood(points: Array) -> Array:
        rings = np.hypot(points[0] * 5 + 0.6 * np.sin(points[2] * 5), (points[2] + 1.3) * 1.6)
        return np.asarray(0.9 + 0.1 * np.sin(rings * 34), np.float32)

    scene = Scene(
        parts=[
            Part(seat, "#d9a566", 0.35, pattern=wood),
            Part(union(*legs), "#d4a062", 0.3),
            Part(torus((0, 0.38, 0), 0.42, 0.022), "#c2352b", 0.5),
        ],
        bound=((0, 0.6, 0), 0.95),
        eye=(1.1, 1.9, 3.6),
        target=(0.16, 0.5, 0),
        zoom=2.9,
        backdrop=("#dfe5e4", "#b9c6c6"),
    )
    canvas = render(scene, 960, 860)
    grain(canvas, rng, 0.006)
    return canvas


def lamp(rng: Rng) -> Array:
    """Draw a lit mushroom lamp on a polished dark table."""
    shade = carve(ellipsoid((0, 1.0, 0), (0.62, 0.42, 0.62)), box((0, 0.4, 0), (2, 0.52, 2)), 0.05)
    foot = melt(0.12, cylinder((0, 0.06, 0), 0.33, 0.06, 0.03), capsule((0, 0.1, 0), (0, 0.95, 0), 0.085))

    def lit(points: Array) -> Array:
        """Let the glass glow most where the bulb is."""
        near = np.exp(-((points[1] - 0.98) ** 2) / 0.04)
        return np.asarray(column((0.85, 0.5, 0.3)) + column((0.4, 0.42, 0.55)) * near, np.float32)

    scene = Scene(
        parts=[Part(shade, "#ffd3a1", 0.25, glow=0.95, pattern=lit), Part(foot, "#d98e4a", 0.6, metal=0.35, glow=0.12)],
        bound=((0, 0.72, 0), 0.98),
        eye=(0.2, 1.15, 4.4),
        target=(0.25, 0.72, 0),
        zoom=2.7,
        backdrop=("#2a1c16", "#0d0a0c"),
        light=(0, 1, 0.15),
        key=0.5,
        fill=0.22,
        floor_colour="#3a2416",
        reflect=0.55,
        softness=4,
    )
    canvas = render(scene, 900, 1200)
    height, width = canvas.shape[:2]
    y, x = np.ogrid[:height, :width]
    halo = np.exp(-(((x - width * 0.44) / 330) ** 2 + ((y - height * 0.36) / 300) ** 2))
    canvas += halo[..., None].astype(np.float32) * np.array([0.34, 0.19, 0.07], np.float32)
    vignette(canvas, 0.35)
    grain(canvas, rng, 0.01)
    return canvas


def radio(rng: Rng) -> Array:
    """Draw a small table radio with a drilled grille, a dial and an aerial."""
    body = box((0, 0.44, 0), (0.85, 0.4, 0.26), 0.13)

    def drilled(points: Array) -> Array:
        cell = np.hypot(np.mod(points[0], 0.06) - 0.03, np.mod(points[1], 0.06) - 0.03)
        grille = (np.abs(points[0] + 0.3) < 0.39) & (np.abs(points[1] - 0.45) < 0.24) & (points[2] > 0.2)
        return np.where(grille & (cell < 0.015), 0.12, 1).astype(np.float32)

    knobs = [capsule((x, 0.22, 0.24), (x, 0.22, 0.31), 0.045) for x in (0.32, 0.48, 0.64)]
    dial = carve(ellipsoid((0.48, 0.55, 0.25), (0.2, 0.2, 0.07)), ellipsoid((0.48, 0.55, 0.36), (0.15, 0.15, 0.07)))
    scene = Scene(
        parts=[
            Part(body, "#ece5d4", 0.4, pattern=drilled),
            Part(dial, "#d8582a", 0.6),
            Part(capsule((-0.7, 0.8, -0.1), (-0.45, 1.62, -0.1), 0.016, 0.01), "#c5c8c9", 0.9, metal=0.9),
            Part(union(*knobs), "#33373b", 0.6),
            Part(union(*(sphere((x, 0.04, z), 0.05) for x in (-0.6, 0.6) for z in (-0.12, 0.12))), "#33373b"),
        ],
        bound=((0, 0.8, 0), 1.2),
        eye=(-1.3, 1.35, 4.2),
        target=(0, 0.66, 0),
        zoom=3.1,
        backdrop=("#b9d3cf", "#86aeac"),
    )
    canvas = render(scene, 780, 1010)
    grain(canvas, rng, 0.006)
    return canvas


def cup(rng: Rng) -> Array:
    """Draw a throw-away cup, deliberately weak: pushed to the edge, flat frontal light, overexposed."""
    wall = lathe([(0, 0.26), (0.75, 0.38), (0.8, 0.38)], 0.02, (-0.95, 0, 0))
    rim = torus((-0.95, 0.8, 0), 0.37, 0.018)
    scene = Scene(
        parts=[Part(union(wall, rim), "#f2efe9", 0.1)],
        bound=((-0.95, 0.4, 0), 0.6),
        eye=(0, 1.2, 4.0),
        target=(0.1, 0.75, 0),
        zoom=2.4,
        backdrop=("#efeee8", "#f5f4ee"),
        light=(0.05, 0.3, 1),
        key=0.8,
        fill=0.75,
        exposure=1.12,
    )
    canvas = render(scene, 720, 960)
    grain(canvas, rng, 0.02)
    return canvas
