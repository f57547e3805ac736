"""Draw what stands in for generated images: all are computed by formulas here, none by a trained generator."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Rng, blur, grain, lay, noise, plane, ramp, resize, smoothstep, vignette
from .solids import ellipsoid, sphere, torus, union
from .studio import Part, Scene, render


def dream_nebula(rng: Rng) -> Array:
    """Draw a cloud of gas by warping noise with noise, with stars behind it."""
    height, width = 900, 1400
    canvas = ramp(noise(rng, height, width, 2, 3), ["#04060f", "#0a0f26", "#1a1238"])
    folds = [noise(rng, height, width, 2.2, 4) for _ in range(2)]
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    warped = noise(rng, height, width, 3, 6)[
        np.clip(ys + 260 * (folds[0] - 0.5), 0, height - 1).astype(int),
        np.clip(xs + 320 * (folds[1] - 0.5), 0, width - 1).astype(int),
    ]
    y, x = plane(height, width)
    shape = np.exp(-(((x - 0.8 + 0.55 * (y - 0.5)) / 0.5) ** 2 + ((y - 0.5) / 0.36) ** 2))
    density = np.clip(warped * 1.12 * shape, 0, 1)
    glow = ramp(density, ["#000000", "#2a1a6a", "#8a2f8a", "#e8655a", "#ffc88a", "#fff6e0"])
    canvas += glow * smoothstep(0.08, 0.7, density)[..., None]
    canvas += 0.35 * blur(glow, 30)
    stars = rng.random((height, width)) ** 1400
    canvas += (blur(stars.astype(np.float32), 1) * 9 + stars)[..., None] * (1 - 0.7 * density[..., None])
    vignette(canvas, 0.3)
    return canvas


def mirror_sea(rng: Rng) -> Array:
    """Draw polished spheres and a ring that float over a still sea at sunrise."""
    height, width = 850, 1200
    scene = Scene(
        parts=[
            Part(sphere((-0.15, 1.0, 0), 0.62), "#f4c9b0", 0.85, metal=0.9),
            Part(union(sphere((1.25, 0.62, 0.4), 0.24), sphere((-1.35, 0.45, 0.7), 0.17)), "#c87a6a", 0.8, metal=0.5),
            Part(torus((-0.15, 1.0, 0), 1.12, 0.035, 2), "#fff1d0", 0.6, glow=0.5),
            Part(ellipsoid((0.75, 1.62, -0.9), (0.2, 0.2, 0.2)), "#7fa8b8", 0.8, metal=0.7),
        ],
        bound=((0, 1.0, 0), 1.95),
        eye=(0.2, 0.95, 5.0),
        target=(0, 0.92, 0),
        zoom=2.1,
        backdrop=("#ffd0a8", "#5f7fb0"),
        light=(0.7, 0.5, 0.45),
        key=0.9,
        fill=0.5,
        warmth=0.12,
        floor_colour="#b98a92",
        reflect=0.95,
    )
    canvas = render(scene, height, width)
    y, x = plane(height, width)
    swell = 0.05 * (noise(rng, height, width, 26, 3, 9) - 0.5) * smoothstep(0.5, 1, y)
    clouds = smoothstep(0.48, 0.85, noise(rng, height, width, 3, 5, 3.4)) * smoothstep(0.46, 0.1, y)
    lay(canvas, "#fff0e0", 0.3 * clouds)
    sun = np.exp(-(((x - 1.14) / 0.16) ** 2 + ((y - 0.485) / 0.1) ** 2))
    lay(canvas, "#fff3cf", 0.65 * sun.astype(np.float32))
    canvas *= (1 + 4 * swell)[..., None]
    vignette(canvas, 0.2)
    grain(canvas, rng, 0.006)
    return canvas


def coral_fractal(rng: Rng) -> Array:
    """Draw a Julia set coloured by how near its orbits come to a cross and to a circle (orbit traps)."""
    height, width = 1000, 1000
    small = 600
    ys, xs = np.mgrid[-1.1 : 1.1 : small * 1j, -1.1 : 1.1 : small * 1j]
    z = ((xs + 1j * ys) * np.exp(0.45j)).astype(np.complex64)
    cross, ring, life = (np.full(z.shape, value, np.float32) for value in (9, 9, 0))
    live = np.arange(z.size)
    orbit = z.ravel()
    for _ in range(70):
        orbit = orbit * orbit + np.complex64(-0.7435 + 0.1314j)
        size = np.abs(orbit)
        cross.flat[live] = np.minimum(cross.flat[live], np.minimum(np.abs(orbit.real), np.abs(orbit.imag)))
        ring.flat[live] = np.minimum(ring.flat[live], np.abs(size - 0.36))
        life.flat[live] += 1
        stay = size < 4
        live, orbit = live[stay], orbit[stay]
        if not live.size:
            break
    depth = resize(np.log1p(life) / np.log(71), height, width)
    glow = resize(np.sqrt(np.clip(ring * 9, 0, 1)), height, width)
    vein = resize(np.exp(-18 * cross), height, width)
    canvas = ramp(np.clip(depth, 0, 1), ["#04141c", "#07303c", "#0e5a62", "#1f8a80", "#f2a07a"])
    inside = smoothstep(0.72, 0.98, depth)
    lay(canvas, ramp(np.clip(glow, 0, 1), ["#fff6e6", "#ffc79a", "#ea6a4a", "#8c2338", "#2a1030"]), inside)
    lay(canvas, "#ffd9a8", np.clip(0.5 * vein * (1 - inside), 0, 1))
    vignette(canvas, 0.35)
    grain(canvas, rng, 0.006)
    return canvas


def broken_symmetry(rng: Rng) -> Array:
    """Draw a kaleidoscope, deliberately weak: oversharpened, oversaturated, with seams and stray patches."""
    side = 900
    quarter = ramp(
        noise(rng, side // 2, side // 2, 5, 6), ["#2b0040", "#ff00a0", "#ffe100", "#00f0ff", "#101010", "#ff5a00"]
    )
    half = np.concatenate([quarter, quarter[:, ::-1]], axis=1)
    canvas = np.concatenate([half, half[::-1]], axis=0)
    canvas = canvas + 2.2 * (canvas - blur(canvas, 5))
    for _ in range(7):
        top, left = rng.integers(0, side - 160, 2)
        canvas[top : top + 90, left : left + 150] = canvas[left : left + 90, top : top + 150].copy()
    canvas[side // 2 - 2 : side // 2 + 2] = 1
    grain(canvas, rng, 0.05)
    return canvas
