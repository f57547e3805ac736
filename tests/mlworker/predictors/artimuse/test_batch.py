"""One look an image gives what nine looks give: held to transformers' own classes without cache, sharing or batch.

The checkpoints are made here, of other sizes than the fixture, with another tokenizer and other system messages.
"""

import numpy as np
import pytest
import torch
from PIL import Image

from mlworker.attributes import ATTRIBUTES
from mlworker.predictors.artimuse import predictor as artimuse
from mlworker.predictors.artimuse.batch import prompt_ids, split_shared_prefix
from mlworker.predictors.artimuse.predictor import ArtiMuse, image_pixels
from tests.harness.random_checkpoint import Sizes, write
from tests.mlworker.conftest import request_for, scene

QUESTIONS = tuple(attribute.name for attribute in ATTRIBUTES)
MOST_NEW_TOKENS = 4


def infer_one_by_one(predictor, native, values, questions):
    """Ask one by one, each time with the image and from the beginning: the score's logits, and new ids a question."""
    checkpoint = predictor.checkpoint
    score_ids, question_ids = prompt_ids(checkpoint, predictor.wording, questions)
    pixel_values = torch.from_numpy(values)

    def last_logits(ids):
        with torch.inference_mode():
            output = native(input_ids=torch.tensor([ids]), pixel_values=pixel_values, use_cache=False, logits_to_keep=1)
        return output.logits[0, -1]

    def critique_ids(ids):
        new_ids = []
        while len(new_ids) < MOST_NEW_TOKENS and checkpoint.stop_id not in new_ids:
            new_ids.append(int(last_logits([*ids, *new_ids]).argmax()))
        return new_ids

    return last_logits(score_ids)[checkpoint.score_ids].tolist(), [critique_ids(ids) for ids in question_ids]


OTHER_SIZES = Sizes(
    {"hidden_size": 80, "intermediate_size": 112, "num_hidden_layers": 2, "num_attention_heads": 5,
     "num_key_value_heads": 5, "vocab_size": 700},
    {"hidden_size": 32, "intermediate_size": 80, "num_hidden_layers": 3, "num_attention_heads": 2},
    qk_norm=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("sizes", "system", "system_message", "questions"),
    [
        (Sizes(), {}, "你是书生·万象，", QUESTIONS[:4]),
        (Sizes(), {"system_message": None}, "None", QUESTIONS[:2]),
        (OTHER_SIZES, {"system_message": "Look closely.\nBe brief."}, "Look closely.\nBe brief.", QUESTIONS[5:7]),
    ],
    ids=["absent", "null", "text"],
)
def test_a_checkpoint_of_other_sizes_and_tokenizer_answers_as_the_native_classes_do(
    tmp_path, sizes, system, system_message, questions
):
    native = write(tmp_path / "checkpoint", sizes, seed=len(system_message), **system)
    predictor = ArtiMuse(tmp_path / "checkpoint", most_new_tokens=MOST_NEW_TOKENS)
    scene(3).save(tmp_path / "one.png")
    Image.effect_noise((90, 300), 80).save(tmp_path / "two.png")
    values = [image_pixels(tmp_path / name) for name in ("one.png", "two.png")]

    outputs = predictor.infer_together([(pixels, questions) for pixels in values])

    assert predictor.checkpoint.system_message.startswith(system_message)
    assert outputs[0].critiques != outputs[1].critiques
    logits, ids = infer_one_by_one(predictor, native, values[1], questions)
    assert outputs[1].logits == pytest.approx(logits, abs=1e-4)
    assert [outputs[1].critiques[name][0] for name in questions] == ids


def test_questions_part_where_they_first_differ_and_none_is_left_empty():
    assert split_shared_prefix([[1, 2, 3, 4], [1, 2, 5]]) == ([1, 2], [[3, 4], [5]])
    assert split_shared_prefix([[1, 2], [1, 2]]) == ([1], [[2], [2]])
    assert split_shared_prefix([[1, 2, 3], [1, 2]]) == ([1], [[2, 3], [2]])


def test_the_image_is_encoded_once_whatever_is_asked(tmp_path, monkeypatch):
    write(tmp_path / "checkpoint", Sizes())
    predictor = ArtiMuse(tmp_path / "checkpoint", most_new_tokens=2)
    tower = predictor.checkpoint.model.model.vision_tower
    calls = []
    tower.register_forward_hook(lambda _module, _inputs, _output: calls.append(1))
    scene().save(tmp_path / "one.png")

    predictor.infer_together([(image_pixels(tmp_path / "one.png"), QUESTIONS)])

    assert len(calls) == 1


@pytest.mark.parametrize(("name", "start", "aspect"), [
    ("UniPercept", "</img>Rate the aesthetics score", "from the attribute of Overall Gestalt."),
    ("ArtiMuse_AVA", "</img>\n\n        Rate the aesthetics score", "from the aspect of Overall Gestalt."),
])  # fmt: skip
def test_each_family_is_asked_in_its_own_words(tmp_path, name, start, aspect):
    write(tmp_path / name, Sizes())
    predictor = ArtiMuse(tmp_path / name, most_new_tokens=2)

    assert start in predictor.wording.score_prompt("")
    assert aspect in predictor.wording.critique_prompt("", "Overall Gestalt")
    assert predictor.state()["wording"] == ("unipercept" if name == "UniPercept" else "artimuse")


def test_out_of_memory_halves_how_many_are_looked_at_once_and_every_image_is_answered(tmp_path, monkeypatch):
    write(tmp_path / "checkpoint", Sizes())
    predictor = ArtiMuse(tmp_path / "checkpoint", most_new_tokens=1)
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for number, path in enumerate(paths):
        scene(number, 40, 30).save(path)
    paths[2].write_text("no image")
    sizes = []
    encode = artimuse.infer_images.__globals__["image_vectors"]

    def short_of_memory(checkpoint, values):
        sizes.append(len(values))
        if len(values) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return encode(checkpoint, values)

    monkeypatch.setitem(artimuse.infer_images.__globals__, "image_vectors", short_of_memory)
    answers = predictor.predict_many([(request_for(path, "artimuse"), path) for path in paths])

    assert [bool(answer.error) for answer in answers] == [False, False, True, False, False]
    assert "is no image" in answers[2].error
    assert (sizes[0], predictor.at_once) == (4, 2)
    assert np.isfinite([answer.score for answer in answers if not answer.error]).all()
