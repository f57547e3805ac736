"""Store under which viewing conditions a person judges."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from annotation.errors import BadInput
from annotation.models import ViewingCheck
from annotation.phrases import phrase as _

PATCHES = 8
GAMUTS = ("srgb", "p3", "rec2020")
RANGES = {"width": (1, 100_000), "height": (1, 100_000), "pixel_ratio": (0.1, 20), "colour_depth": (1, 64)}


def check_viewing(data: Any, *, by: AbstractBaseUser) -> ViewingCheck:
    """Store what a browser says of its screen and what the person sees on it.

    `data` has `screen` (width, height, pixel_ratio, colour_depth, gamut), `dark_steps` and `bright_steps` (0 to 8, or
    null where the check was put off). Raise BadInput naming the field.
    """
    if not isinstance(data, dict) or set(data) != {"screen", "dark_steps", "bright_steps"}:
        raise BadInput(_("screen, dark_steps and bright_steps are accepted"))
    steps = {name: data[name] for name in ("dark_steps", "bright_steps")}
    for name, value in steps.items():
        if value is not None and (type(value) is not int or not 0 <= value <= PATCHES):
            raise BadInput(
                _("%(name)s: a whole number from 0 to %(most)s or null is accepted", name=name, most=PATCHES)
            )
    return ViewingCheck.objects.create(user_id=by.pk, screen=_screen(data["screen"]), **steps)


def _screen(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict) or set(data) != {*RANGES, "gamut"}:
        raise BadInput(_("screen: %(accepted)s are accepted", accepted=", ".join([*RANGES, "gamut"])))
    for name, (lowest, highest) in RANGES.items():
        value = data[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise BadInput(
                _(
                    "screen.%(name)s: a number from %(lowest)s to %(highest)s is accepted",
                    name=name,
                    lowest=lowest,
                    highest=highest,
                )
            )
    if data["gamut"] not in GAMUTS:
        raise BadInput(_("screen.gamut: %(accepted)s are accepted", accepted=", ".join(GAMUTS)))
    return data
