from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotation.dataset.read.diff import diff
from annotation.errors import ReleaseUnreadable
from tests.harness.release_samples import annotation, image, write

ONE, TWO, VALIDATION, TEST = (image(1), image(2), image(3, "validation"), image(4, "test"))


@pytest.fixture
def old(tmp_path):
    write(tmp_path / "old", ONE, TWO, VALIDATION, TEST)
    return tmp_path / "old"


def compare(old, *records, **facts):
    write(old.parent / "new", *records, **facts)
    return diff(old, old.parent / "new")


def test_the_same_data_calls_for_a_patch(old):
    difference = compare(old, ONE, TWO, VALIDATION, TEST, version="1.0.1", released_at="2027-01-01T00:00:00+00:00")
    assert (difference.level, difference.reason) == ("patch", "the same data")
    assert difference.statistics == {}


def test_new_images_call_for_a_minor_version(old):
    new = image(5)
    difference = compare(old, ONE, TWO, VALIDATION, TEST, new)
    assert (difference.level, difference.added, difference.removed, difference.changed) == (
        "minor",
        [new.sha256],
        [],
        {},
    )
    assert difference.statistics["images"] == [4, 5]


def test_a_further_answer_on_an_old_image_calls_for_a_major_version(old):
    further = replace(TWO, annotations=(*TWO.annotations, annotation("expert-3", 9)))
    difference = compare(old, ONE, further, VALIDATION, TEST)
    assert difference.level == "major"
    assert difference.changed == {TWO.sha256: ["gt_score", "holistic", "scores", "annotations"]}
    assert difference.reason == "1 images whose records changed"


def test_a_removed_image_calls_for_a_major_version(old):
    difference = compare(old, ONE, VALIDATION, TEST)
    assert (difference.level, difference.removed) == ("major", [TWO.sha256])


def test_an_image_in_another_split_is_moved_neither_added_nor_removed(old):
    difference = compare(old, ONE, replace(TWO, split="test"), VALIDATION, TEST)
    assert (difference.level, difference.added, difference.removed) == ("major", [], [])
    assert difference.moved == {TWO.sha256: ["train", "test"]}


def test_changed_statistics_are_named(old):
    agreement = {"attributes": {"composition_design": {"alpha": 0.7}}}
    difference = compare(old, ONE, TWO, VALIDATION, TEST, agreement=agreement)
    assert difference.statistics["agreement.attributes.composition_design.alpha"] == [0.612346, 0.7]
    assert difference.level == "patch"


def without(folder, *names):
    for path in (folder / "data").glob("*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns(list(names)), path)


def test_a_new_column_is_minor_and_a_lost_one_major_and_neither_changes_rows(old, tmp_path):
    write(tmp_path / "new", ONE, TWO, VALIDATION, TEST)
    without(tmp_path / "new", "note")
    difference = diff(old, tmp_path / "new")
    assert (difference.level, difference.columns_removed, difference.changed) == ("major", ["note"], {})
    difference = diff(tmp_path / "new", old)
    assert (difference.level, difference.columns_added, difference.changed) == ("minor", ["note"], {})


def test_a_column_of_another_type_is_major(old, tmp_path):
    write(tmp_path / "new", ONE, TWO, VALIDATION, TEST)
    for path in (tmp_path / "new" / "data").glob("*.parquet"):
        table = pq.read_table(path)
        place = table.schema.get_field_index("width")
        pq.write_table(table.set_column(place, "width", table["width"].cast(pa.int64())), path)
    difference = diff(old, tmp_path / "new")
    assert (difference.level, difference.columns_changed) == ("major", ["width"])


def test_a_folder_that_is_no_release_says_so(old, tmp_path):
    with pytest.raises(ReleaseUnreadable, match="is not a release"):
        diff(old, tmp_path)


def test_a_row_without_its_hash_is_named(old):
    [shard, *_rest] = sorted((old / "data").glob("train-*.parquet"))
    rows = pq.read_table(shard)
    nameless = [*rows["sha256"].to_pylist()[:-1], None]
    index = rows.column_names.index("sha256")
    pq.write_table(rows.set_column(index, rows.schema.field("sha256"), [nameless]), shard)
    with pytest.raises(ReleaseUnreadable, match=rf"{shard.name}, row {len(nameless)}: sha256: a SHA-256 is accepted"):
        compare(old, ONE, TWO, VALIDATION, TEST)
