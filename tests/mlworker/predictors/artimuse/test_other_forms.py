"""A checkpoint of another form is refused in a sentence, soon, and reads no file outside its folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from mlworker.contract import PredictorError
from mlworker.predictors.artimuse.checkpoint import load_checkpoint
from mlworker.predictors.artimuse.weights import checkpoint_digest
from tests.harness.random_checkpoint import FIXTURE

Change = Callable[[Path], object]


def config(part: str = "", **fields: Any) -> Change:
    def change(folder: Path) -> None:
        content = json.loads((folder / "config.json").read_text())
        (content[part] if part else content).update(fields)
        (folder / "config.json").write_text(json.dumps(content))

    return change


def file(name: str, content: Any) -> Change:
    return lambda folder: (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


INDEX = "model.safetensors.index.json"
OTHER_FORMS: dict[str, Change] = {
    "deep": file("config.json", "[" * 100_000),
    "a list": file("config.json", []),
    "a list for the language": config(llm_config=[1]),
    "a text for the vision": config(vision_config="x"),
    "a million layers": config("llm_config", num_hidden_layers=10**6),
    "layers in words": config("llm_config", num_hidden_layers="many"),
    "layers below zero": config("vision_config", num_hidden_layers=-1),
    "layers that are true": config("vision_config", num_hidden_layers=True),
    "no patches": config("vision_config", patch_size=0),
    "patches of text": config("vision_config", patch_size="14"),
    "boundless words": config("llm_config", vocab_size=10**12),
    "heads that do not divide": config("llm_config", num_attention_heads=7),
    "an unknown function": config("llm_config", hidden_act="magic"),
    "an epsilon in words": config("llm_config", rms_norm_eps="small"),
    "an angle in words": config("llm_config", rope_theta="wide"),
    "an unknown norm": config("vision_config", norm_type=5),
    "a vocabulary that is a list": file("vocab.json", [1, 2]),
    "a vocabulary of lists": file("vocab.json", {"a": []}),
    "a deep vocabulary": file("vocab.json", "[" * 100_000),
    "special tokens that are a number": file("special_tokens_map.json", {"additional_special_tokens": 5}),
    "special tokens without text": file("special_tokens_map.json", {"eos_token": {"text": "x"}}),
    "deep special tokens": file("special_tokens_map.json", "[" * 100_000),
    "an index that is a list": file(INDEX, {"weight_map": [1]}),
    "an index of numbers": file(INDEX, {"weight_map": {"a": 5}}),
    "an index that leads out": file(INDEX, {"weight_map": {"a": "../outside.safetensors"}}),
    "an index of the root": file(INDEX, {"weight_map": {"a": "/etc/passwd"}}),
    "an index of another kind": file(INDEX, {"weight_map": {"a": "model.bin"}}),
}


@pytest.mark.parametrize("change", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_it_is_refused_in_a_sentence(tmp_path: Path, change: Change):
    folder = Path(shutil.copytree(FIXTURE, tmp_path / "checkpoint"))
    change(folder)
    with pytest.raises(PredictorError) as caught:
        load_checkpoint(folder, device="cpu", dtype=torch.float32)
    assert 10 < len(str(caught.value)) < 600


@pytest.mark.parametrize("name", ["../outside.safetensors", "/etc/passwd", "a/../../b.safetensors", "..", "", 5])
def test_no_file_outside_is_read_for_the_version_either(tmp_path: Path, name: Any):
    folder = Path(shutil.copytree(FIXTURE, tmp_path / "checkpoint"))
    (tmp_path / "outside.safetensors").write_bytes(b"x")
    file(INDEX, {"weight_map": {"a": name}})(folder)
    with pytest.raises(PredictorError, match="is no file of weights beside it"):
        checkpoint_digest(folder)
