"""Under which conditions a person judges: what a browser says of its screen, and what they see on it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from .reading import Content, Sentence

PATCHES = 8
WHOLE = ("model_type", "missing", "extra_forbidden")


def to_whole(value: float) -> float:
    """Return a whole number as one."""
    # JSON has one kind of number: what came as 1920 should not be kept as 1920.0.
    return int(value) if value.is_integer() else value


Steps = Annotated[int, Field(ge=0, le=PATCHES)]


class Screen(Content):
    """A screen as its browser describes it; sizes in CSS pixels."""

    sentences: ClassVar = dict.fromkeys(WHOLE, "fields")
    width: Annotated[float, Field(ge=1, le=100_000), AfterValidator(to_whole), Sentence("number_between")]
    height: Annotated[float, Field(ge=1, le=100_000), AfterValidator(to_whole), Sentence("number_between")]
    pixel_ratio: Annotated[float, Field(ge=0.1, le=20), AfterValidator(to_whole), Sentence("number_between")]
    colour_depth: Annotated[float, Field(ge=1, le=64), AfterValidator(to_whole), Sentence("number_between")]
    gamut: Annotated[Literal["srgb", "p3", "rec2020"], Sentence("words")]


class ViewingConditions(Content):
    """A screen, and how many of eight dark and bright patches are told apart on it, null where that was put off."""

    sentences: ClassVar = dict.fromkeys(WHOLE, "viewing")
    screen: Screen
    dark_steps: Annotated[Steps | None, Sentence("whole_number_or_null")]
    bright_steps: Annotated[Steps | None, Sentence("whole_number_or_null")]
