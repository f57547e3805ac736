import json

import datasets
import pytest

from annotation.dataset.contents.records import JudgementRecord, PrefillRecord
from annotation.dataset.read.unpack import unpack
from annotation.dataset.verify.verify import verify
from tests.harness.release_samples import RUBRIC, annotation, image, write

PREFILL = PrefillRecord("fake 1", 60.0, {}, {"overall_gestalt": "A heron.", "visual_elements": "Lines."})


def edited(critique, language="en"):
    return JudgementRecord(7, critique, language, critique_origin="edited", edit_distance=3)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """A release in which one rater edited a prefill, one wrote Chinese, one was assisted."""
    folder = tmp_path_factory.mktemp("training") / "release"
    chinese = annotation("b", 8, judgements={key: JudgementRecord(8, "好。", "zh-hans") for key in RUBRIC.by_key})
    final = annotation("a", 7, arm="reveal", kind="final", shown_model="fake 1",
                   judgements={"overall_gestalt": edited("A grey heron.")})  # fmt: skip
    helped = annotation(
        "c", 7, arm="assisted", shown_model="fake 1", judgements={"visual_elements": edited("线。", "zh-hans")}
    )
    given = (annotation("a", 6, arm="reveal"), final, chinese, helped)
    write(folder, image(1, annotations=given, prefills=(PREFILL,)), image(2, "test"))
    unpack(folder, folder)
    assert verify(folder).findings == []
    return folder


def read(release, name):
    lines = (release / "formats" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_internvl_reads_conversations_by_its_meta_file(release):
    meta = json.loads((release / "formats/internvl/meta.json").read_text())["portraits-1.0.0-train"]
    rows = read(release, "internvl/train.jsonl")
    assert (meta["annotation"], meta["length"]) == ("formats/internvl/train.jsonl", len(rows))
    assert (release / meta["root"] / rows[0]["image"]).is_file()
    assert rows[0]["conversations"] == [
        {
            "from": "human",
            "value": "<image>\nPlease evaluate the aesthetic quality of this image from the aspect of "
            "Composition & Design.",
        },
        {"from": "gpt", "value": "我的话 on composition_design."},
    ]
    assert (rows[0]["width"], rows[0]["height"]) == (8, 6)
    assert len({row["id"] for row in rows}) == len(rows) == 16


def test_only_answers_that_count_are_learnt_from(release):
    told = {row["conversations"][1]["value"] for row in read(release, "internvl/train.jsonl")}
    assert "A grey heron." not in told
    assert "线。" not in told
    assert "好。" in told


def test_a_chinese_critique_answers_a_chinese_question(release):
    asked = {row["messages"][0]["content"] for row in read(release, "ms-swift/train.jsonl")
             if row["messages"][1]["content"] == "好。"}  # fmt: skip
    assert "<image>请从构图设计的角度评价这张图像的审美质量。" in asked


def test_an_edit_is_preferred_to_what_the_model_proposed(release):
    pairs = read(release, "trl/train-preferences.jsonl")
    said = [(pair["chosen"][0]["content"][0]["text"], pair["rejected"][0]["content"][0]["text"]) for pair in pairs]
    assert said == [("A grey heron.", "A heron."), ("线。", "Lines.")]
    [swift, _] = read(release, "ms-swift/train-preferences.jsonl")
    assert (swift["messages"][1]["content"], swift["rejected_response"]) == ("A grey heron.", "A heron.")
    [factory, _] = read(release, "llama-factory/train-preferences.jsonl")
    assert (factory["chosen"]["content"], factory["rejected"]["content"]) == ("A grey heron.", "A heron.")
    assert not (release / "formats/trl/test-preferences.jsonl").exists()


def test_ms_swift_reads_scores_as_labels(release):
    [row] = read(release, "ms-swift/test-scores.jsonl")
    assert row["label"] == [7.5]
    assert row["messages"] == [
        {"role": "user", "content": "<image>Please rate the aesthetic quality of this image from 0 to 10."}
    ]


def test_llama_factory_finds_its_files(release):
    info = json.loads((release / "formats/llama-factory/dataset_info.json").read_text())
    assert info.keys() == {
        "portraits-1.0.0-train",
        "portraits-1.0.0-train-preferences",
        "portraits-1.0.0-test",
    }
    for entry in info.values():
        rows = read(release, f"llama-factory/{entry['file_name']}")
        assert set(entry["columns"].values()) <= rows[0].keys()
        assert entry.get("ranking", False) is ("chosen" in rows[0])


@pytest.mark.parametrize("name", ["internvl/train", "ms-swift/train", "ms-swift/train-scores", "trl/train",
                                  "trl/train-preferences", "llama-factory/train-preferences"])  # fmt: skip
def test_datasets_loads_each_file_and_every_image_is_there(release, tmp_path, name):
    path = release / "formats" / f"{name}.jsonl"
    loaded = datasets.load_dataset("json", data_files=str(path), cache_dir=str(tmp_path), split="train")
    for row in loaded:
        for path in row.get("images") or [row["image"]]:
            assert (release / path).is_file()
