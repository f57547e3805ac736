"""Large images are cut into tiles that show what the display copy shows, and the same bytes each time."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageCms

from annotation.errors import ImageRefused
from annotation.images import tiles
from annotation.images.files import DISPLAY_SIZE, display_copy, strip
from tests.annotation.images.test_files import decode, encode, scene
from tests.harness.installation import ROOT

SCAN = encode(scene(1300, 700), "JPEG", quality=95)


def tile(archive: bytes, level: int, column: int = 0, row: int = 0) -> Image.Image:
    found = tiles.read_tile(io.BytesIO(archive), level, column, row)
    assert found is not None
    return decode(found)


def test_images_over_four_megapixels_get_tiles():
    assert not tiles.needs_tiles(2000, 2000)
    assert tiles.needs_tiles(2001, 2000)


@pytest.mark.parametrize(
    ("width", "height", "count"), [(512, 512, 1), (513, 10, 2), (1300, 700, 3), (12000, 8400, 6), (1025, 1025, 3)]
)
def test_levels_halve_until_one_tile_holds_the_image(width: int, height: int, count: int):
    assert tiles.levels(width, height) == count


def test_the_last_level_has_the_size_of_the_image_and_the_first_is_one_tile():
    archive = tiles.cut_tiles(SCAN)
    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert {name.split("/")[0] for name in names} == {str(level) for level in range(tiles.levels(1300, 700))}
    assert [name for name in names if name.startswith("0/")] == ["0/0_0.jpg"]
    assert [name for name in names if name.startswith("2/")] == [f"2/{c}_{r}.jpg" for c in range(3) for r in range(2)]
    assert tile(archive, 2).size == (513, 513)
    assert tile(archive, 2, 2, 1).size == (1300 - 2 * 512 + 1, 700 - 512 + 1)
    assert tiles.read_tile(io.BytesIO(archive), 3, 0, 0) is None
    assert tiles.read_tile(io.BytesIO(archive), 2, 3, 0) is None


def test_the_viewer_knows_the_size_of_the_display_copy():
    script = (ROOT / "webapp/workspace/static/workspace/viewer/transform.js").read_text()
    assert f"DISPLAY_SIZE = {DISPLAY_SIZE};" in script


def test_the_same_image_gives_the_same_bytes():
    assert tiles.cut_tiles(SCAN) == tiles.cut_tiles(SCAN)


def test_nothing_but_tiles_is_kept():
    archive = tiles.cut_tiles(SCAN)
    assert all(name.endswith(".jpg") for name in zipfile.ZipFile(io.BytesIO(archive)).namelist())
    shown = tile(archive, 0)
    assert "icc_profile" not in shown.info
    assert not shown.getexif()


def looks_like_the_display_copy(data: bytes, *, within: float) -> bool:
    """Compare the first tile with the display copy, both made small, in steps of 0 to 255."""
    both = [tile(tiles.cut_tiles(strip(data)), 0), decode(display_copy(data))]
    first, second = (np.asarray(image.convert("RGB").resize((32, 24), Image.Resampling.BOX), float) for image in both)
    return bool(np.abs(first - second).mean() < within)


def test_colours_are_converted_by_the_embedded_profile():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    swapped = encode(scene(300, 200), "PNG")
    assert looks_like_the_display_copy(swapped, within=3)
    # A profile for other channels is passed over, as browsers do.
    assert looks_like_the_display_copy(encode(scene(300, 200), "PNG", icc_profile=lab), within=3)
    assert looks_like_the_display_copy(encode(scene(300, 200), "PNG", icc_profile=b"no profile"), within=3)


def gamma_one() -> bytes:
    """Make an sRGB profile whose curves are a straight line, so that what it describes must come out lighter."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    for number in range(count):
        entry = 132 + 12 * number
        if bytes(profile[entry : entry + 4]) in (b"rTRC", b"gTRC", b"bTRC"):
            offset = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            profile[offset : offset + 12] = b"curv" + bytes(4) + bytes(4)
    return bytes(profile)


def test_a_wide_profile_changes_the_tiles_as_it_changes_the_display_copy():
    plain, tagged = encode(scene(300, 200)), encode(scene(300, 200), icc_profile=gamma_one())
    assert looks_like_the_display_copy(tagged, within=3)
    lightness = [np.asarray(tile(tiles.cut_tiles(data), 0), float).mean() for data in (plain, tagged)]
    assert lightness[1] > lightness[0] + 20


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "I;16", "P"])
def test_other_kinds_of_images_come_out_as_the_display_copy_does(mode: str):
    if mode == "I;16":
        grey = np.asarray(scene(300, 200, "L"), np.uint16) * 257
        data = encode(Image.fromarray(grey))
    elif mode == "RGBA":
        image = scene(300, 200, "RGBA")
        image.putalpha(scene(300, 200, "L", seed=5))
        data = encode(image)
    else:
        data = encode(scene(300, 200, mode), "JPEG" if mode == "CMYK" else "PNG")
    # Without a profile, CMYK has no one meaning; both must show the same scene, not the same shade.
    assert looks_like_the_display_copy(data, within=25 if mode == "CMYK" else 4)


def test_what_libvips_cannot_read_is_refused():
    with pytest.raises(ImageRefused, match="cannot be cut into tiles"):
        tiles.cut_tiles(b"not an image")
