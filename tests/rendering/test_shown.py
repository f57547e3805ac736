"""Whatever a file declares, its pixels come out in sRGB as Chromium shows them."""

from __future__ import annotations

import numpy as np
import pytest

from rendering.containers import form_of
from rendering.decoding import for_decoder
from rendering.shown import in_srgb, orientation_of
from tests.annotation.images.test_colours import INK_OF_A_PRESS, SHOWN, SRGB, colour_of, gamma, png
from tests.annotation.images.test_files import decode, encode, exif, scene


@pytest.mark.parametrize(("data", "colour"), SHOWN.values(), ids=SHOWN.keys())
def test_a_file_is_shown_in_srgb(data: bytes, colour: tuple[int, int, int]):
    form = form_of(data)
    image = decode(for_decoder(data, form))
    shown = in_srgb(image, data, form)
    assert shown.size == image.size
    assert colour_of(shown) == pytest.approx(colour, abs=6 if data is INK_OF_A_PRESS else 4)


@pytest.mark.parametrize(
    "data",
    [encode(scene()), encode(scene(), icc_profile=SRGB), encode(scene(), "WEBP", lossless=True), png(gamma(45455))],
    ids=["nothing", "a profile of sRGB", "WebP", "the gamma of sRGB"],
)
def test_what_is_in_srgb_already_stays_as_it_is(data: bytes):
    image = decode(data)
    difference = np.asarray(in_srgb(image, data, form_of(data)), dtype=np.int16) - np.asarray(image, dtype=np.int16)
    assert np.abs(difference).max() == 0


@pytest.mark.parametrize(("form", "orientation"), [("JPEG", 6), ("PNG", 6), ("WEBP", 1)])
def test_exif_turns_a_file_where_browsers_take_it(form: str, orientation: int):
    assert orientation_of(decode(encode(scene(), form, exif=exif(6)))) == orientation
