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
    return {p.file: hashlib.sha256((demo.folder / p.file).read_bytes()).hexdigest() for p in demo.pictures}


def test_there_are_at_least_45_pictures_and_three_in_each_subcategory(demo):
    counts = Counter(picture.subcategory for picture in demo.pictures)
    assert set(counts) == subcategories
    assert len(demo.pictures) >= 45
    assert min(counts.values()) >= 3


def test_every_row_names_licence_author_source_and_title(demo):
    for picture in demo.pictures:
        assert picture.licence in licences, picture.file
        assert picture.author, picture.file
        assert picture.title, picture.file
        assert picture.source.startswith(("https://", "http://")) or picture.source == "drawn by annotation.demo"


def test_every_licence_that_is_not_in_the_spdx_list_is_explained_in_the_credits(demo):
    text = (fixtures / "CREDITS.md").read_text(encoding="utf-8")
    for licence in {picture.licence for picture in demo.pictures if picture.licence.startswith("LicenseRef-")}:
        assert f"`{licence}`" in text


def test_every_photograph_is_credited(demo):
    text = (fixtures / "CREDITS.md").read_text(encoding="utf-8")
    for picture in demo.pictures:
        if picture.name in photographs.photographs:
            assert picture.author in text, picture.file
            assert picture.source in text, picture.file


def test_the_manifest_lists_exactly_the_pictures_that_lie_in_the_folder(demo):
    written = {path.relative_to(demo.folder).as_posix() for path in (demo.folder / "images").iterdir()}
    assert written == {picture.file for picture in demo.pictures}
    assert building.read_manifest(demo.manifest) == demo.pictures


def test_every_file_opens_in_the_format_of_its_name_and_is_large_enough(demo):
    for picture in demo.pictures:
        path = demo.folder / picture.file
        with Image.open(path) as opened:
            opened.load()
            assert opened.format == formats[path.suffix]
            assert min(opened.size) >= 300, picture.file
            if picture.name in building.drawings:
                assert 900 <= max(opened.size) <= 1600, picture.file
    assert {Path(picture.file).suffix for picture in demo.pictures} == set(formats)


def test_no_two_pictures_are_equal(demo):
    assert len(set(digests(demo).values())) == len(demo.pictures)


def test_no_picture_is_blank(demo):
    for picture in demo.pictures:
        with Image.open(demo.folder / picture.file) as opened:
            assert np.asarray(opened.convert("L"), np.float32).std() > 4, picture.file


def test_whatever_stands_in_for_something_else_is_called_a_placeholder(demo):
    for picture in demo.pictures:
        drawn = picture.source == "drawn by annotation.demo"
        stands_in = picture.subcategory in {"aigc", "movie_still", "childrens_painting"}
        stands_in |= drawn and picture.subcategory in {"architecture", "portrait"}
        assert picture.note.startswith("placeholder: ") == stands_in, picture.file


def test_exactly_one_near_duplicate_is_there_on_purpose_and_says_so(demo):
    copies = [picture for picture in demo.pictures if "near-duplicate on purpose" in picture.note]
    assert [picture.name for picture in copies] == list(building.copies)
    with Image.open(demo.folder / copies[0].file) as small:
        original = next(p for p in demo.pictures if p.name == building.copies[copies[0].name])
        with Image.open(demo.folder / original.file) as large:
            assert (small.width * 2, small.height * 2) == large.size
            tiny = [np.asarray(p.convert("L").resize((16, 16)), np.float32) for p in (small, large)]
    assert np.abs(tiny[0] - tiny[1]).mean() < 3


def test_photographs_keep_their_own_size(demo):
    for picture in demo.pictures:
        if picture.name in photographs.photographs:
            with Image.open(demo.folder / picture.file) as opened:
                assert opened.size == photographs.photograph(picture.name).size


def test_drawing_again_gives_the_same_bytes(demo, tmp_path):
    (tmp_path / "images").mkdir()
    quick = ["house-and-sun.jpg", "bamboo.webp", "night-blocks.png", "cup.jpg", "mega-sale.jpg", "muddy-daub.jpg",
             "smudge.jpg", "eternal.jpg", "dahlia.jpg", "lit-doorway.jpg", "broken-symmetry.jpg"]  # fmt: skip
    for file in quick:
        name = Path(file).stem.replace("-", "_")
        building._save(building._made(name, demo.folder, demo.pictures), tmp_path / "images" / file, coarse=False)
        assert (tmp_path / "images" / file).read_bytes() == (demo.folder / "images" / file).read_bytes(), file


def test_a_complete_set_is_left_alone(demo):
    before = {path: path.stat().st_mtime_ns for path in demo.folder.rglob("*")}
    assert build_demo_set(demo.folder).made == 0
    assert {path: path.stat().st_mtime_ns for path in demo.folder.rglob("*")} == before


@pytest.fixture
def two_pictures(monkeypatch, tmp_path):
    """Describe a demo set of two quick pictures."""
    rows = building.described.read_text(encoding="utf-8").splitlines()
    short = tmp_path / "short.csv"
    short.write_text("\n".join([rows[0], *(r for r in rows if "images/smudge.jpg" in r or "images/coffee.jpg" in r)]))
    monkeypatch.setattr(building, "described", short)
    return tmp_path / "set"


def test_a_set_with_a_picture_missing_is_built_again(two_pictures):
    first = digests(build_demo_set(two_pictures))
    (two_pictures / "images" / "smudge.jpg").unlink()
    again = build_demo_set(two_pictures)
    assert again.made == 2
    assert digests(again) == first


def test_a_set_whose_manifest_was_changed_is_built_again(two_pictures):
    build_demo_set(two_pictures).manifest.write_text("file,subcategory\n")
    assert build_demo_set(two_pictures).made == 2
    assert (two_pictures / "manifest.csv").read_bytes() == building.described.read_bytes()


def test_an_interrupted_build_leaves_no_manifest(two_pictures, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(building.drawings, "smudge", stop)
    with pytest.raises(KeyboardInterrupt):
        build_demo_set(two_pictures)
    assert not (two_pictures / "manifest.csv").exists()


def test_a_missing_package_is_refused_with_the_name_of_the_dependency_group(two_pictures, monkeypatch):
    monkeypatch.setattr(photographs, "find_spec", lambda name: None if name == "skimage" else find_spec(name))
    with pytest.raises(SourceRefused, match=r"scikit-image.*dependency group `demo`"):
        build_demo_set(two_pictures)
    assert not two_pictures.exists()


def test_every_maker_has_a_row_and_every_row_a_maker(demo):
    names = {picture.name for picture in demo.pictures}
    assert names == {*building.drawings, *building.copies, *photographs.photographs}


def test_another_seed_draws_another_picture():
    one, two = (np.asarray(to_image(scenes.lit_doorway(np.random.default_rng(seed)))) for seed in (1, 2))
    assert not np.array_equal(one, two)


def test_distance_fields_are_negative_inside_and_true_outside():
    solid = union(sphere((0, 0, 0), 1), box((4, 0, 0), (1, 1, 1)))
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 3, 0], [4, 0, 0], [6, 0, 0]], np.float32).T
    assert solid(points) == pytest.approx([-1, 1, 2, -1, 1], abs=1e-5)
