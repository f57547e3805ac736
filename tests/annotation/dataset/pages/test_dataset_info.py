"""The card tells `datasets` all columns, splits and sizes before a single shard is fetched."""

import datasets
import pyarrow.parquet as pq
import pytest
import yaml

from tests.harness.offline import load_builder
from tests.harness.release_samples import annotation, image, write


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("info") / "release"
    write(folder, image(1), image(2), image(3, "validation"), image(4, "test", annotations=(annotation(),)))
    return folder


@pytest.mark.parametrize("view", ["default", "ratings", "critiques", "scores"])
def test_features_splits_and_sizes_are_known_before_anything_is_loaded(release, tmp_path, view):
    info = load_builder(release, tmp_path, name=view).info
    folder = release / ("data" if view == "default" else view)
    shards = {path.name.partition("-")[0]: path for path in folder.glob("*.parquet")}
    assert info.features == datasets.Features.from_arrow_schema(pq.read_schema(shards["train"]))
    assert {name: split.num_examples for name, split in info.splits.items()} == {
        name: pq.read_metadata(path).num_rows for name, path in shards.items()
    }
    assert info.download_size == sum(path.stat().st_size for path in shards.values())
    assert info.dataset_size == sum(split.num_bytes for split in info.splits.values()) > 0


def test_the_metadata_is_what_datasets_itself_would_write(release):
    front = yaml.safe_load((release / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    for view in front["dataset_info"]:
        folder = release / view["config_name"].replace("default", "data")
        columns = pq.read_schema(next(iter(folder.glob("train-*.parquet"))))
        assert view["features"] == datasets.Features.from_arrow_schema(columns)._to_yaml_list()
        assert set(view) == {"config_name", "features", "splits", "download_size", "dataset_size"}
