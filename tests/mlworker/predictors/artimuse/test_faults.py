"""A checkpoint that cannot be used is named in every answer, nothing is lost, and the next image goes on."""

import json
import shutil

import pytest
import torch

from mlworker import registry
from mlworker.queue import batches
from mlworker.queue.batches import results_for
from tests.harness.random_checkpoint import FIXTURE
from tests.mlworker.conftest import request_for, scene


def forget_models():
    """Let models be read anew."""
    registry.load.cache_clear()
    batches.loaded_model.cache_clear()


def without_weights(folder):
    for shard in folder.glob("*.safetensors"):
        shard.unlink()


def with_a_truncated_shard(folder):
    last = folder / "model-00004-of-00004.safetensors"
    last.write_bytes(last.read_bytes()[:-1000])


def with_a_merged_score_token(folder):
    merges = (folder / "merges.txt").read_text().splitlines()
    (folder / "merges.txt").write_text("\n".join(line for line in merges if line != "e y") + "\n")


def of_another_architecture(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "llava"}))


BROKEN = [
    (without_weights, "model-00001-of-00004.safetensors: the weights cannot be read", ""),
    (with_a_truncated_shard, "model-00004-of-00004.safetensors: the weights cannot be read", "12 digits"),
    (with_a_merged_score_token, "the tokenizer has no single token 'ey'", "12 digits"),
    (of_another_architecture, "config.json: model_type is 'llava'; 'internvl_chat' is accepted", "12 digits"),
]


def test_weights_that_do_not_fit_on_the_gpu_are_a_named_error_that_may_pass(tmp_path, save_image, monkeypatch):
    def full(*_sizes, **_options):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setenv("MLWORKER_ARTIMUSE", str(FIXTURE))
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setattr(torch, "empty", full)
    forget_models()
    [answer] = results_for([request_for(save_image(scene()), "artimuse")])
    assert (answer.error, answer.temporary) == ("the weights did not fit into the GPU's memory", True)
    forget_models()


@pytest.mark.parametrize(("spoil", "words", "version"), BROKEN, ids=[spoil.__name__ for spoil, _, _ in BROKEN])
def test_what_is_wrong_is_said_for_each_image_and_other_models_go_on(
    tmp_path, save_image, monkeypatch, spoil, words, version
):
    folder = tmp_path / "checkpoint"
    shutil.copytree(FIXTURE, folder)
    spoil(folder)
    monkeypatch.setenv("MLWORKER_ARTIMUSE", str(folder))
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    forget_models()
    path = save_image(scene())

    *broken, success = results_for([request_for(path, "artimuse")] * 2 + [request_for(path, "fake")])

    assert [words in answer.error for answer in broken] == [True, True]
    assert not any(answer.temporary for answer in broken)
    assert len(broken[0].model_version) == (12 if version else 0)
    assert (success.error, bool(success.score)) == ("", True)
    forget_models()
