"""Draw what no free photograph shows: film scenes, a portrait in silhouette, buildings. All are placeholders."""

# mypy: disable-error-code="no-any-return"
# NumPy's stubs type an indexed or reduced array as Any.

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .brush import spine
from .canvas import (
    Array,
    Point,
    Rng,
    blank,
    blur,
    disc,
    from_image,
    grain,
    lay,
    line_noise,
    noise,
    plane,
    polygon,
    ramp,
    rgb,
    ridge,
    smoothstep,
    vignette,
)
from .solids import length
from .studio import Part, Scene, render


def bars(canvas: Array, height: int) -> Array:
    """Add a film's black bars above and below."""
    bar = np.zeros((height, canvas.shape[1], 3), np.float32)
    return np.concatenate([bar, canvas, bar])


def person(height: int, width: int, foot: Point, tall: float, coat: bool = True) -> Array:
    """Return the mask of a standing figure seen from behind."""
    x, y = foot
    hem = 0.3 if coat else 0.47
    half = [
        (0.0, 0.07),
        (hem, 0.095 if coat else 0.075),
        (0.55, 0.1),
        (0.72, 0.13),
        (0.815, 0.125),
        (0.84, 0.05),
        (0.87, 0.036),
    ]
    right = [(x + w * tall, y - h * tall) for h, w in half]
    left = [(x - w * tall, y - h * tall) for h, w in reversed(half)]
    body = polygon(height, width, right + left)
    gap = polygon(height, width, [(x - 0.012 * tall, y + 2), (x, y - (hem - 0.02) * tall), (x + 0.012 * tall, y + 2)])
    head = disc(height, width, (x, y - 0.925 * tall), 0.062 * tall, 1)
    return np.maximum(body - gap, head).clip(0, 1)


def desert_crossing(rng: Rng) -> Array:
    """Draw a film scene: a walker on a dune before a huge low sun, in teal and orange."""
    height, width = 600, 1500
    y, x = plane(height, width)
    canvas = ramp(np.broadcast_to(y / 0.75, (height, width)), ["#17313f", "#3a5a62", "#b97a4a", "#f0a04b", "#ffd08a"])
    centre = (960.0, 330.0)
    lay(canvas, "#ffb765", (0.7 * np.exp(-(((x - 1.6) ** 2 + (y - 0.55) ** 2) / 0.22))).astype(np.float32))
    lay(canvas, "#fff0cf", disc(height, width, centre, 190, 2))
    canvas -= 0.05 * smoothstep(0.5, 0.8, noise(rng, height, width, 7, 3, 9))[..., None]
    for base, peaks, colour in (
        (430.0, [(0.15, 70, 0.2), (0.75, 40, 0.15)], "#a8683c"),
        (500.0, [(0.62, 92, 0.22), (0.05, 60, 0.16)], "#6b3d26"),
        (600.0, [(0.1, 110, 0.25), (0.95, 140, 0.2)], "#2b1a17"),
    ):
        skyline = ridge(rng, width, base, peaks, 7, 1.8)
        below = np.arange(height)[:, None] - skyline[None, :]
        ripple = 1 + 0.05 * np.sin(below / 5 + 9 * noise(rng, height, width, 3, 2))
        lay(canvas, (rgb(colour) * ripple[..., None]).astype(np.float32), smoothstep(-1, 1, below).astype(np.float32))
        if colour == "#6b3d26":
            foot = (935.0, float(skyline[935]) + 3)
            lay(canvas, "#1a100e", person(height, width, foot, 96))
            shadow = polygon(height, width, [(926, foot[1]), (944, foot[1]), (918, foot[1] + 74), (884, foot[1] + 74)])
            lay(canvas, "#1a100e", 0.5 * blur(shadow, 3))
    dust = noise(rng, height, width, 3, 4, 3) * smoothstep(0.5, 0.9, y)
    lay(canvas, "#ffb36b", (0.22 * dust).astype(np.float32))
    grain(canvas, rng, 0.022)
    return bars(canvas, 52)


def neon_rain(rng: Rng) -> Array:
    """Draw a film scene: a wet street at night, neon signs in the wet ground, one umbrella."""
    height, width = 640, 1500
    horizon = 380
    canvas = ramp(
        np.broadcast_to(np.linspace(0, 1, height)[:, None], (height, width)), ["#080a18", "#141a38", "#1c2a4a"]
    )
    walls, lights = _street(rng, height, width, horizon)
    canvas = np.where(walls > 0, walls, canvas).astype(np.float32)
    lay(lights, "#ffe9c0", disc(height, width, (750, horizon - 26), 20, 46) * 0.7)
    canvas = np.maximum(canvas, lights) + 0.75 * blur(lights, 12) + 1.1 * blur(lights, 46)
    _wet_ground(canvas, rng, horizon)
    figure = person(height, width, (690, 560), 250)
    cover = polygon(height, width, [(690 + 118 * np.cos(a), 330 - 70 * np.sin(a)) for a in np.linspace(0, np.pi, 30)])
    lay(canvas, "#05060d", np.maximum(figure, cover))
    rim = np.clip(blur(np.maximum(figure, cover), 2) - np.roll(np.maximum(figure, cover), 3, 1), 0, 1)
    lay(canvas, "#ff9fb8", 0.55 * rim)
    rain = smoothstep(0.72, 0.95, noise(rng, height, width, 20, 1, 0.03)) * noise(rng, height, width, 4, 2)
    lay(canvas, "#bcd4ff", 0.16 * rain)
    vignette(canvas, 0.4)
    grain(canvas, rng, 0.025)
    return bars(canvas, 56)


def _street(rng: Rng, height: int, width: int, horizon: int) -> tuple[Array, Array]:
    """Return two canvases, black where nothing is: house fronts in perspective, and the signs on them."""
    walls, lights = (Image.new("RGB", (width * 2, height * 2)) for _ in range(2))
    wall_pen, light_pen = ImageDraw.Draw(walls), ImageDraw.Draw(lights)
    for depth in np.linspace(1, 0, 8) ** 0.8:
        for side in (-1, 1):
            x = 750 + side * (690 - 620 * depth)
            wide, tall = 140 * (1 - 0.86 * depth), (440 + 90 * rng.random()) * (1 - 0.8 * depth)
            outer = x + side * wide * 1.1
            front = [(x, horizon - tall), (outer, horizon - tall * 1.12), (outer, horizon + 30), (x, horizon + 10)]
            tone = int(16 + 12 * rng.random() + 16 * depth)
            wall_pen.polygon([(2 * a, 2 * b) for a, b in front], fill=(tone, tone + 6, tone + 26))
            for _ in range(3):
                hue = str(rng.choice(["#ff2f6d", "#27d3ff", "#ffb02e", "#9b5cff", "#38ffb0"]))
                cx, cy = x + side * wide * rng.uniform(-0.2, 0.5), horizon - tall * rng.uniform(0.2, 0.85)
                w, h = 14 * (1 - 0.75 * depth), tall * rng.uniform(0.08, 0.2)
                w, h = (h * 0.8, w) if rng.random() < 0.35 else (w, h)
                light_pen.rectangle((2 * (cx - w), 2 * (cy - h), 2 * (cx + w), 2 * (cy + h)), fill=hue)
    return from_image(walls.reduce(2)), from_image(lights.reduce(2))


def _wet_ground(canvas: Array, rng: Rng, horizon: int) -> None:
    """Mirror the street in the wet ground, drawn out and broken by ripples."""
    height, width = canvas.shape[:2]
    depth = height - horizon
    rows = horizon - 1 - (np.arange(depth) * horizon / depth * 0.98).astype(int)
    sway = (10 * line_noise(rng, depth, 30, 3) * np.linspace(0.2, 2.5, depth)).astype(int)
    columns = np.clip(np.arange(width)[None, :] + sway[:, None], 0, width - 1)
    mirrored = canvas[rows[:, None], columns]
    puddles = 0.35 + 0.5 * smoothstep(0.35, 0.7, noise(rng, depth, width, 3, 3, 4))
    canvas[horizon:] = blur(mirrored, 3) * puddles[..., None] + 0.01


def lit_doorway(rng: Rng) -> Array:
    """Draw a film scene: a dark hall, a door of light, someone in it, the light lying on the floor."""
    height, width = 620, 1450
    y, x = np.mgrid[:height, :width].astype(np.float32)
    canvas = blank(height, width, "#0e1014")
    left, right, top, foot = 850, 1010, 130, 470
    glow = np.exp(-(((x - 930) / 330) ** 2 + ((y - 300) / 260) ** 2))
    lay(canvas, "#3c4a4c", 0.75 * glow)
    lay(canvas, "#0a0b0d", smoothstep(foot - 2, foot + 2, y) * 0.75)
    spill = polygon(height, width, [(left, foot), (right, foot), (760, height), (170, height)])
    lay(canvas, "#f3dca6", blur(spill, 5) * (0.72 - 0.4 * smoothstep(foot, height, y)))
    door = polygon(height, width, [(left, top), (right, top), (right, foot), (left, foot)])
    lay(canvas, ramp(noise(rng, height, width, 3, 3), ["#f6e3b4", "#fff6dc"]), door)
    shadow = polygon(height, width, [(912, foot), (948, foot), (540, height), (380, height)])
    lay(canvas, "#15130f", 0.8 * blur(shadow, 4))
    lay(canvas, "#100f10", person(height, width, (930, foot + 4), 250, coat=False))
    beams = (
        np.exp(-(((x - 930 + (y - 300) * 1.15) / 190) ** 2)) * smoothstep(150, 420, y) * noise(rng, height, width, 5, 4)
    )
    lay(canvas, "#f3dca6", 0.16 * beams)
    for post in (130, 420, 1240):
        lay(canvas, "#07080a", polygon(height, width, [(post, 0), (post + 64, 0), (post + 64, 500), (post, 512)]) * 0.9)
    vignette(canvas, 0.35)
    grain(canvas, rng, 0.025)
    return bars(canvas, 54)


def window_silhouette(rng: Rng) -> Array:
    """Draw a portrait in profile, a dark silhouette before evening light: stands in for a photograph."""
    height, width = 1150, 920
    y, x = plane(height, width)
    canvas = ramp(
        np.broadcast_to(0.85 * y + 0.25 * x, (height, width)).clip(0, 1),
        ["#22304f", "#7a5a72", "#e0885c", "#f8c979", "#fbe0ab"],
    )
    bokeh = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(bokeh)
    for _ in range(26):
        (cx, cy), r = rng.uniform((0, 560), (920, 1100)), rng.uniform(16, 52)
        pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=str(rng.choice(["#4a3a20", "#4a3018", "#402818"])))
    canvas += blur(from_image(bokeh), 4)
    face = [
        (430, 250), (520, 262), (585, 318), (607, 392), (604, 440), (616, 470), (648, 528), (652, 548), (624, 560),
        (620, 578), (632, 598), (618, 614), (628, 634), (610, 652), (612, 686), (590, 716), (540, 724), (500, 730),
        (478, 780), (482, 850), (560, 920), (700, 985), (800, 1060), (860, 1260), (60, 1260), (140, 1030), (250, 930),
        (300, 860), (300, 770), (262, 690), (232, 590), (232, 450), (280, 330), (350, 268),
    ]  # fmt: skip
    outline = spine([(a, b, 0) for a, b in [*face, face[0]]], 420)[:, :2]
    head = polygon(height, width, [(float(a), float(b)) for a, b in outline])
    bun = disc(height, width, (235, 380), 92, 2)
    whole = np.maximum(head, bun)
    skin = ramp(np.clip((x - 0.25) * 2.2, 0, 1) * np.ones_like(y), ["#141019", "#1c141b", "#2b1a1c"])
    lay(canvas, skin, whole)
    rim = np.clip(whole - blur(np.roll(whole, (6, -9), (0, 1)), 5), 0, 1) * smoothstep(0.3, 0.55, x)
    lay(canvas, "#ffb877", 0.85 * rim)
    strands = noise(rng, height, width, 60, 2, 4) * np.clip(blur(whole, 6) - whole, 0, 1)
    lay(canvas, "#20151a", strands)
    vignette(canvas, 0.25)
    grain(canvas, rng, 0.02)
    return canvas


def colonnade(rng: Rng) -> Array:
    """Draw a row of columns with the sun falling through: stands in for a photograph of architecture."""
    step = 1.5

    def columns(p: Array) -> Array:
        z = p[2] - step * np.clip(np.round(p[2] / step), -8, 1)
        shaft = length(p[0] + 1.1, z) - (0.21 - 0.018 * p[1])
        plinth = np.maximum(np.maximum(np.abs(p[0] + 1.1), np.abs(z)) - 0.3, p[1] - 0.16)
        capital = np.maximum(np.maximum(np.abs(p[0] + 1.1), np.abs(z)) - 0.3, np.abs(p[1] - 2.5) - 0.1)
        return np.minimum(np.maximum(shaft, p[1] - 2.5), np.minimum(plinth, capital))

    def wall(p: Array) -> Array:
        z = p[2] - 3 * np.clip(np.round(p[2] / 3), -4, 0)
        opening = np.maximum(length(z, np.maximum(p[1] - 1.25, 0)) - 0.55, -p[1])
        return np.maximum(1.15 - p[0], -opening)

    def roof(p: Array) -> Array:
        beam = np.maximum(np.abs(p[0] + 1.1) - 0.34, np.abs(p[1] - 2.85) - 0.25)
        return np.minimum(beam, np.maximum(2.95 - p[1], np.abs(p[0]) - 1.8))

    def paved(p: Array) -> Array:
        joint = np.minimum(np.abs(np.mod(p[0], 0.75) - 0.375), np.abs(np.mod(p[2], 0.75) - 0.375))
        return (0.86 + 0.14 * smoothstep(0.004, 0.014, joint)).astype(np.float32)

    scene = Scene(
        parts=[
            Part(columns, "#dccdb2", 0.08),
            Part(wall, "#cf9d74", 0.05),
            Part(roof, "#c9b797", 0.05),
            Part(lambda p: p[1] - 0.0, "#cdbb9f", 0.12, pattern=paved),
        ],
        bound=((0, 1.2, -4), 7.6),
        eye=(0.15, 1.35, 2.9),
        target=(-0.12, 1.3, -3),
        zoom=1.55,
        backdrop=("#bcd6ea", "#5f9bd0"),
        floor=False,
        light=(-0.85, 0.62, 0.32),
        key=1.15,
        fill=0.42,
        warmth=0.14,
        softness=22,
    )
    canvas = render(scene, 1000, 780)
    grain(canvas, rng, 0.008)
    return canvas


def glass_towers(rng: Rng) -> Array:
    """Draw two glass fronts seen from the street against the sky: stands in for a photograph of architecture."""
    height, width = 1200, 900
    y, x = plane(height, width)
    clouds = noise(rng, height, width, 3, 6, 1.6)
    canvas = ramp(np.clip(0.85 * y + 0.1, 0, 1) * np.ones_like(x), ["#1f5f9e", "#5d9bcf", "#b9d9ea"])
    lay(canvas, "#f7fafc", 0.85 * smoothstep(0.5, 0.78, clouds))
    for side, edge, tone in ((1, 0.43, "#dfeaf2"), (-1, 0.5, "#9fb4c4")):
        lean = edge + side * (-0.12) * (1 - y) * 0.5
        across = side * (lean - x)
        inside = smoothstep(0, 0.002, across)
        far = 1 / (0.62 + 1.5 * np.clip(across, 0, 1) * 0.6 + 0.25 * y)
        level = (y - 1.35) * far * 30 - side * across * 6 * far
        column = across * far * 16
        mullion = np.minimum(np.abs(np.mod(level, 1) - 0.5), 0.55 * np.abs(np.mod(column, 1) - 0.5) + 0.02)
        pane = np.floor(level) * 37.7 + np.floor(column) * 17.3
        flicker = np.modf(np.abs(np.sin(pane) * 43758.5))[0]
        mirrored = ramp(
            np.clip(1 - y + 0.35 * (clouds[:, ::-1] - 0.5) + 0.1 * flicker, 0, 1),
            ["#24384a", "#4f7f9f", "#bcdbe8", "#eef6f8"],
        )
        glass = mirrored * rgb(tone)
        lit = (flicker > 0.93)[..., None] * (mullion > 0.1)[..., None]
        glass = np.where(lit, rgb("#ffd99a") * 0.9, glass)
        frame = smoothstep(0.075, 0.045, mullion)
        glass = glass * (1 - 0.75 * frame[..., None])
        lay(canvas, glass.astype(np.float32), inside)
    vignette(canvas, 0.2)
    grain(canvas, rng, 0.008)
    return canvas
