"""The baseline measures images: laws that hold for every image, and what its words must say."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from mlworker.attributes import ATTRIBUTES
from mlworker.contract import AttributeQuestion, PrefillRequest
from mlworker.predictors.base import Reading
from mlworker.predictors.baseline.measurements import Measurements, colourfulness, entropy, measure_image
from mlworker.predictors.baseline.predictor import FORMULAS, WEIGHTS, Baseline, Part, score
from tests.mlworker.conftest import request_for, scene

SEEDS = [1, 2, 3, 4]
BLIND = ["originality_creativity", "theme_communication", "emotional_impact"]
ODD_IMAGES = {
    "one pixel": Image.new("RGB", (1, 1), "red"),
    "one row": Image.new("RGB", (300, 1), "blue"),
    "black": Image.new("RGB", (64, 64), "black"),
    "white": Image.new("RGB", (64, 64), "white"),
    "noise": Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)),
    "grey": Image.new("L", (64, 48), 128),
    "transparent": Image.new("RGBA", (64, 48), (255, 0, 0, 0)),
    "palette": scene().quantize(16),
    "16 bits": Image.fromarray(np.linspace(0, 65535, 64 * 64, dtype=np.uint16).reshape(64, 64)),
    "large": scene(width=1600, height=900),
}


def measurements_of(image: Image.Image) -> Measurements:
    return measure_image(np.asarray(image.convert("RGB")))


def answer(path: Path) -> Reading:
    baseline = Baseline()
    request = request_for(path)
    return baseline.read(request, baseline.infer(baseline.prepare(request, path)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_blurred_copy_is_less_sharp_and_scores_lower_in_technical_execution(seed):
    sharp, copy = scene(seed), scene(seed).filter(ImageFilter.GaussianBlur(3))

    assert measurements_of(copy).sharpness < measurements_of(sharp).sharpness
    assert score(measurements_of(copy))["technical_execution"] < score(measurements_of(sharp))["technical_execution"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_grey_copy_has_no_colourfulness_and_no_hue(seed):
    grey = measurements_of(scene(seed).convert("L"))

    assert grey.colourfulness == pytest.approx(0, abs=1e-9)
    assert grey.hue_entropy == 0
    assert measurements_of(scene(seed)).colourfulness > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mirrored_image_measures_the_same_with_left_and_right_exchanged(seed):
    image, mirror_image = measurements_of(scene(seed)), measurements_of(ImageOps.mirror(scene(seed)))

    assert mirror_image.symmetry == pytest.approx(image.symmetry)
    assert mirror_image.left == pytest.approx(1 - image.left)
    assert score(mirror_image) == pytest.approx(score(image))


def test_an_image_joined_with_its_mirror_is_perfectly_symmetric():
    half_image = scene()
    joined_image = Image.new("RGB", (2 * half_image.width, half_image.height))
    joined_image.paste(half_image, (0, 0))
    joined_image.paste(ImageOps.mirror(half_image), (half_image.width, 0))

    assert measurements_of(joined_image).symmetry == pytest.approx(1)
    assert measurements_of(joined_image).left == pytest.approx(0.5)
    assert measurements_of(half_image).symmetry < 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_less_contrast_measures_as_less_contrast(seed):
    flat = scene(seed).point(lambda value: 100 + value // 4)

    assert measurements_of(flat).contrast < measurements_of(scene(seed)).contrast
    assert score(measurements_of(flat))["visual_elements"] < score(measurements_of(scene(seed)))["visual_elements"]


def test_burnt_out_highlights_are_counted():
    half_white = Image.new("RGB", (100, 100), "grey")
    half_white.paste("white", (0, 0, 100, 50))

    assert measurements_of(half_white).highlights == 0.5
    assert measurements_of(half_white).shadows == 0


def test_colourfulness_is_the_published_formula():
    """Red and blue halves: rg is 255 and 0, yb 127.5 and -255, so M follows by hand."""
    colours = np.zeros((2, 2, 3))
    colours[0, :, 0] = colours[1, :, 2] = 255
    spread = np.hypot(127.5, 191.25)
    mean = np.hypot(127.5, -63.75)

    assert colourfulness(colours) == pytest.approx(spread + 0.3 * mean)


def test_entropy_of_equal_shares_is_the_logarithm_of_their_number():
    assert entropy(np.ones(8)) == pytest.approx(3)
    assert entropy(np.array([5.0, 0.0])) == 0
    assert entropy(np.zeros(4)) == 0


def test_a_subject_in_the_middle_is_found_there():
    image = Image.new("L", (300, 300), 128)
    image.paste(255, (130, 130, 170, 170))

    assert measurements_of(image).centre == pytest.approx(1)
    assert measurements_of(image).border == 0


def test_the_regions_cover_the_area_their_names_promise():
    even = measurements_of(Image.new("L", (360, 360), 128))

    assert (even.thirds, even.centre, even.border) == pytest.approx((1 / 9, 1 / 9, 0.36))


@pytest.mark.parametrize("name", ODD_IMAGES)
def test_every_image_gets_eight_scores_from_0_to_100_and_a_critique_of_30_to_60_words(name, save_image):
    reading = answer(save_image(ODD_IMAGES[name]))

    assert set(reading.attributes) == {attribute.key for attribute in ATTRIBUTES}
    for prefill in reading.attributes.values():
        assert prefill.score is not None
        assert 0 <= prefill.score <= 100
        assert 30 <= len(prefill.critique.split()) <= 60, prefill.critique
        assert 2 <= len(re.findall(r"\.(?= |$)", prefill.critique)) <= 4
        assert "not a judgement of taste" in prefill.critique
        assert re.search(r"\d", prefill.critique)


@pytest.mark.parametrize("key", BLIND)
def test_what_statistics_cannot_see_is_said_first(key, save_image):
    assert answer(save_image(scene())).attributes[key].critique.startswith("Statistics cannot see")


def test_the_same_image_gets_the_same_answer(save_image):
    path = save_image(scene())

    assert answer(path) == answer(path)


def test_the_overall_score_is_the_weighted_sum_of_the_seven(save_image):
    reading = answer(save_image(scene()))
    points = {key: prefill.score or 0.0 for key, prefill in reading.attributes.items()}

    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert reading.score == points["comprehensive_evaluation"]
    assert reading.score == pytest.approx(sum(WEIGHTS[key] * points[key] for key in WEIGHTS), abs=0.01)


@pytest.mark.parametrize("key", FORMULAS)
def test_the_parts_of_a_score_weigh_one_together_and_name_measures(key):
    assert sum(part.weight for part in FORMULAS[key]) == pytest.approx(1)
    assert all(hasattr(measurements_of(scene()), part.measure) for part in FORMULAS[key])


@pytest.mark.parametrize("part", [Part(0.4, "sharpness", 0, 100), Part(0.4, "sharpness", 100, 0)])
def test_marks_only_rise_towards_the_full_end_and_stay_within_the_weight(part):
    class Sharp:
        def __init__(self, sharpness: float) -> None:
            self.sharpness = sharpness

    ends = sorted((part.zero_at, part.full_at), key=lambda end: end == part.full_at)
    marks = [part.mark(Sharp(value)) for value in np.linspace(ends[0] * 2 - ends[1], ends[1] * 2 - ends[0], 31)]

    assert marks == sorted(marks)
    assert (marks[0], marks[-1]) == (0, 0.4)


def test_attributes_it_does_not_know_are_left_out(save_image):
    path = save_image(scene())
    questions = (ATTRIBUTES[2], AttributeQuestion("narrative_depth", "Narrative Depth"))
    request = PrefillRequest(path.name, "0" * 64, "baseline", questions)

    assert list(Baseline().predict(request, path).attributes) == ["technical_execution"]


def test_its_answer_records_the_measurements_and_versions(save_image):
    provenance = answer(save_image(scene())).provenance

    assert provenance["measurements"]["contrast"] > 0
    assert {"longest_side", "numpy", "pillow"} <= set(provenance)


def test_it_says_plainly_what_it_is():
    assert "Measured image statistics" in Baseline.description
    assert Baseline.version == "1"
