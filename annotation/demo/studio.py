"""Render solids: sphere tracing, soft shadows, studio light.

Method: Hart, J. C. (1996). Sphere tracing: a geometric method for the antialiased ray tracing of implicit surfaces.
"""

# mypy: disable-error-code="no-any-return"
# NumPy's stubs type an indexed or reduced array as Any.

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .canvas import Array, resize, rgb, smoothstep
from .solids import Field, Vector, column, dot, length, union, unit

block = 32768  # rays at a time: small arrays stay in the processor's cache
tile = 6  # pixels a side that share a head start


@dataclass(frozen=True)
class Part:
    """A solid and what it is made of; `pattern` may multiply the colour, point by point."""

    field: Field
    colour: str
    gloss: float = 0.3
    metal: float = 0
    glow: float = 0
    pattern: Callable[[Array], Array] | None = None


@dataclass(frozen=True)
class Scene:
    """What is seen, from where, in which light. Parts lie within the sphere `bound` (centre and radius)."""

    parts: Sequence[Part]
    bound: tuple[Vector, float]
    eye: Vector
    target: Vector
    zoom: float = 2.2
    backdrop: tuple[str, str] = ("#e9e4dc", "#cfc8bd")
    floor: bool = True
    light: Vector = (-0.5, 0.9, 0.55)
    key: float = 0.95
    fill: float = 0.5
    warmth: float = 0.06
    softness: float = 9
    exposure: float = 1
    floor_colour: str = ""
    reflect: float = 0
    detail: float = 0.62
    everything: Field = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "everything", union(*(part.field for part in self.parts)))


@dataclass
class _Hits:
    """Where rays met something: distance, and the number of the part (-1 the floor, -2 nothing)."""

    distance: Array
    part: Array


def render(scene: Scene, height: int, width: int) -> Array:
    """Return a canvas, traced smaller by the scene's `detail` and enlarged, which hardly shows and costs half."""
    traced = _image(scene, round(height * scene.detail), round(width * scene.detail))
    return np.stack([resize(traced[..., c], height, width) for c in range(3)], axis=-1)


def _image(scene: Scene, height: int, width: int) -> Array:
    """Trace a canvas; pixels on edges are taken again at four points each."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    safe = _head_start(scene, height, width)
    canvas = _colours(scene, rows.ravel() + 0.5, columns.ravel() + 0.5, (height, width), safe)
    canvas = canvas.reshape(height, width, 3)
    edge = np.flatnonzero(_edges(canvas))
    row, col = (edge // width).astype(np.float32), (edge % width).astype(np.float32)
    corners = ((0.12, 0.38), (0.38, 0.88), (0.62, 0.12), (0.88, 0.62))
    samples = [_colours(scene, row + dy, col + dx, (height, width), safe[edge]) for dy, dx in corners]
    canvas.reshape(-1, 3)[edge] = np.mean(samples, axis=0)
    return canvas


def _head_start(scene: Scene, height: int, width: int) -> Array:
    """Return, pixel by pixel, how far a ray can go unchecked: one thick ray is followed for each tile of pixels."""
    high, wide = -(-height // tile), -(-width // tile)
    rows, columns = np.mgrid[:high, :wide].astype(np.float32)
    rays = _rays(scene, (rows.ravel() + 0.5) * tile, (columns.ravel() + 0.5) * tile, (height, width))
    thick = 0.75 * tile * 2 / max(height, width) / scene.zoom
    origin = column(scene.eye)
    near, far = _through_bound(scene, origin, rays)
    live = np.flatnonzero(near < scene.bound[1] * 20)
    t = near.copy()
    middle = column(scene.bound[0])
    for _ in range(60):
        points = origin + rays[:, live] * t[live]
        outside = length(*(points - middle)) - scene.bound[1]
        room = np.maximum(scene.everything(points), np.where(outside > 0, outside, -1)) - thick * t[live]
        t[live] += np.maximum(room, 0)
        live = live[(room > 0.004) & (t[live] < far[live])]
        if not live.size:
            break
    safe = np.where(far > near, t, 0).reshape(high, wide)
    return np.repeat(np.repeat(safe, tile, 0), tile, 1)[:height, :width].ravel().astype(np.float32)


def _edges(canvas: Array, threshold: float = 0.06) -> Array:
    """Return where neighbours differ strongly."""
    tone = canvas.mean(2)
    down, right = np.abs(np.diff(tone, axis=0)) > threshold, np.abs(np.diff(tone, axis=1)) > threshold
    edge = np.zeros(tone.shape, bool)
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= right
    edge[:, :-1] |= right
    return edge


def _rays(scene: Scene, row: Array, col: Array, size: tuple[int, int]) -> Array:
    """Return the directions (3, n) in which the eye sees those points of an image of that height and width."""
    ahead = unit(column(scene.target) - column(scene.eye))
    right = unit(np.cross(ahead, column((0, 1, 0)), axis=0))
    up = np.cross(right, ahead, axis=0)
    scale = 2 / max(size)
    rays = ahead * scene.zoom + right * ((col - size[1] / 2) * scale) + up * ((size[0] / 2 - row) * scale)
    return unit(rays).astype(np.float32)


def _colours(scene: Scene, row: Array, col: Array, size: tuple[int, int], safe: Array) -> Array:
    """Return the colours (n, 3) seen through those points of the image, in blocks that fit the cache."""
    found = []
    for start in range(0, row.size, block):
        part = slice(start, start + block)
        rays = _rays(scene, row[part], col[part], size)
        found.append(_trace(scene, column(scene.eye), rays, scene.reflect, safe[part]).T)
    return np.concatenate([*found, np.empty((0, 3), np.float32)])


def _trace(scene: Scene, origin: Array, rays: Array, mirror: float, safe: Array | float = 0) -> Array:
    """Return the colours (3, n) that rays from one origin, or from one each, bring back."""
    hits = _meet(scene, origin, rays, safe)
    colours = _backdrop(scene, rays)
    for number, part in enumerate(scene.parts):
        mine = np.flatnonzero(hits.part == number)
        if mine.size:
            points = _at(origin, rays, hits.distance, mine)
            colours[:, mine] = _shade(scene, part, points, rays[:, mine])
    ground = np.flatnonzero(hits.part == -1)
    if ground.size:
        points = _at(origin, rays, hits.distance, ground)
        colours[:, ground] = _floor(scene, points, rays[:, ground], colours[:, ground], mirror)
    return np.clip(colours * scene.exposure, 0, 1)


def _at(origin: Array, rays: Array, distance: Array, index: Array) -> Array:
    """Return the points that the rays of that index reach."""
    start = origin if origin.shape[1] == 1 else origin[:, index]
    return start + rays[:, index] * distance[index]


def _meet(scene: Scene, origin: Array, rays: Array, safe: Array | float) -> _Hits:
    """Follow rays to the nearest part or to the floor; nothing is nearer than `safe`."""
    distance = np.full(rays.shape[1], np.inf, np.float32)
    part = np.full(rays.shape[1], -2, np.int8)
    if scene.floor:
        down = rays[1] < -1e-3
        height = np.broadcast_to(origin[1], down.shape)
        distance[down] = -height[down] / rays[1][down]
        part[down] = -1
    near, far = _through_bound(scene, origin, rays)
    near, far = np.maximum(near, safe), np.minimum(far, distance)
    live = np.flatnonzero(far > near)
    found, where = _march(scene.everything, origin, rays, live, near[live], far[live])
    distance[found] = where
    start = origin if origin.shape[1] == 1 else origin[:, found]
    points = start + rays[:, found] * where
    if found.size:
        part[found] = np.argmin(np.stack([p.field(points) for p in scene.parts]), axis=0)
    return _Hits(distance, part)


def _through_bound(scene: Scene, origin: Array, rays: Array) -> tuple[Array, Array]:
    """Return where rays enter and leave the bounding sphere; leaving before entering is a miss."""
    offset = column(scene.bound[0]) - origin
    along = dot(rays, offset)
    rest = scene.bound[1] ** 2 - (dot(offset, offset) - along**2)
    half = np.sqrt(np.maximum(rest, 0))
    near = np.maximum(along - half, 1e-3)
    return near, np.where(rest > 0, along + half, -1)


def _march(solid: Field, origin: Array, rays: Array, live: Array, near: Array, far: Array) -> tuple[Array, Array]:
    """Step along rays until the field is nearly zero; return the rays that met the solid, and how far off."""
    found: list[Array] = []
    where: list[Array] = []
    t = near
    single = origin.shape[1] == 1
    ray, start = rays[:, live], origin if single else origin[:, live]
    for _ in range(110):
        if not live.size:
            break
        step = solid(start + ray * t)
        t = t + step
        hit = step < 0.0006 * t
        found.append(live[hit])
        where.append(t[hit])
        going = ~hit & (t < far)
        live, t, far, ray = live[going], t[going], far[going], ray[:, going]
        start = start if single else start[:, going]
    return np.concatenate([*found, live[:0]]), np.concatenate([*where, t[:0]])


def _normals(solid: Field, points: Array) -> Array:
    """Return surface normals from four samples of the field at the corners of a tetrahedron."""
    corners = [column(c) for c in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1))]
    return unit(sum((c * solid(points + c * 0.0015) for c in corners), np.zeros_like(points)))


def _shadow(scene: Scene, points: Array) -> Array:
    """Return how much of the key light reaches points: 0 none, 1 all; near misses give the soft edge."""
    light = unit(column(scene.light))
    rays = np.broadcast_to(light, points.shape)
    near, far = _through_bound(scene, points, rays)
    seen = np.ones(points.shape[1], np.float32)
    live = np.flatnonzero(far > near)
    t = np.maximum(near[live], 0.02)
    far = far[live]
    for _ in range(26):
        if not live.size:
            break
        step = scene.everything(points[:, live] + light * t)
        seen[live] = np.minimum(seen[live], scene.softness * step / t)
        t = t + np.clip(step, 0.015, 0.25)
        going = (t < far) & (seen[live] > 0.01)
        live, t, far = live[going], t[going], far[going]
    return smoothstep(0, 1, np.clip(seen, 0, 1))


def _openness(scene: Scene, points: Array, normals: Array) -> Array:
    """Return ambient occlusion, 1 in the open, from three samples along the normal."""
    closed = np.zeros(points.shape[1], np.float32)
    for reach, weight in ((0.05, 5.0), (0.15, 2.2), (0.35, 1.0)):
        sample = points + normals * reach
        space = scene.everything(sample)
        space = np.minimum(space, sample[1]) if scene.floor else space
        closed += weight * np.maximum(reach - space, 0)
    return np.clip(1 - 0.7 * closed, 0, 1)


def _studio(scene: Scene, rays: Array) -> Array:
    """Return what a polished surface mirrors: a wide softbox, a thin strip light, the backdrop."""
    soft = smoothstep(0.55, 0.8, rays[1]) * smoothstep(-0.9, 0.1, -rays[0]) * 1.3
    strip = smoothstep(0.06, 0.02, np.abs(rays[0] - 0.72)) * smoothstep(-0.1, 0.3, rays[1]) * 0.8
    return _backdrop(scene, rays) * 0.55 + soft + strip


def _shade(scene: Scene, part: Part, points: Array, rays: Array) -> Array:
    """Return the colours (3, n) of a part under key light, fill light and what the studio mirrors in it."""
    normals = _normals(part.field, points)
    light = unit(column(scene.light))
    facing = np.clip(dot(normals, light), 0, 1)
    seen = _shadow(scene, points + normals * 0.01)
    opened = _openness(scene, points, normals)
    warm, cool = column((1 + scene.warmth, 1, 1 - scene.warmth)), column((1 - scene.warmth, 1, 1 + scene.warmth))
    sky = 0.6 + 0.4 * normals[1]
    albedo = column(rgb(part.colour)) ** 1.8
    if part.pattern:
        albedo = albedo * part.pattern(points)
    lit = albedo * (scene.key * facing * seen * warm + scene.fill * sky * opened * cool)
    mirrored = unit(rays - 2 * dot(rays, normals) * normals)
    fresnel = 0.04 + 0.96 * (1 - np.clip(-dot(rays, normals), 0, 1)) ** 5
    shine = part.gloss * (fresnel + part.metal * 0.75) * (0.35 + 0.65 * opened)
    tint = 1 + part.metal * (albedo / albedo.max(initial=1e-3) - 1)
    half = unit(light - rays)
    spark = part.gloss * seen * np.clip(dot(half, normals), 0, 1) ** (20 + 160 * part.gloss)
    linear = lit * (1 - 0.75 * part.metal) + _studio(scene, mirrored) * shine * tint + 0.7 * spark
    return np.clip(linear + part.glow * albedo, 0, None) ** (1 / 1.8)


def _floor(scene: Scene, points: Array, rays: Array, behind: Array, mirror: float) -> Array:
    """Return the floor's colours: the backdrop's sweep, with shadow, contact and, if polished, reflection."""
    near = ((points - column(scene.bound[0])) ** 2).sum(0) < (4.5 * scene.bound[1]) ** 2
    light = np.ones(points.shape[1], np.float32)
    up = np.broadcast_to(column((0, 1, 0)), (3, int(near.sum())))
    seen = _shadow(scene, points[:, near] + up * 0.004)
    light[near] = 0.52 + 0.48 * seen
    close = np.flatnonzero(((points - column(scene.bound[0])) ** 2).sum(0) < (1.3 * scene.bound[1]) ** 2)
    light[close] *= 0.4 + 0.6 * _contact(scene, points[:, close])
    far = smoothstep(2.5 * scene.bound[1], 9 * scene.bound[1], np.hypot(points[0], points[2]))
    base = column(rgb(scene.floor_colour or scene.backdrop[0]))
    colours = (base + (behind - base) * far) * light
    if mirror:
        bounced = rays * column((1, -1, 1))
        gloss = mirror * (0.35 + 0.65 * (1 - np.abs(rays[1])) ** 3)
        seen_below = _trace(scene, points + bounced * 0.01, bounced, 0)
        colours = colours + (seen_below - colours) * gloss
    return colours


def _contact(scene: Scene, points: Array) -> Array:
    """Return how open the floor is: dark where a part nearly touches it."""
    closed = np.zeros(points.shape[1], np.float32)
    for reach, weight in ((0.06, 6.0), (0.2, 1.6)):
        closed += weight * np.maximum(reach - scene.everything(points + column((0, reach, 0))), 0)
    return np.clip(1 - closed, 0, 1)


def _backdrop(scene: Scene, rays: Array) -> Array:
    """Return the backdrop: its first colour at the horizon, the second above."""
    low, high = column(rgb(scene.backdrop[0])), column(rgb(scene.backdrop[1]))
    return low + (high - low) * smoothstep(0.0, 0.7, rays[1])
