"""Write the ICC profile of colours that a file declares by numbers instead: primaries, white point and a curve."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

D50 = np.array([0.9642, 1.0, 0.8249])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D65 = (0.3127, 0.3290)
SRGB_PRIMARIES = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


@dataclass(frozen=True)
class DeclaredColours:
    """Red, green, blue and white of a file, by chromaticity (white first), and how a value becomes light.

    The curve is a bare exponent, or the five numbers of ICC's curve with a straight beginning.
    """

    primaries: tuple[float, ...] = SRGB_PRIMARIES
    curve: tuple[float, ...] = SRGB_CURVE


def write_profile(colours: DeclaredColours) -> bytes | None:
    """Return an ICC profile of version 4, None where the primaries span no colours."""
    matrix = _to_d50(colours.primaries)
    if matrix is None:
        return None
    curve = b"para" + bytes(4) + struct.pack(">HH", 3 if len(colours.curve) > 1 else 0, 0) + _fixed(colours.curve)
    text = b"mluc" + bytes(4) + struct.pack(">II", 0, 12)
    tags = {b"desc": text, b"cprt": text, b"wtpt": _xyz(D50)}
    tags |= {name + b"XYZ": _xyz(matrix[:, column]) for column, name in enumerate((b"r", b"g", b"b"))}
    tags |= {name + b"TRC": curve for name in (b"r", b"g", b"b")}
    return _put_together(tags)


def _to_d50(primaries: tuple[float, ...]) -> Floats | None:
    """Return the matrix from linear RGB to XYZ under D50, a column a primary."""
    pairs = np.array(primaries).reshape(4, 2)
    if (pairs[:, 1] <= 0).any():
        return None
    white, *corners = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in pairs)
    columns = np.column_stack(corners)
    if abs(np.linalg.det(columns)) < 1e-9:
        return None
    matrix = columns * np.linalg.solve(columns, white)
    scale = np.diag((BRADFORD @ D50) / (BRADFORD @ white))
    adapted: Floats = np.linalg.inv(BRADFORD) @ scale @ BRADFORD @ matrix
    # What a profile can hold; beyond it lies nothing that is meant.
    return adapted if np.isfinite(adapted).all() and np.abs(adapted).max() < 100 else None


def _put_together(tags: dict[bytes, bytes]) -> bytes:
    position = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, position + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = position + len(body)
    head = struct.pack(">I4xI", size, 0x04300000) + b"mntrRGB XYZ " + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp"
    # Relative colorimetric, and the white point of all profiles.
    return head.ljust(64, b"\0") + (struct.pack(">I", 1) + _fixed(D50)).ljust(64, b"\0") + table + body


def _xyz(values: Floats) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(values)


def _fixed(values: tuple[float, ...] | Floats) -> bytes:
    """Return numbers as ICC writes them: of 16 bits before and 16 behind the point."""
    return b"".join(struct.pack(">i", round(float(np.clip(value, -32767, 32767)) * 65536)) for value in values)
