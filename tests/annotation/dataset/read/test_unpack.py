import hashlib
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotation.dataset.read.unpack import UnpackCounts, unpack
from annotation.dataset.verify.verify import verify
from annotation.errors import ReleaseUnreadable


@pytest.fixture
def release(sample_release, tmp_path):
    return shutil.copytree(sample_release, tmp_path / "release")


def spoil(release, change):
    path = release / "data" / "test-00000-of-00001.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows[0])
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def test_every_image_lies_where_the_views_look_for_it(release, tmp_path):
    assert unpack(release, tmp_path / "out") == UnpackCounts(written=4)
    rows = pq.read_table(release / "data").to_pylist()
    paths = {row["sha256"]: row["image"] for row in pq.read_table(release / "scores").to_pylist()}
    for row in rows:
        data = (tmp_path / "out" / paths[row["sha256"]]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["image_sha256"]
    assert len(list((tmp_path / "out").rglob("*.png"))) == 4


def test_a_second_run_writes_only_what_is_missing_or_damaged(release, tmp_path):
    unpack(release, release)
    damaged, gone, *_ = sorted(release.rglob("*.png"))
    damaged.write_bytes(b"rotten")
    gone.unlink()
    assert unpack(release, release) == UnpackCounts(written=2, there=2)
    assert verify(release).findings == []


def test_verify_names_images_that_are_damaged_or_foreign(release):
    unpack(release, release)
    damaged = sorted(release.rglob("*.png"))[0]
    damaged.write_bytes(b"rotten")
    (release / "images" / "mine.png").write_bytes(b"x")
    assert verify(release).findings == [
        f"{damaged.relative_to(release)}: is not the image that the release holds",
        "images/mine.png: is no image of this release",
    ]


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/passwd", "a/b.png", f"{'0' * 64}.exe", f"{'0' * 64}.png\n"])
def test_a_name_that_leads_elsewhere_is_refused(release, tmp_path, name):
    spoil(release, lambda row: row["image"].update(path=name))
    with pytest.raises(ReleaseUnreadable, match=r"test-00000-of-00001.parquet, row 1: .* is no name of an image"):
        unpack(release, tmp_path / "out")


def test_an_image_with_other_bytes_is_refused(release, tmp_path):
    spoil(release, lambda row: row["image"].update(bytes=b"other"))
    with pytest.raises(ReleaseUnreadable, match="row 1: the image is not the one whose hash"):
        unpack(release, tmp_path / "out")


def test_a_link_that_leads_out_is_refused(release, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "images").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReleaseUnreadable, match="leads out of"):
        unpack(release, tmp_path / "out")
    assert not list((tmp_path / "elsewhere").rglob("*.png"))


def test_a_folder_that_is_no_release_says_so(tmp_path):
    with pytest.raises(ReleaseUnreadable, match="is not a release"):
        unpack(tmp_path, tmp_path)
