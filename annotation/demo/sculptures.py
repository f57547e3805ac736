"""Draw sculpture: shaded solids that flow, twist and pierce."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Rng, grain, vignette
from .solids import Field, box, capsule, carve, cylinder, ellipsoid, inside, length, melt
from .studio import Part, Scene, render


def reclining(rng: Rng) -> Array:
    """Draw a pierced, flowing form in pale stone on a low plinth."""
    body = melt(
        0.5,
        ellipsoid((-0.35, 0.72, 0), (0.42, 0.36, 0.26)),
        ellipsoid((0.42, 0.55, 0.02), (0.36, 0.26, 0.26)),
        capsule((-0.42, 0.9, 0), (-0.5, 1.28, 0.02), 0.13, 0.1),
        capsule((0.55, 0.5, 0), (0.85, 0.34, 0.1), 0.17, 0.13),
        capsule((0.55, 0.55, 0), (0.38, 0.98, -0.05), 0.13, 0.16),
        capsule((-0.5, 0.6, 0), (-0.6, 0.32, 0.05), 0.2, 0.18),
    )
    form = carve(body, ellipsoid((0.02, 0.66, 0), (0.2, 0.17, 0.8)), 0.12)

    def veined(points: Array) -> Array:
        wave = np.sin(points[0] * 5 + points[1] * 9 + 2.2 * np.sin(points[1] * 4 + points[2] * 6))
        return np.asarray(1 - 0.16 * np.exp(-40 * wave * wave), np.float32)

    scene = Scene(
        parts=[
            Part(form, "#e8e1d4", 0.35, pattern=veined),
            Part(box((0.05, 0.1, 0), (1.05, 0.1, 0.45), 0.01), "#4b4844", 0.3),
        ],
        bound=((0, 0.6, 0), 1.4),
        eye=(-0.9, 1.25, 4.3),
        target=(0.08, 0.6, 0),
        zoom=3.0,
        backdrop=("#8d8f8c", "#5d6163"),
        light=(-0.75, 0.8, 0.45),
        fill=0.36,
        detail=0.55,
    )
    canvas = render(scene, 740, 1020)
    vignette(canvas, 0.25)
    grain(canvas, rng, 0.008)
    return canvas


def knot(rng: Rng) -> Array:
    """Draw a bronze trefoil ring that turns into itself."""

    def trefoil(p: Array) -> Array:
        x, y, z = p[0], p[1] - 1.02, p[2]
        around, out = np.arctan2(y, x), length(x, y) - 0.52
        turn = 1.5 * around
        c, s = np.cos(turn), np.sin(turn)
        u, v = c * out + s * z, -s * out + c * z
        return (length(np.abs(u) - 0.165, v) - 0.115) * 0.6

    scene = Scene(
        parts=[
            Part(trefoil, "#b9783a", 0.75, metal=0.85),
            Part(box((0, 0.1, 0), (0.34, 0.1, 0.34), 0.01, 0.4), "#1f1e1e", 0.5),
            Part(cylinder((0, 0.22, 0), 0.05, 0.08), "#2b2a2a", 0.4),
        ],
        bound=((0, 0.85, 0), 1.08),
        eye=(0.9, 1.3, 4.2),
        target=(0.12, 0.82, 0),
        zoom=3.0,
        backdrop=("#d6cfc4", "#f4efe6"),
        light=(-0.45, 0.95, 0.35),
        key=1.1,
    )
    canvas = render(scene, 1000, 900)
    grain(canvas, rng, 0.006)
    return canvas


def mirrored(solid: Field) -> Field:
    """Return the field of a solid on the right (x > 0) and of its mirror image on the left."""
    return lambda p: solid(np.stack([np.abs(p[0]), p[1], p[2]]))


def face() -> Field:
    """Return the field of a simplified human head."""
    skull = melt(
        0.22,
        ellipsoid((0, 1.62, -0.04), (0.34, 0.4, 0.4)),
        ellipsoid((0, 1.38, 0.1), (0.245, 0.33, 0.28)),
        ellipsoid((0, 1.12, 0.22), (0.1, 0.07, 0.1)),
    )
    hollow = carve(skull, mirrored(ellipsoid((0.135, 1.5, 0.42), (0.09, 0.055, 0.11))), 0.12)
    brow = melt(0.09, hollow, mirrored(capsule((0.2, 1.575, 0.31), (0.05, 1.57, 0.375), 0.03)))
    eyes = melt(0.03, brow, mirrored(ellipsoid((0.13, 1.49, 0.3), (0.07, 0.042, 0.06))))
    nose = capsule((0, 1.53, 0.37), (0, 1.345, 0.455), 0.03, 0.056)
    lips = melt(
        0.02, capsule((-0.07, 1.24, 0.365), (0.07, 1.24, 0.365), 0.02), ellipsoid((0, 1.2, 0.365), (0.08, 0.03, 0.04))
    )
    ears = mirrored(ellipsoid((0.335, 1.45, 0.0), (0.045, 0.12, 0.075)))
    return melt(0.06, eyes, nose, lips, ears)


def head_form(turn: float) -> Field:
    """Return the field of a head with neck and shoulders, turned by `turn` radians."""
    head = inside(ellipsoid((0, 1.48, 0.05), (0.5, 0.58, 0.58)), face())
    shoulders = capsule((-0.55, 0.55, -0.16), (0.55, 0.55, -0.16), 0.2)
    torso = melt(0.2, shoulders, ellipsoid((0, 0.35, -0.1), (0.55, 0.35, 0.26)))
    whole = melt(0.14, head, capsule((0, 1.3, -0.1), (0, 0.75, -0.16), 0.175, 0.2), torso)
    c, s = float(np.cos(turn)), float(np.sin(turn))
    return lambda p: whole(np.stack([c * p[0] - s * p[2], p[1], s * p[0] + c * p[2]])) * np.float32(0.9)


def bust(rng: Rng) -> Array:
    """Draw a plaster bust with window light from the side."""
    scene = Scene(
        parts=[
            Part(carve(head_form(-0.5), box((0, -0.15, 0), (2, 0.4, 2)), 0.03), "#ece6da", 0.12),
            Part(cylinder((0, 0.1, 0), 0.3, 0.15), "#dcd5c8", 0.15),
        ],
        bound=((0, 1.0, 0), 1.15),
        eye=(0.15, 1.35, 4.4),
        target=(0, 1.0, 0),
        zoom=3.15,
        backdrop=("#7d6a58", "#4a3f38"),
        light=(-0.9, 0.75, 0.5),
        key=1.05,
        fill=0.27,
        detail=0.5,
    )
    canvas = render(scene, 1000, 800)
    vignette(canvas, 0.3)
    grain(canvas, rng, 0.008)
    return canvas
