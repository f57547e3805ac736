"""`python -m mlworker score` asks a predictor without the web application."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlworker.attributes import ATTRIBUTES
from tests.mlworker.conftest import request_for, scene

Result = subprocess.CompletedProcess[str]
KEYS = ["image", "sha256", "score", "distribution", "critiques", "model", "dtype", "seconds"]
NAMES = [attribute.name for attribute in ATTRIBUTES]


def run(*arguments: str | Path) -> Result:
    command = [sys.executable, "-m", "mlworker", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_image_gets_one_object_a_line(save_image):
    first, second = save_image(scene(1), "first.png"), save_image(scene(2), "二.jpg")
    result = run("score", "--model", "baseline", "--json", first, second)

    assert (result.returncode, result.stderr) == (0, "")
    answer, other = objects(result)
    assert (answer["image"], other["image"]) == (str(first), str(second))
    assert answer["sha256"] == request_for(first).sha256
    assert (answer["model"], answer["dtype"], answer["distribution"]) == ("baseline", None, None)
    assert list(answer) == KEYS
    assert list(answer["critiques"]) == NAMES
    assert 0 <= answer["score"] <= 100
    assert answer["seconds"] > 0


def test_a_bad_image_is_reported_and_the_rest_go_on(save_image, tmp_path):
    path = save_image(scene())
    (tmp_path / "notes.png").write_text("no image")
    result = run("score", "--model", "fake", "--json", tmp_path / "gone.png", path)
    baseline_result = run("score", "--model", "baseline", "--json", path, tmp_path / "notes.png")

    assert (result.returncode, baseline_result.returncode) == (0, 0)
    assert "No such file" in objects(result)[0]["error"]
    assert len(objects(result)[1]["distribution"]) == 101
    assert "is no image" in objects(baseline_result)[1]["error"]
    assert "notes.png" in baseline_result.stderr


def test_the_status_is_1_when_not_one_image_could_be_scored(tmp_path):
    result = run("score", "--model", "baseline", "--json", tmp_path / "gone.png", tmp_path)

    assert result.returncode == 1
    assert all(set(line) == {"image", "error"} for line in objects(result))


@pytest.mark.parametrize(
    "arguments",
    [[], ["score"], ["score", "--model", "baseline"], ["score", "--model", "artimuze", "a.png"], ["paint"]],
)
def test_wrong_usage_has_status_2_and_prints_nothing_on_standard_output(arguments):
    result = run(*arguments)

    assert (result.returncode, result.stdout) == (2, "")
    assert "usage" in result.stderr


def test_an_unknown_model_is_refused_with_the_names_that_are_known():
    assert "baseline, fake" in run("score", "--model", "artimuze", "a.png").stderr


def test_without_json_people_can_read_it(save_image):
    path = save_image(scene())
    result = run("score", "--model", "baseline", path)

    assert result.stdout.startswith(f"{path}: ")
    assert all(name in result.stdout for name in NAMES)
    assert "of 100 (baseline 1" in result.stdout


def test_a_model_whose_settings_are_missing_says_which(save_image, monkeypatch):
    monkeypatch.delenv("MLWORKER_OPENAI_URL", raising=False)
    result = run("score", "--model", "openai", save_image(scene()))

    assert (result.returncode, result.stdout) == (1, "")
    assert "MLWORKER_OPENAI_URL is missing" in result.stderr
    assert "Traceback" not in result.stderr
