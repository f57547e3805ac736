"""Read where on an image a critique is pinned: points and boxes, as fractions of its width and height."""

from __future__ import annotations

from typing import Any

from annotation.phrases import phrase as _

MOST_PINS = 20
DIGITS = 5  # Finer than a pixel of a scan of 100 megapixels.
POINT, BOX = ("x", "y"), ("x", "y", "width", "height")
BLUR = 1e-6  # What adding two fractions may lose.

Pin = dict[str, float]


def parse_pins(data: Any) -> list[Pin]:
    """Return the pins: a point has `x` and `y`, a box `width` and `height` as well. Raise ValueError saying why not."""
    if not isinstance(data, list):
        raise ValueError(_("a list of points and boxes is accepted"))
    if len(data) > MOST_PINS:
        raise ValueError(_("%(count)s pins; at most %(most)s are accepted", count=len(data), most=MOST_PINS))
    return [_parse_pin(pin, number) for number, pin in enumerate(data, 1)]


def _parse_pin(data: Any, number: int) -> Pin:
    if not isinstance(data, dict) or set(data) not in (set(POINT), set(BOX)):
        accepted = f"{', '.join(POINT)}; {', '.join(BOX)}"
        raise ValueError(_("pin %(number)s: an object with %(accepted)s is accepted", number=number, accepted=accepted))
    for name, value in data.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ValueError(_("pin %(number)s: %(name)s: 0 to 1 is accepted", number=number, name=name))
    pin = {name: round(float(data[name]), DIGITS) for name in BOX if name in data}
    for start, size in (("x", "width"), ("y", "height")):
        if size not in pin:
            continue
        if not pin[size]:
            raise ValueError(_("pin %(number)s: %(name)s: more than 0 is accepted", number=number, name=size))
        if data[start] + data[size] > 1 + BLUR:
            raise ValueError(_("pin %(number)s: the box must lie within the image", number=number))
    return pin
