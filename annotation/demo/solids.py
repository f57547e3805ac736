"""Describe solids as signed distance fields; `studio` renders them.

A field is a function from points of shape (3, n) to distances (n,), negative inside; y points up and the floor lies
at y = 0. A bound may fall short of the true distance, never exceed it by much.
"""

# mypy: disable-error-code="no-any-return"
# NumPy's stubs type an indexed or reduced array as Any.

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from .canvas import Array

Field = Callable[[Array], Array]
Vector = tuple[float, float, float]


def column(vector: Sequence[float] | Array) -> Array:
    """Return a vector as a column, ready to meet points of shape (3, n)."""
    return np.array(vector, np.float32)[:, None]


def dot(a: Array, b: Array) -> Array:
    """Return the scalar products of two sets of vectors; written out, since this is the innermost loop."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def length(x: Array, y: Array, z: Array | None = None) -> Array:
    """Return the length of vectors given by their components (faster than hypot, and exact enough here)."""
    return np.sqrt(x * x + y * y if z is None else x * x + y * y + z * z)


def unit(vectors: Array) -> Array:
    """Scale vectors of shape (3, n) to length 1."""
    return vectors / np.sqrt(dot(vectors, vectors) + 1e-12)


def sphere(centre: Vector, radius: float) -> Field:
    """Return the field of a sphere."""
    middle = column(centre)
    return lambda p: length(*(p - middle)) - radius


def ellipsoid(centre: Vector, radii: Vector) -> Field:
    """Return a close bound on the field of an ellipsoid."""
    middle, size = column(centre), column(radii)

    def distance(p: Array) -> Array:
        q = (p - middle) / size
        k = length(*q)
        g = length(*(q / size))
        return k * (k - 1) / (g + 1e-6)

    return distance


def box(centre: Vector, half: Vector, rounding: float = 0.02, turn: float = 0) -> Field:
    """Return the field of a rounded box, turned about the upright axis by `turn` radians."""
    middle, size = column(centre), column(half) - rounding
    c, s = float(np.cos(turn)), float(np.sin(turn))

    def distance(p: Array) -> Array:
        q = p - middle
        x, y, z = (
            (np.abs(q[0]), np.abs(q[1]), np.abs(q[2]))
            if not turn
            else (np.abs(c * q[0] - s * q[2]), np.abs(q[1]), np.abs(s * q[0] + c * q[2]))
        )
        x, y, z = x - size[0], y - size[1], z - size[2]
        inside = np.minimum(np.maximum(np.maximum(x, y), z), 0)
        return length(np.maximum(x, 0), np.maximum(y, 0), np.maximum(z, 0)) + inside - rounding

    return distance


def capsule(start: Vector, end: Vector, radius: float, end_radius: float | None = None) -> Field:
    """Return the field of a rod with round ends, tapering to `end_radius`."""
    a, b = column(start), column(end) - column(start)
    long2 = float((b * b).sum())
    taper = (radius if end_radius is None else end_radius) - radius

    def distance(p: Array) -> Array:
        q = p - a
        h = np.minimum(np.maximum(dot(q, b) / long2, 0), 1)
        return length(*(q - b * h)) - radius - taper * h

    return distance


def cylinder(centre: Vector, radius: float, half: float, rounding: float = 0.02) -> Field:
    """Return the field of an upright cylinder."""
    middle = column(centre)

    def distance(p: Array) -> Array:
        q = p - middle
        side = length(q[0], q[2]) - radius + rounding
        cap = np.abs(q[1]) - half + rounding
        return np.minimum(np.maximum(side, cap), 0) + length(np.maximum(side, 0), np.maximum(cap, 0)) - rounding

    return distance


def torus(centre: Vector, radius: float, tube: float, axis: int = 1) -> Field:
    """Return the field of a ring about the axis of that number."""
    middle = column(centre)
    first, second = (i for i in range(3) if i != axis)

    def distance(p: Array) -> Array:
        q = p - middle
        return length(length(q[first], q[second]) - radius, q[axis]) - tube

    return distance


def lathe(profile: Sequence[tuple[float, float]], wall: float = 0, centre: Vector = (0, 0, 0)) -> Field:
    """Return a bound on the field of a turned vessel; `profile` lists (height, radius), `wall` > 0 hollows it."""
    heights, radii = (np.array(values, np.float32) for values in zip(*profile, strict=True))
    fine = np.linspace(heights[0], heights[-1], 200, dtype=np.float32)
    kernel = np.hanning(49) / np.hanning(49).sum()
    smooth = np.convolve(
        np.pad(np.interp(fine, heights, radii), 24, mode="reflect", reflect_type="odd"), kernel, mode="valid"
    )
    steepest = float(np.abs(np.gradient(smooth, fine)).max())
    middle = column(centre)

    def distance(p: Array) -> Array:
        q = p - middle
        side = length(q[0], q[2]) - np.interp(q[1], fine, smooth).astype(np.float32)
        if wall:
            side = np.maximum(side, np.where(q[1] > heights[0] + 2 * wall, -side - wall, side))
        ends = np.maximum(heights[0] - q[1], q[1] - heights[-1])
        return np.maximum(side / np.float32(np.hypot(1, min(steepest, 2.5))), ends)

    return distance


def union(*fields: Field) -> Field:
    """Join fields."""
    return lambda p: reduce(np.minimum, (f(p) for f in fields))


def melt(softness: float, *fields: Field) -> Field:
    """Join fields so that they flow into one another."""

    def pair(a: Array, b: Array) -> Array:
        h = np.maximum(softness - np.abs(a - b), 0) / softness
        return np.minimum(a, b) - h * h * softness / 4

    return lambda p: reduce(pair, (f(p) for f in fields))


def carve(solid: Field, tool: Field, softness: float = 0.02) -> Field:
    """Take `tool` out of `solid`, with an edge rounded by `softness`."""

    def distance(p: Array) -> Array:
        a, b = solid(p), -tool(p)
        h = np.maximum(softness - np.abs(a - b), 0) / softness
        return np.maximum(a, b) + h * h * softness / 4

    return distance


def inside(outline: Field, detail: Field) -> Field:
    """Return `detail`, worked out only near `outline`, a simple solid that encloses it."""

    def distance(p: Array) -> Array:
        rough = outline(p) + np.float32(0.1)
        near = rough < 0.15
        rough[near] = detail(p[:, near])
        return rough

    return distance
