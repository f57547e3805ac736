"""Where on an image a critique is pinned: points and boxes, as fractions of its width and height."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, WithJsonSchema, model_validator

from .reading import Content, Sentence, refusal

MOST_PINS = 20
DIGITS = 5  # Finer than a pixel of a scan of 100 megapixels.
BLUR = 1e-6  # What adding two fractions may lose.

Fraction = Annotated[float, Field(ge=0, le=1), Sentence("fraction")]
# A point goes without, which reads as null.
FRACTION_SCHEMA = WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})


class Pin(Content):
    """A point by `x` and `y`, or a box by its upper left corner and its `width` and `height`."""

    sentences: ClassVar = dict.fromkeys(("model_type", "missing", "extra_forbidden"), "pin")
    x: Fraction
    y: Fraction
    width: Annotated[Fraction | None, FRACTION_SCHEMA] = None
    height: Annotated[Fraction | None, FRACTION_SCHEMA] = None

    @model_validator(mode="after")
    def check_box(self) -> Self:
        """Refuse half a box, an empty one, and one that leaves the image."""
        if (self.width is None) != (self.height is None):
            raise refusal("pin")
        for name, start, size in (("width", self.x, self.width), ("height", self.y, self.height)):
            if size is None:
                continue
            if not round(size, DIGITS):
                raise refusal("empty_box", at=(name,))
            if start + size > 1 + BLUR:
                raise refusal("outside_image")
        return self

    def to_json(self) -> dict[str, float]:
        """Return the pin as it is kept, rounded to five decimals."""
        return {name: round(value, DIGITS) for name, value in self if value is not None}


Pins = Annotated[
    list[Pin],
    Field(max_length=MOST_PINS),
    Sentence("too_many_pins", ("too_long",)),
    Sentence("pins"),
]


class PinsContent(Content):
    """Pins by themselves."""

    pins: Pins
