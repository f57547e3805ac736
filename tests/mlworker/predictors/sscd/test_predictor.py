"""An embedding from a TorchScript file: prepared as its authors say, known by the file's hash, refused with a name."""

import base64
import hashlib

import numpy as np
import pytest
import torch
from PIL import Image

from mlworker import registry
from mlworker.contract import EmbedRequest, PredictorError
from mlworker.predictors.imagenet import DEVIATION, MEAN
from mlworker.predictors.sscd import predictor as sscd
from mlworker.queue.batches import loaded_model, results_for
from tests.mlworker.conftest import request_for, scene

# How the authors publish it, though torch would have people use something else by now.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.:DeprecationWarning")


class Quarters(torch.nn.Module):  # type: ignore[misc]
    """An embedding whose answer can be worked out by hand: the means of the four quarters, times seven."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return 7 * torch.nn.functional.adaptive_avg_pool2d(images, 2).flatten(1)


class OnlySmall(torch.nn.Module):  # type: ignore[misc]
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.reshape(-1, 12)[:1].flatten()


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Name the file of a module, and forget what was loaded of it afterwards."""

    def save(module=None):
        path = tmp_path / "quarters.torchscript.pt"
        torch.jit.script(module or Quarters()).save(str(path))
        monkeypatch.setenv("MLWORKER_SSCD", str(path))
        return path

    yield save
    registry.load.cache_clear()
    loaded_model.cache_clear()


def draw_quarters(*colours):
    """Draw an image of four plain quarters, twice as wide as high."""
    image = Image.new("RGB", (400, 200))
    for colour, corner in zip(colours, [(0, 0), (200, 0), (0, 100), (200, 100)], strict=True):
        image.paste(colour, (*corner, corner[0] + 200, corner[1] + 100))
    return image


def answers_to(*paths):
    return results_for([EmbedRequest(path.name, request_for(path).sha256, "sscd") for path in paths])


def test_the_embedding_is_what_the_module_makes_of_the_normalised_square(file, save_image):
    path = file()
    colours = [(255, 0, 0), (0, 255, 0), (30, 60, 90), (200, 200, 10)]

    [answer] = answers_to(save_image(draw_quarters(*colours)))

    normal = (np.array(colours) / 255 - MEAN) / DEVIATION
    # The colours of neighbouring quarters mix in a pixel or two of 320.
    unit_vector = normal.T.ravel() / np.linalg.norm(normal)
    assert answer.error == ""
    assert np.frombuffer(base64.b64decode(answer.vector), "<f4") == pytest.approx(unit_vector, abs=0.01)
    assert answer.model_version == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (answer.provenance["side"], answer.provenance["dtype"]) == (320, "float32")


def test_images_looked_at_together_get_what_they_get_alone(file, save_image):
    file()
    paths = [save_image(scene(number), f"{number}.png") for number in range(18)]

    answers = [answer.vector for answer in answers_to(*paths)]

    assert answers == [answers_to(path)[0].vector for path in paths]


def test_the_version_is_known_without_loading_and_follows_the_file(file):
    first = file()
    assert registry.version_of("sscd", "embedder") == hashlib.sha256(first.read_bytes()).hexdigest()
    before = registry.version_of("sscd", "embedder")
    assert file(OnlySmall()) == first
    assert registry.version_of("sscd", "embedder") != before


def test_a_file_that_changes_after_its_version_was_told_is_not_loaded_under_it(file):
    file()
    embedder = sscd.SSCD()
    file(OnlySmall())
    with pytest.raises(PredictorError, match="has changed"):
        embedder.load()


@pytest.mark.parametrize(
    ("value", "reason"),
    [("", "MLWORKER_SSCD is not set"), ("/no/such/file.pt", "is no file"), (__file__, "is no TorchScript file")],
)
def test_a_file_that_cannot_be_used_is_named_and_every_image_says_so(value, reason, file, save_image, monkeypatch):
    monkeypatch.setenv("MLWORKER_SSCD", value)
    answers = answers_to(save_image(scene(1), "1.png"), save_image(scene(2), "2.png"))
    assert [reason in answer.error for answer in answers] == [True, True]


def test_a_module_that_gives_no_row_an_image_is_refused(file, save_image):
    file(OnlySmall())
    [answer] = answers_to(save_image(scene()))
    assert answer.error == "'quarters.torchscript.pt' gives (12,) for 1 images, not a row each"
