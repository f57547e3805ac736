"""The script that measures ArtiMuse on a GPU runs on any machine with a tiny model, and says what it wants."""

import json

import pytest
import torch

from bench import gpu


def test_a_line_tells_of_the_device_and_one_of_each_number_of_images(capsys):
    gpu.main(["--tiny", "--images", "1", "2", "--tokens", "3"])
    device, *lines = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert device["parameters"] > 10_000
    assert device["copied_gb_a_second"] > 0
    assert [line["images"] for line in lines] == [1, 2]
    for line in lines:
        assert line["images_a_second"] > 0
        assert line["bound_tokens_a_second"] > 0


def test_the_published_sizes_want_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit, match="no GPU is at hand; --tiny tries the command without one"):
        gpu.main([])


@pytest.mark.parametrize("arguments", [["--images", "0"], ["--images", "many"], ["--tokens", "-1"], ["--huge"]])
def test_wrong_usage_has_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        gpu.main(arguments)
    assert caught.value.code == 2
