import csv
import io
import json
import subprocess
from dataclasses import replace
from functools import partial

import pyarrow.parquet as pq
import pytest
import yaml

from annotation.dataset.contents.records import JudgementRecord
from annotation.dataset.format import manifest
from annotation.dataset.format.columns import main_columns
from annotation.dataset.format.facts import CampaignProtocol, HeldImage, Protocol
from annotation.dataset.verify.verify import verify
from annotation.errors import ReleaseRefused
from tests.harness.offline import load_release
from tests.harness.release_samples import (
    CONTENT,
    FACTS,
    RUBRIC,
    annotation,
    image,
    in_order,
    planned,
    some_images,
    write,
    write_parts,
)


@pytest.fixture
def load(tmp_path):
    return partial(load_release, cache=tmp_path / "cache")


def front_matter(folder):
    text = (folder / "README.md").read_text(encoding="utf-8")
    return yaml.safe_load(text.split("---\n")[1])


def test_a_release_has_these_files(tmp_path):
    write(tmp_path / "release")
    assert list(manifest.files_below(tmp_path / "release")) == [
        "CHANGELOG.md",
        "DATASHEET.md",
        "LEAKAGE.md",
        "LICENSES.csv",
        "MANIFEST.sha256",
        "PROTOCOL.md",
        "README.md",
        "RELIABILITY/agreement.csv",
        "RELIABILITY/agreement.json",
        "RELIABILITY/agreement.svg",
        "WITHDRAWN.csv",
        *shards("critiques"),
        "croissant.json",
        *shards("data"),
        "diff.json",
        *(f"formats/internvl/{name}" for name in ("meta.json", "test.jsonl", "train.jsonl", "validation.jsonl")),
        "formats/llama-factory/dataset_info.json",
        *(f"formats/ms-swift/{name}" for name in lines("-scores", "")),
        *(f"formats/trl/{name}" for name in lines("")),
        *shards("ratings"),
        "recompute.py",
        "release.json",
        "rubric.json",
        *shards("scores"),
    ]


def lines(*kinds):
    return [f"{split}{kind}.jsonl" for split in ("test", "train", "validation") for kind in kinds]


def shards(folder):
    return [f"{folder}/{split}-00000-of-00001.parquet" for split in ("test", "train", "validation")]


def test_pins_are_typed_columns_and_a_point_has_no_size(tmp_path):
    pins = ({"x": 0.5, "y": 0.25}, {"x": 0.0, "y": 0.0, "width": 1.0, "height": 0.5})
    pinned = {"composition_design": JudgementRecord(7.5, "Here.", "en", pins=pins)}
    write(tmp_path / "release", image(1, annotations=(annotation(judgements=annotation().judgements | pinned),)))
    assert verify(tmp_path / "release").findings == []
    point = {"x": 0.5, "y": 0.25, "width": None, "height": None}
    told, other = load_release(tmp_path / "release", tmp_path / "cache", name="critiques")["train"].select([0, 1])
    assert (told["pins"], other["pins"]) == ([point, pins[1]], [])
    [row] = load_release(tmp_path / "release", tmp_path / "cache2")["train"]
    assert row["annotations"][0]["judgements"]["composition_design"]["pins"] == [point, pins[1]]


def test_views_without_images_load_by_name(tmp_path):
    write(tmp_path / "release")
    views = {
        name: load_release(tmp_path / "release", tmp_path / "cache", name=name)["train"]
        for name in ("ratings", "critiques", "scores")
    }
    assert {name: len(rows) for name, rows in views.items()} == {"ratings": 4, "critiques": 32, "scores": 2}
    rating, critique, score = (rows[0] for rows in views.values())
    assert (
        rating["image"] == critique["image"] == score["image"] == f"images/{score['sha256'][:2]}/{score['sha256']}.png"
    )
    assert (rating["rater"], rating["arm"], rating["kind"], rating["counted"]) == ("expert-1", "blind", "first", True)
    assert (rating["scores"]["overall_gestalt"], rating["origins"]["overall_gestalt"]) == (7, "own")
    assert (critique["attribute"], critique["critique"]) == ("composition_design", "我的话 on composition_design.")
    assert (score["gt_score"], score["n"], score["se"], score["gt_source"]) == (7.5, 2, 0.5, "raters")


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_loads_it_with_images_and_nested_answers(tmp_path, load, streaming):
    write(tmp_path / "release")
    dataset = load(tmp_path / "release", streaming=streaming)
    rows = {split: list(dataset[split]) for split in dataset}
    assert {split: len(found) for split, found in rows.items()} == {"train": 2, "validation": 1, "test": 1}
    row = rows["train"][0]
    assert row["image"].size == (row["width"], row["height"])
    assert row["image"].convert("RGB").getpixel((0, 0))[2] == 90
    assert row["gt_score"] == 7.5
    assert [given["rater"] for given in row["annotations"]] == ["expert-1", "expert-2"]
    assert row["annotations"][1]["judgements"]["overall_gestalt"]["critique"] == "我的话 on overall_gestalt."
    assert row["scores"]["emotional_impact"] == {"mean": 7.5, "n": 2, "se": 0.5, "corrected": None}


def test_no_feature_is_of_a_kind_that_older_readers_lack():
    described = main_columns(RUBRIC.by_key).metadata[b"huggingface"].decode()
    assert '"_type": "List"' not in described
    features = json.loads(described)["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    assert isinstance(features["annotations"], list)
    assert features["annotations"][0]["judgements"]["overall_gestalt"]["score"] == {
        "_type": "Value",
        "dtype": "float64",
    }


def test_the_image_is_neither_compressed_again_nor_put_in_a_dictionary(tmp_path):
    write(tmp_path / "release")
    group = pq.ParquetFile(tmp_path / "release/data/train-00000-of-00001.parquet").metadata.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert columns["image.bytes"].compression == "UNCOMPRESSED"
    assert not columns["image.bytes"].has_dictionary_page
    assert columns["annotations.list.element.judgements.overall_gestalt.critique"].compression == "ZSTD"
    assert {column.compression for name, column in columns.items() if name != "image.bytes"} == {"ZSTD"}


def test_row_groups_hold_a_hundred_images_and_a_shard_is_a_part(tmp_path, load):
    images = in_order(*(image(n) for n in range(250)))
    write(tmp_path / "release", *images, most_images=200)
    shards = sorted((tmp_path / "release/data").iterdir())
    assert [shard.name for shard in shards] == ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]
    groups = [pq.ParquetFile(shard).metadata for shard in shards]
    sizes = [[meta.row_group(n).num_rows for n in range(meta.num_row_groups)] for meta in groups]
    assert sizes == [[100, 100], [50]]
    assert [row["sha256"] for row in load(tmp_path / "release")["train"]] == [found.sha256 for found in images]


def test_images_are_taken_one_at_a_time(tmp_path):
    taken = []

    def watched(record):
        def load():
            taken.append(record.sha256)
            return record.load()

        return replace(record, load=load)

    parts, of = planned(in_order(*(image(n) for n in range(30))))

    def lazily(part):
        for position, record in enumerate(of(part)):
            assert len(taken) == position
            yield watched(record)

    (tmp_path / "release").mkdir()
    write_parts(tmp_path / "release", FACTS, parts, lazily)
    assert len(taken) == 30


def test_the_same_records_give_the_same_bytes(tmp_path):
    one = write(tmp_path / "one")
    two = write(tmp_path / "two")
    assert one == two
    names = manifest.files_below(tmp_path / "one")
    assert names.keys() == manifest.files_below(tmp_path / "two").keys()
    assert all((tmp_path / "two" / name).read_bytes() == path.read_bytes() for name, path in names.items())
    three = write(tmp_path / "three", seed=2)
    assert three.content_sha256 == one.content_sha256
    assert three.manifest_sha256 != one.manifest_sha256


def test_the_order_of_keys_in_the_record_does_not_matter(tmp_path):
    def turned(data):
        return {key: turned(data[key]) for key in reversed(data)} if isinstance(data, dict) else data

    agreement = dict(FACTS.agreement)
    one = write(tmp_path / "one", agreement=agreement, protocol=Protocol(shares={"blind": 15, "reveal": 85}))
    two = write(
        tmp_path / "two",
        agreement=turned(agreement),
        protocol=Protocol(shares={"reveal": 85, "blind": 15}),
        rubric=turned(CONTENT),
    )
    assert one == two


def test_the_hash_of_the_rows_changes_with_the_format_of_releases_only(tmp_path):
    # Written down on one day with one pyarrow, it holds on every other with any.
    written = write(
        tmp_path / "release", image(1, data=b"one"), image(2, "test", data=b"two"), released_at="2030-01-01"
    )
    assert written.content_sha256 == "dbabd02fe545900614477612ec20c59db27b854e5d3fd9a72185ea92bc36de22"


def test_sha256sum_accepts_the_manifest(tmp_path):
    written = write(tmp_path / "release")
    subprocess.run(["sha256sum", "--strict", "-c", manifest.NAME], cwd=tmp_path / "release", check=True)
    assert manifest.sha256_of(tmp_path / "release" / manifest.NAME) == written.manifest_sha256
    lines = (tmp_path / "release" / manifest.NAME).read_text().splitlines()
    assert lines == sorted(lines, key=lambda line: line[66:])


def test_the_card_tells_readers_and_the_hub_what_it_is(tmp_path):
    write(tmp_path / "release")
    metadata = front_matter(tmp_path / "release")
    assert [view["config_name"] for view in metadata.pop("dataset_info")] == [
        view["config_name"] for view in metadata["configs"]
    ]
    assert metadata == {
        "license": "other",
        "license_name": "annotations-not-stated-images-cc0-1.0",
        "license_link": "LICENSES.csv",
        "language": ["en"],
        "annotations_creators": ["expert-generated"],
        "task_categories": ["image-to-text", "image-classification"],
        "size_categories": ["n<1K"],
        "pretty_name": "Portraits | and more 1.0.0",
        "tags": ["aesthetics", "image-quality-assessment"],
        "configs": [
            {
                "config_name": "default",
                "default": True,
                "data_files": [
                    {"split": split, "path": f"data/{split}-*.parquet"} for split in ("train", "validation", "test")
                ],
            },
            *(
                {
                    "config_name": name,
                    "data_files": [
                        {"split": split, "path": f"{name}/{split}-*.parquet"}
                        for split in ("train", "validation", "test")
                    ],
                }
                for name in ("ratings", "critiques", "scores")
            ),
        ],
    }


def test_the_card_shows_agreement_with_n_interval_method_and_why_something_is_missing(tmp_path):
    write(tmp_path / "release")
    text = (tmp_path / "release/README.md").read_text(encoding="utf-8")
    assert "| Composition & Design | 0.612 | 0.500 to 0.700 | 3 | 6 | 2 | interval |  |" in text
    assert "| Visual Elements & Structure | not defined | none | 0 |  |  | interval | why not |" in text
    assert "| Subcategory | 1.000 | none | 3 |" in text
    assert "Method: Krippendorff's alpha." in text
    assert "demo" not in text.lower()


def test_a_demo_says_at_the_top_that_simulated_answers_are_inside(tmp_path):
    simulated = annotation("expert-3", 3, simulated=True)
    write(tmp_path / "release", image(1, annotations=(annotation(), simulated)), is_demo=True)
    text = (tmp_path / "release/README.md").read_text(encoding="utf-8")
    first = text.split("\n\n")[2]
    assert first.startswith("> **This is a demo release")
    assert "1 of its 2 answers are simulated" in first
    assert front_matter(tmp_path / "release")["annotations_creators"] == ["expert-generated", "machine-generated"]


def test_the_licence_of_the_annotations_is_told_apart_from_those_of_the_images(tmp_path):
    shares = {"blind": 100, "reveal": 0, "assisted": 0}
    protocol = Protocol(shares=shares, also={"studies": CampaignProtocol(shares=shares)})
    write(tmp_path / "same", annotations_licence="CC0-1.0")
    write(tmp_path / "other", annotations_licence="CC-BY-4.0", protocol=protocol)
    assert front_matter(tmp_path / "same")["license"] == "cc0-1.0"
    assert front_matter(tmp_path / "other")["license_name"] == "annotations-cc-by-4.0-images-cc0-1.0"
    for name in ("README.md", "DATASHEET.md", "croissant.json"):
        text = (tmp_path / "other" / name).read_text(encoding="utf-8")
        assert "worked out from them) stand under CC-BY-4.0." in text, name
        assert "Those of campaign studies have no licence that is stated." in text, name
    described = json.loads((tmp_path / "other" / "croissant.json").read_text(encoding="utf-8"))
    assert described["license"] == [
        "https://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ]


def test_licences_are_listed_image_by_image_and_mixed_ones_are_called_so(tmp_path):
    write(tmp_path / "release", image(1), image(2, licence="CC-BY-4.0", author='Jan "J"'), image(3, licence=""))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "release/LICENSES.csv").read_text(encoding="utf-8"))))
    assert sorted((row["licence"], row["author"]) for row in rows) == [
        ("", "nobody, at all"),
        ("CC-BY-4.0", 'Jan "J"'),
        ("CC0-1.0", "nobody, at all"),
    ]
    front = front_matter(tmp_path / "release")
    assert front["license"] == "other"
    assert (front["license_name"], front["license_link"]) == (
        "annotations-not-stated-images-mixed",
        "LICENSES.csv",
    )
    text = (tmp_path / "release/README.md").read_text(encoding="utf-8")
    assert all(f"| {name} | 1 |" in text for name in ("not stated", "CC-BY-4.0", "CC0-1.0"))


def test_a_split_without_images_is_not_announced(tmp_path, load):
    write(tmp_path / "release", image(1))
    assert [entry["split"] for entry in front_matter(tmp_path / "release")["configs"][0]["data_files"]] == ["train"]
    assert list(load(tmp_path / "release")) == ["train"]


def test_the_record_counts_what_is_inside_and_lists_what_is_held_back(tmp_path):
    write(tmp_path / "release", held=(HeldImage("a" * 64, ("train", "test")),), without_annotations=3)
    record = json.loads((tmp_path / "release/release.json").read_text(encoding="utf-8"))
    assert record["splits"] == {"train": 2, "validation": 1, "test": 1}
    assert record["annotations"] == {"all": 8, "first": 8, "counted": 8}
    assert (record["raters"], record["simulated_raters"], record["images"]) == (2, 0, 4)
    assert record["held"][0]["would_connect"] == ["train", "test"]
    assert record["agreement"]["attributes"]["composition_design"]["alpha"] == 0.612346
    assert "1 images are held back" in (tmp_path / "release/README.md").read_text(encoding="utf-8")


def test_an_image_that_changed_since_its_import_stops_the_build(tmp_path):
    with pytest.raises(ReleaseRefused, match="has changed since it was imported"):
        write(tmp_path / "release", image(1, image_sha256="0" * 64))


def test_an_image_that_is_gone_stops_the_build(tmp_path):
    def gone():
        raise FileNotFoundError("no such file")

    with pytest.raises(ReleaseRefused, match="cannot be read: no such file"):
        write(tmp_path / "release", image(1, load=gone))


def test_records_out_of_order_are_refused(tmp_path):
    (tmp_path / "release").mkdir()
    parts, of = planned(some_images())
    with pytest.raises(ValueError, match="out of order"):
        write_parts(tmp_path / "release", FACTS, parts, lambda part: reversed(of(part)))


def test_records_that_are_not_all_there_are_refused(tmp_path):
    (tmp_path / "release").mkdir()
    parts, of = planned(some_images())
    with pytest.raises(ValueError, match="part train-00000 has 1 images, but 2 were planned"):
        write_parts(tmp_path / "release", FACTS, parts, lambda part: of(part)[:1])


def test_parts_joined_say_the_same_as_one(tmp_path, load):
    images = in_order(*(image(n, split) for n in range(9) for split in ("train", "test") if n % 2 or split == "train"))
    one = write(tmp_path / "one", *images)
    many = write(tmp_path / "many", *images, most_images=2)
    assert many.content_sha256 == one.content_sha256
    assert load(tmp_path / "one")["train"].to_list() == load(tmp_path / "many")["train"].to_list()
    # The card states the sizes of the shards.
    cut = {"MANIFEST.sha256", "croissant.json", "README.md"}
    same = {name for name in manifest.files_below(tmp_path / "one") if not name.endswith(".parquet")} - cut
    assert len(same) > 20
    for name in same:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "many" / name).read_bytes(), name
