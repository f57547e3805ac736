"""Weights are held once, and as many images are looked at together as a budget of memory allows."""

import math
import subprocess
import sys

from mlworker.predictors.artimuse.memory import MOST_IMAGES, USABLE_SHARE, bytes_for_an_image
from mlworker.predictors.artimuse.predictor import ArtiMuse
from tests.harness.random_checkpoint import Sizes, write

SIZES = Sizes(
    {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 2, "num_attention_heads": 8,
     "num_key_value_heads": 2, "vocab_size": 640},
    {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 2},
)  # fmt: skip
# How much a process may write to is limited (RLIMIT_DATA) to what it has plus so many times the weights.
LOAD = """
import resource, sys
from pathlib import Path
import torch
from mlworker.contract import PredictorError
from mlworker.predictors.artimuse.checkpoint import load_checkpoint

torch.set_num_threads(1)
load_checkpoint(Path(sys.argv[1]), device="cpu", dtype=torch.float32)  # All that loads with it is there now.
size = 4 * int(sys.argv[3])
status = Path("/proc/self/status").read_text().splitlines()
held = int(next(line.split()[1] for line in status if line.startswith("VmData"))) << 10

for room in sys.argv[4:]:
    resource.setrlimit(resource.RLIMIT_DATA, (held + int(float(room) * size), resource.RLIM_INFINITY))
    try:
        model = load_checkpoint(Path(sys.argv[2]), device="cpu", dtype=torch.float32).model
    except PredictorError as error:
        print(room, error)
    else:
        print(room, 4 * sum(tensor.numel() for tensor in model.parameters()) == size)
"""


def test_weights_are_in_memory_once(tmp_path):
    write(tmp_path / "small", Sizes())
    large = write(tmp_path / "large", SIZES)
    parameters = sum(tensor.numel() for tensor in large.parameters())
    assert parameters > 25_000_000
    command = [sys.executable, "-c", LOAD, str(tmp_path / "small"), str(tmp_path / "large"), str(parameters)]
    process = subprocess.run([*command, "0.9", "1.4"], capture_output=True, text=True, check=False)
    assert process.stdout.split("\n")[:2] == ["0.9 the weights did not fit into memory", "1.4 True"], process.stderr


def test_the_budget_found_at_the_start_decides_how_many_images_are_looked_at_together(tmp_path, monkeypatch):
    write(tmp_path / "small", Sizes())
    predictor = ArtiMuse(tmp_path / "small", most_new_tokens=64)
    image_bytes = bytes_for_an_image(predictor.checkpoint.model.config, 4, 64) / USABLE_SHARE

    def at_once(images):
        monkeypatch.setenv("MLWORKER_MEMORY_MIB", str(math.ceil(images * image_bytes / 2**20)))
        fresh_predictor = ArtiMuse(tmp_path / "small", most_new_tokens=64)
        fresh_predictor.checkpoint = predictor.checkpoint
        return fresh_predictor.at_once

    assert [at_once(room) for room in (0.1, 3.2, 7.2, 1000)] == [1, 3, 7, MOST_IMAGES]
