"""Large images get tiles on import, all or nothing; those imported before get them by a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from annotation.actions.images.import_images import import_images
from annotation.actions.images.make_tiles import make_tiles
from annotation.models import Image
from tests.annotation.images.test_files import encode, scene
from tests.harness.sources import content, put, stored_files

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one image over 4 megapixels and one below."""
    put(tmp_path / "in", "portrait/large.jpg", encode(scene(2400, 1700), "JPEG"))
    put(tmp_path / "in", "portrait/small.jpg", encode(scene(400, 300, seed=2), "JPEG"))
    return tmp_path / "in"


def without_tiles(image: Image) -> Image:
    """Make an image as it was before there were tiles."""
    image.tiles.delete()
    return image


def test_only_a_large_image_gets_tiles_and_a_second_import_makes_none_anew(draft, folder, media):
    import_images(draft, folder, by=None)
    large, small = Image.objects.get(width=2400), Image.objects.get(width=400)
    assert large.tiles.name == f"tiles/{large.sha256[:2]}/{large.sha256}.zip"
    assert not small.tiles
    path = media / large.tiles.name
    modified = path.stat().st_mtime_ns
    assert import_images(draft, folder, by=None).counts["duplicates"] == 2
    assert path.stat().st_mtime_ns == modified


def test_nothing_is_kept_when_the_tiles_cannot_be_written(draft, folder, media):
    media.mkdir(parents=True)
    (media / "tiles").write_text("in the way")
    with pytest.raises(OSError, match="tiles"):
        import_images(draft, folder, by=None)
    assert not Image.objects.filter(width=2400).exists()
    assert [name for name in stored_files(media) if "originals" in name] == []


def test_the_command_makes_what_is_missing_and_then_finds_nothing_to_do(draft, folder, media, capsys):
    import_images(draft, folder, by=None)
    image = Image.objects.get(width=2400)
    cut_on_import = content(image.tiles)
    without_tiles(image)
    for count in (1, 0):
        call_command("make_tiles", "--json")
        assert json.loads(capsys.readouterr().out) == {"made": count, "refused": {}}
    image.refresh_from_db()
    assert content(image.tiles) == cut_on_import


def test_an_image_whose_file_is_gone_is_named_and_left_without_tiles(draft, folder, media):
    import_images(draft, folder, by=None)
    image = without_tiles(Image.objects.get(width=2400))
    Path(image.stripped.path).unlink()
    report = make_tiles()
    assert list(report.refused) == ["large.jpg"]
    image.refresh_from_db()
    assert not image.tiles
    with pytest.raises(CommandError, match="no tiles could be made"):
        call_command("make_tiles")
