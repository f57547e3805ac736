"""The demo set: what it holds, what each row says, and that building it again changes nothing."""

import hashlib
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotation.demo import DemoSet, build_demo_set, photographs, scenes
from annotation.demo import build as building
from annotation.demo.canvas import to_image
from annotation.demo.solids import box, sphere, union
from annotation.errors import SourceRefused

subcategories = {
    "daily_photo", "photo_art", "architecture", "portrait", "movie_still",
    "digital_art", "childrens_painting", "chinese_painting", "general_painting", "sketch", "calligraphy",
    "aigc", "product_design", "sculpture", "graphic_design",
}  # fmt: skip
licences = {"CC0-1.0", "CC-BY-2.0", "LicenseRef-PublicDomain", "LicenseRef-NoKnownCopyright"}
formats = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
fixtures = Path(building.described).parent


@pytest.fixture(scope="module")
def demo(drawn: Path) -> DemoSet:
    return build_demo_set(drawn)


def digests(demo: DemoSet) -> dict[str, str]:
    return {p.file: hashlib.sha256((demo.folder / p.file).read_bytes()).hexdigest() for p in demo.images}


def test_there_are_at_least_45_images_and_three_in_each_subcategory(demo):
    counts = Counter(image.subcategory for image in demo.images)
    assert set(counts) == subcategories
    assert len(demo.images) >= 45
    assert min(counts.values()) >= 3


def test_every_row_names_licence_author_source_and_title(demo):
    for image in demo.images:
        assert image.licence in licences, image.file
        assert image.author, image.file
        assert image.title, image.file
        assert image.source.startswith(("https://", "http://")) or image.source == "drawn by annotation.demo"


def test_every_licence_that_is_not_in_the_spdx_list_is_explained_in_the_credits(demo):
    text = (fixtures / "CREDITS.md").read_text(encoding="utf-8")
    for licence in {image.licence for image in demo.images if image.licence.startswith("LicenseRef-")}:
        assert f"`{licence}`" in text


def test_every_photograph_is_credited(demo):
    text = (fixtures / "CREDITS.md").read_text(encoding="utf-8")
    for image in demo.images:
        if image.name in photographs.photographs:
            assert image.author in text, image.file
            assert image.source in text, image.file


def test_the_manifest_lists_exactly_the_images_that_lie_in_the_folder(demo):
    written = {path.relative_to(demo.folder).as_posix() for path in (demo.folder / "images").iterdir()}
    assert written == {image.file for image in demo.images}
    assert building.read_manifest(demo.manifest) == demo.images


def test_every_file_opens_in_the_format_of_its_name_and_is_large_enough(demo):
    for image in demo.images:
        path = demo.folder / image.file
        with Image.open(path) as opened:
            opened.load()
            assert opened.format == formats[path.suffix]
            assert min(opened.size) >= 300, image.file
            if image.name in building.drawings:
                assert 900 <= max(opened.size) <= 1600, image.file
    assert {Path(image.file).suffix for image in demo.images} == set(formats)


def test_no_two_images_are_equal(demo):
    assert len(set(digests(demo).values())) == len(demo.images)


def test_no_image_is_blank(demo):
    for image in demo.images:
        with Image.open(demo.folder / image.file) as opened:
            assert np.asarray(opened.convert("L"), np.float32).std() > 4, image.file


def test_whatever_stands_in_for_something_else_is_called_a_placeholder(demo):
    for image in demo.images:
        drawn = image.source == "drawn by annotation.demo"
        stands_in = image.subcategory in {"aigc", "movie_still", "childrens_painting"}
        stands_in |= drawn and image.subcategory in {"architecture", "portrait"}
        assert image.note.startswith("placeholder: ") == stands_in, image.file


def test_exactly_one_near_duplicate_is_there_on_purpose_and_says_so(demo):
    copies = [image for image in demo.images if "near-duplicate on purpose" in image.note]
    assert [image.name for image in copies] == list(building.copies)
    with Image.open(demo.folder / copies[0].file) as small:
        original = next(p for p in demo.images if p.name == building.copies[copies[0].name])
        with Image.open(demo.folder / original.file) as large:
            assert (small.width * 2, small.height * 2) == large.size
            tiny = [np.asarray(p.convert("L").resize((16, 16)), np.float32) for p in (small, large)]
    assert np.abs(tiny[0] - tiny[1]).mean() < 3


def test_photographs_keep_their_own_size(demo):
    for image in demo.images:
        if image.name in photographs.photographs:
            with Image.open(demo.folder / image.file) as opened:
                assert opened.size == photographs.photograph(image.name).size


def test_drawing_again_gives_the_same_bytes(demo, tmp_path):
    (tmp_path / "images").mkdir()
    quick = ["house-and-sun.jpg", "bamboo.webp", "night-blocks.png", "cup.jpg", "mega-sale.jpg", "muddy-daub.jpg",
             "smudge.jpg", "eternal.jpg", "dahlia.jpg", "lit-doorway.jpg", "broken-symmetry.jpg"]  # fmt: skip
    for file in quick:
        name = Path(file).stem.replace("-", "_")
        building._save(building._made(name, demo.folder, demo.images), tmp_path / "images" / file, coarse=False)
        assert (tmp_path / "images" / file).read_bytes() == (demo.folder / "images" / file).read_bytes(), file


def test_a_complete_set_is_left_alone(demo):
    before = {path: path.stat().st_mtime_ns for path in demo.folder.rglob("*")}
    assert build_demo_set(demo.folder).made == 0
    assert {path: path.stat().st_mtime_ns for path in demo.folder.rglob("*")} == before


@pytest.fixture
def two_images(monkeypatch, tmp_path):
    """Describe a demo set of two quick images."""
    rows = building.described.read_text(encoding="utf-8").splitlines()
    short = tmp_path / "short.csv"
    short.write_text("\n".join([rows[0], *(r for r in rows if "images/smudge.jpg" in r or "images/coffee.jpg" in r)]))
    monkeypatch.setattr(building, "described", short)
    return tmp_path / "set"


def test_a_set_with_an_image_missing_is_built_again(two_images):
    first = digests(build_demo_set(two_images))
    (two_images / "images" / "smudge.jpg").unlink()
    again = build_demo_set(two_images)
    assert again.made == 2
    assert digests(again) == first


def test_a_set_whose_manifest_was_changed_is_built_again(two_images):
    build_demo_set(two_images).manifest.write_text("file,subcategory\n")
    assert build_demo_set(two_images).made == 2
    assert (two_images / "manifest.csv").read_bytes() == building.described.read_bytes()


def test_an_interrupted_build_leaves_no_manifest(two_images, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(building.drawings, "smudge", stop)
    with pytest.raises(KeyboardInterrupt):
        build_demo_set(two_images)
    assert not (two_images / "manifest.csv").exists()


def test_a_missing_package_is_refused_with_the_name_of_the_dependency_group(two_images, monkeypatch):
    monkeypatch.setattr(photographs, "find_spec", lambda name: None if name == "skimage" else find_spec(name))
    with pytest.raises(SourceRefused, match=r"scikit-image.*dependency group `demo`"):
        build_demo_set(two_images)
    assert not two_images.exists()


def test_every_maker_has_a_row_and_every_row_a_maker(demo):
    names = {image.name for image in demo.images}
    assert names == {*building.drawings, *building.copies, *photographs.photographs}


def test_another_seed_draws_another_image():
    one, two = (np.asarray(to_image(scenes.lit_doorway(np.random.default_rng(seed)))) for seed in (1, 2))
    assert not np.array_equal(one, two)


def test_distance_fields_are_negative_inside_and_true_outside():
    solid = union(sphere((0, 0, 0), 1), box((4, 0, 0), (1, 1, 1)))
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 3, 0], [4, 0, 0], [6, 0, 0]], np.float32).T
    assert solid(points) == pytest.approx([-1, 1, 2, -1, 1], abs=1e-5)
