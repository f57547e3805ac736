import json
import re

import mlcroissant
import pytest

from annotation.dataset.format import manifest
from tests.harness.release_samples import RUBRIC, annotation, image, write

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("croissant") / "release"
    lone = image(4, "test", annotations=(annotation(),))
    write(folder, image(1), image(2, licence="CC-BY-4.0"), image(3, "validation"), lone)
    return folder


@pytest.fixture(scope="module")
def described(release):
    return json.loads((release / "croissant.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("view", "rows"), [("default", 4), ("ratings", 7), ("critiques", 56), ("scores", 4)])
def test_mlcroissant_loads_the_records_of_every_view(release, view, rows):
    dataset = mlcroissant.Dataset(jsonld=release / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    records = list(dataset.records(view))
    assert len(records) == rows
    if view == "default":
        assert {record["default/image"].size for record in records} == {(8, 6)}
        assert {record["default/scores.overall_gestalt.mean"] for record in records} == {7.5}


def test_what_mlcroissant_lets_pass_is_there_too(described):
    for name in ("name", "description", "version", "datePublished", "license", "citeAs", "creator", "conformsTo"):
        assert described[name], name
    assert described["conformsTo"][0] == "http://mlcommons.org/croissant/1.1"
    assert described["rai:machineAnnotationTools"] == ["none"]
    known = {key for key in described["@context"] if not key.startswith("@")} | {"rai"}
    schema_org = {"name", "description", "version", "datePublished", "license", "creator", "keywords"}
    schema_org |= {"distribution", "sha256", "contentUrl", "encodingFormat"}

    def check(node):
        if isinstance(node, dict):
            for key, value in node.items():
                assert key.startswith("@") or key.partition(":")[0] in known | schema_org, key
                check(value)
        elif isinstance(node, list):
            for item in node:
                check(item)

    check({key: value for key, value in described.items() if key != "@context"})
    assert described["license"] == [
        "https://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ]


def test_every_record_set_and_field_is_described_in_the_words_of_the_card_and_has_its_key(described):
    sets = {record_set["name"]: record_set for record_set in described["recordSet"]}
    assert {name: record_set.get("key", {}).get("@id") for name, record_set in sets.items()} == {
        "default": "default/sha256",
        "ratings": None,
        "critiques": None,
        "scores": "scores/sha256",
    }
    assert sets["ratings"]["description"] == "A row an answer."
    words = {field["name"]: field["description"] for one in sets.values() for field in one["field"]}
    assert all(words.values())
    assert words["default/width"] == "Size in pixels."
    assert words["ratings/arm"].startswith("`blind` (no model), ")
    assert words["ratings/scores.overall_gestalt"] == "Overall_gestalt: the rater's score in points."
    assert words["scores/scores.overall_gestalt"].startswith("Overall_gestalt: the released score: the adjudicated one")


def test_annotations_per_item_are_those_that_are_there_not_those_asked_for(described):
    words = "Answers that count, an image: least 1, median 2, most 2; asked for: 2."
    assert described["rai:annotationsPerItem"] == words
    assert "several raters" not in json.dumps(described)
    assert described["rai:dataBiases"] == ["Scores are opinions of 2 raters."]


def test_every_data_file_is_named_with_its_hash_and_every_field_with_a_source(release, described):
    files = {item["@id"]: item["sha256"] for item in described["distribution"] if item["@type"] == "cr:FileObject"}
    listed = manifest.read(release)
    assert files == {name: sha256 for name, sha256 in listed.items() if name.endswith(".parquet")}
    sets = {item["@id"] for item in described["distribution"] if item["@type"] == "cr:FileSet"}
    ids = []
    for record_set in described["recordSet"]:
        for field in record_set["field"]:
            ids.append(field["@id"])
            assert field["source"]["fileSet"]["@id"] in sets
            assert re.fullmatch(r"sc:(Text|Float|Integer|Boolean|ImageObject)", field["dataType"])
    assert len(set(ids)) == len(ids) > 8 * len(RUBRIC.attributes)
