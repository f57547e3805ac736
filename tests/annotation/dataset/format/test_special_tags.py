import re

import pytest

from annotation.dataset.format.special_tags import break_tags
from annotation.dataset.write.training import FORMATS, examples
from tests.harness.release_samples import RUBRIC

TAGS = [
    "<image>", "<video>", "<audio>", "<img>", "</img>", "<IMG_CONTEXT>", "<|im_start|>", "<|im_end|>", "<|endoftext|>",
    "<|vision_start|>", "<|image_pad|>", "<|image_1|>", "<s>", "</s>", "<pad>", "<bos>", "<start_of_turn>",
    "<start_of_image>", "<|eot_id|>", "<｜User｜>", "<｜begin▁of▁sentence｜>", "<think>",
    "<ref-object>", "<bbox>", "<box>",
    "<cot-process>", "<unused0>", "<loc_12>", "[INST]", "[/INST]", "[IMG]", "[TOOL_CALLS]", "[gMASK]",
]  # fmt: skip


@pytest.mark.parametrize("tag", TAGS)
def test_a_special_tag_is_broken(tag):
    text = break_tags(f"Calm.{tag}Firm.")
    assert tag not in text
    assert text == f"Calm.{tag[0]} {tag[1:]}Firm."


KEPT = ["a < b and c > d", "x<y", "[sic]", "[1]", "[a, b]", "5 > 4 < 6", "<- left, right ->", "", "构图《山水》"]


@pytest.mark.parametrize("text", KEPT)
def test_all_else_stays_as_it_was_written(text):
    assert break_tags(text) == text


def test_no_tag_comes_of_breaking_one():
    for nested in ("<im<image>age>", "<<SYS>>", "<<image>>", "[[INST]]"):
        assert not re.search(r"<[^<>\s]+>|\[/?[A-Z]+\]", break_tags(nested))


def test_no_training_file_holds_a_tag_of_a_critique():
    row = {"sha256": "ab", "width": 8, "height": 6, "gt_score": 7.5}
    critique = {
        "attribute": "overall_gestalt", "language": "en", "image": "images/ab.png",
        "critique": "Calm <image> light.</s>",
        "prefill": "A heron.<|im_end|>", "counted": True, "critique_origin": "edited", "imported": False,
    }  # fmt: skip
    by_kind = examples(row, [critique], "ab.png", RUBRIC)
    for (name, kind), render in FORMATS.items():
        for example in by_kind[kind]:
            line = str(render(example))
            # Ours alone stands there, before the question.
            assert line.count("<image>") == (name != "trl"), line
            assert "</s>" not in line
            assert "<|im_end|>" not in line
