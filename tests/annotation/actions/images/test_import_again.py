"""What was imported before is known again, also after an interruption, and by two imports at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError

from annotation.actions.events.record import hash_content
from annotation.actions.images.import_images import import_images
from annotation.images.files import sha256_of
from annotation.models import Event, Image, NearDuplicateGroup
from tests.annotation.images.test_files import encode, scene
from tests.harness.factories import make_campaign
from tests.harness.installation import installation
from tests.harness.sources import draw, put, shown, stored_files, write_csv

pytestmark = pytest.mark.django_db


@pytest.mark.engine
def test_a_second_run_imports_nothing_new(draft, folder, media):
    import_images(draft, folder, by=None)
    files, images = stored_files(media), Image.objects.count()
    report = import_images(draft, folder, by=None)
    assert report.counts == {"imported": 0, "added": 0, "duplicates": 3, "near_duplicates": 0, "refused": 0}
    assert report.duplicates[1].reason == "the same file is there already as a.jpg"
    assert (stored_files(media), Image.objects.count()) == (files, images)
    assert Event.objects.filter(verb="images.imported").count() == 1


@pytest.mark.engine
def test_the_same_bytes_under_two_names_are_one_image(draft, folder):
    put(folder, "sketch/again.jpg", (folder / "portrait/a.jpg").read_bytes())
    report = import_images(draft, folder, by=None)
    assert [item.file for item in report.duplicates] == ["sketch/again.jpg"]
    assert Image.objects.count() == 3


def test_an_image_known_elsewhere_is_added_to_this_campaign_by_its_own_manifest(draft, folder):
    import_images(draft, folder, by=None)
    other = make_campaign("other", images=0, opened=False)
    manifest = write_csv(folder / "manifest.csv", [["file", "subcategory"], ["portrait/a.jpg", "sketch"]])
    report = import_images(other, manifest, by=None)
    assert report.counts == {"imported": 0, "added": 1, "duplicates": 1, "near_duplicates": 0, "refused": 0}
    assert report.added[0].reason.startswith("row 2: the same file is there already as a.jpg, and is now in")
    entry = other.entries.get()
    assert (entry.subcategory, entry.image.subcategory) == ("sketch", "portrait")
    assert Event.objects.get(verb="images.imported", chain__campaign=other).content_hash == hash_content(
        [entry.image.sha256]
    )


class PowerCut(BaseException):
    """End everything at once."""


@pytest.mark.engine
def test_an_interrupted_import_goes_on_where_it_stopped(draft, folder, media):
    def cut(done: int, total: int) -> None:
        if done == 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        import_images(draft, folder, by=None, progress=cut)
    assert Image.objects.count() == draft.entries.count() == 2
    assert Event.objects.get(verb="images.imported").details == {"images": 2}
    report = import_images(draft, folder, by=None)
    assert report.counts["imported"] == 1
    assert report.counts["duplicates"] == 2
    assert len(stored_files(media)) == 3 * 4


@pytest.mark.engine
def test_files_left_behind_by_a_power_cut_are_replaced(draft, folder, media):
    sha256 = sha256_of((folder / "portrait/a.jpg").read_bytes())
    put(media, f"display/{sha256[:2]}/{sha256}.webp", b"half an image")
    import_images(draft, folder, by=None)
    assert shown(Image.objects.get(sha256=sha256).display).size == (96, 64)
    assert len(stored_files(media)) == 3 * 4


@pytest.mark.engine
def test_files_are_removed_again_when_storing_fails_halfway(draft, folder, media):
    put(media, "thumbnails", b"a file where a folder should be")
    with pytest.raises(OSError, match="thumbnails"):
        import_images(draft, folder, by=None)
    assert stored_files(media) == ["thumbnails"]
    assert not Image.objects.exists()
    assert not NearDuplicateGroup.objects.exists()


@pytest.mark.engine
def test_files_are_removed_again_when_the_row_fails(draft, folder, media):
    import_images(draft, folder, by=None)
    files = stored_files(media)
    put(folder, "sketch/new.png", draw(9))
    draft.annotations_per_image = -1  # No database takes that for an entry.
    with pytest.raises(IntegrityError):
        import_images(draft, folder, by=None)
    assert stored_files(media) == files
    assert Image.objects.count() == 3


MANY = """
from tests.harness.factories import make_campaign
for slug in ("one", "other"):
    make_campaign(slug, images=0, opened=False)
"""
COUNTS = """
import json
from annotation.models import Campaign, Image, NearDuplicateGroup
entries = [campaign.entries.count() for campaign in Campaign.objects.all()]
print(json.dumps([Image.objects.count(), entries, NearDuplicateGroup.objects.count()]))
"""


@pytest.mark.engine
def test_two_imports_at_once_store_each_image_once_and_group_it(tmp_path):
    for seed in range(4):
        put(tmp_path / "in", f"portrait/{seed}.png", draw(seed))
        put(tmp_path / "in", f"portrait/{seed}-small.jpg", encode(scene(48, 32, seed=seed), "JPEG"))
    with installation(tmp_path / "var") as site:
        site.manage("shell", "--no-imports", "--command", MANY)

        def import_all(slug: str) -> dict[str, Any]:
            process = site.manage("import_images", str(tmp_path / "in"), "--campaign", slug, "--json")
            output: dict[str, Any] = json.loads(process.stdout)
            return output

        with ThreadPoolExecutor() as pool:
            reports = list(pool.map(import_all, ("one", "other")))
        counts = json.loads(site.manage("shell", "--no-imports", "--command", COUNTS).stdout)
        assert counts == [8, [8, 8], 4]
        assert sum(report["counts"]["imported"] for report in reports) == 8
        assert len([path for path in (tmp_path / "var" / "media").rglob("*") if path.is_file()]) == 8 * 4
