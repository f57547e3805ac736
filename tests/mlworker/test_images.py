"""An image is opened only below the media root, used only if it is the one asked for, and decoded with care."""

from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from annotation.images.files import strip
from mlworker.contract import ImageUnavailable
from mlworker.images import check_sha256, decode, locate
from mlworker.predictors.artimuse.predictor import image_pixels
from mlworker.predictors.imagenet import DEVIATION, MEAN
from mlworker.predictors.openai.chat import data_url
from tests.annotation.images.test_colours import INK_OF_A_PRESS, LINEAR, SHOWN, code_points, colour_of, png
from tests.mlworker.conftest import request_for, scene


def test_a_reference_names_a_file_below_the_root(media_root, save_image):
    path = save_image(scene())

    assert locate("scene.png", media_root) == path


@pytest.mark.parametrize(
    "reference", ["../secret.png", "a/../../secret.png", "/etc/passwd", "..", "", "a\0b.png", "a/../scene.png"]
)
def test_a_reference_that_is_absolute_or_climbs_is_refused(reference, media_root, save_image):
    save_image(scene())
    (media_root / "a").mkdir()
    scene().save(media_root.parent / "secret.png")

    with pytest.raises(ImageUnavailable, match="a relative path below the media root"):
        locate(reference, media_root)


def test_a_link_that_leads_out_is_refused(media_root):
    scene().save(media_root.parent / "secret.png")
    (media_root / "link.png").symlink_to(media_root.parent / "secret.png")

    with pytest.raises(ImageUnavailable, match="leads out"):
        locate("link.png", media_root)


def test_a_missing_image_is_named(media_root):
    with pytest.raises(ImageUnavailable, match=r"'gone\.png' is not below the media root"):
        locate("gone.png", media_root)


def test_other_bytes_than_asked_for_are_refused(save_image):
    path = save_image(scene(1))
    sha256 = request_for(path).sha256
    check_sha256(path, sha256.upper())
    save_image(scene(2))

    with pytest.raises(ImageUnavailable, match=rf"{sha256[:12]}… was asked for"):
        check_sha256(path, sha256)


@pytest.mark.parametrize("name", ["cut.png", "cut.jpg", "cut.webp"])
def test_an_image_cut_short_is_refused_by_name(name, save_image):
    path = save_image(scene(), name)
    path.write_bytes(path.read_bytes()[:1500])

    with pytest.raises(ImageUnavailable, match=name):
        decode(path, 512)


def test_a_renamed_text_file_is_refused_without_showing_where_files_are_kept(tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("no image at all")

    with pytest.raises(ImageUnavailable, match=r"'notes\.jpg' is no image") as refusal:
        decode(path, 512)
    assert str(tmp_path) not in str(refusal.value)


def test_an_image_of_too_many_pixels_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    scene().save(tmp_path / "huge.png")

    with pytest.raises(ImageUnavailable, match=r"huge\.png"):
        decode(tmp_path / "huge.png", 512)


def test_a_large_image_is_reduced_and_a_small_one_is_not_enlarged(save_image):
    assert decode(save_image(scene(width=1200, height=600), "large.jpg"), 512).size == (512, 256)
    assert decode(save_image(scene(width=40, height=30), "small.png"), 512).size == (40, 30)


def test_an_image_on_its_side_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(width=200, height=100).save(tmp_path / "side.jpg", exif=exif)

    assert decode(tmp_path / "side.jpg", 512).size == (100, 200)


@pytest.mark.parametrize(("name", "size"), [("side.png", (100, 200)), ("side.webp", (200, 100))])
def test_an_image_stands_as_experts_see_it(name, size, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(width=200, height=100).save(tmp_path / name, exif=exif)

    assert decode(tmp_path / name, 512).size == size


@pytest.mark.parametrize(("data", "colour"), SHOWN.values(), ids=SHOWN.keys())
def test_every_model_sees_the_colours_that_experts_see(data, colour, tmp_path):
    path = tmp_path / "image"
    path.write_bytes(strip(data))  # What the application gives to workers.
    tolerance = 6 if data is INK_OF_A_PRESS else 4

    assert colour_of(decode(path, 512)) == pytest.approx(colour, abs=tolerance)
    square = image_pixels(path)[0, :, 224, 224] * DEVIATION + MEAN
    assert square * 255 == pytest.approx(np.array(colour), abs=tolerance)


def test_a_profile_that_was_applied_does_not_go_on_with_the_image(tmp_path):
    scene().save(tmp_path / "scene.png", icc_profile=LINEAR)

    image = decode(tmp_path / "scene.png", 512)
    assert image.info == {}
    assert b"iCCP" not in b64decode(data_url(image).partition(",")[2])


def test_a_second_image_behind_a_jpeg_changes_nothing(tmp_path):
    for name, others in (("one.jpg", []), ("two.jpg", [scene(seed=2)])):
        scene().save(tmp_path / name, "MPO", save_all=True, append_images=others, icc_profile=LINEAR)

    assert decode(tmp_path / "two.jpg", 512) == decode(tmp_path / "one.jpg", 512) != scene()


def test_a_deep_image_cut_short_is_refused(tmp_path):
    path = tmp_path / "deep.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 2**16, (64, 64), dtype=np.uint16)).save(path)
    path.write_bytes(path.read_bytes()[:3000])

    with pytest.raises(ImageUnavailable, match=r"deep\.png"):
        decode(path, 512)


def test_colours_that_screens_do_not_show_alike_are_refused(tmp_path):
    (tmp_path / "bright.png").write_bytes(png(code_points(9, 16, 0, 1)))

    with pytest.raises(ImageUnavailable, match="high dynamic range"):
        decode(tmp_path / "bright.png", 512)


@pytest.mark.parametrize("name", ["deep.tif", "scene.bmp", "clear.gif"])
def test_other_formats_are_read_as_they_are_stored(name, tmp_path):
    deep = Image.fromarray(np.full((4, 4), 0x8000, dtype=np.uint16))
    {"deep.tif": deep, "scene.bmp": deep.convert("L"), "clear.gif": Image.new("P", (4, 4))}[name].save(tmp_path / name)

    assert decode(tmp_path / name, 512).mode == "RGB"


def test_transparency_lies_on_white(tmp_path):
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "clear.png")

    assert decode(tmp_path / "clear.png", 512).getpixel((0, 0)) == (255, 255, 255)


def test_sixteen_bit_grey_is_scaled_and_not_cut_off(tmp_path):
    Image.fromarray(np.array([[0, 32768, 65535]], dtype=np.uint16)).save(tmp_path / "deep.png")

    assert np.asarray(decode(tmp_path / "deep.png", 512))[0, :, 0].tolist() == [0, 128, 255]
