"""A release loads with the oldest `datasets` that its card promises, installed apart from ours."""

import json
import subprocess
import sys

import pytest

from tests.harness.release_samples import write

pytestmark = pytest.mark.soak

OLDEST = "datasets==3.6.0"
LOAD = """
import json, sys
from datasets import load_dataset
found = {}
for view in ("default", "ratings", "critiques", "scores"):
    loaded = load_dataset(sys.argv[1], view, cache_dir=sys.argv[2])
    found[view] = {split: len(rows) for split, rows in loaded.items()}
print(json.dumps({"rows": found, "size": load_dataset(sys.argv[1], cache_dir=sys.argv[2])["train"][0]["image"].size}))
"""


def test_every_view_loads_with_the_oldest_version(tmp_path):
    write(tmp_path / "release")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", OLDEST, "pillow"], check=True)
    done = subprocess.run(
        [python, "-c", LOAD, tmp_path / "release", tmp_path / "cache"], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found["rows"]["default"] == found["rows"]["scores"] == {"train": 2, "validation": 1, "test": 1}
    assert found["rows"]["ratings"] == {"train": 4, "validation": 2, "test": 2}
    assert found["size"] == [8, 6]
