"""The alternative annotator test gives its authors' figures; the human band tells rank from level."""

import numpy as np
import pytest

from annotation.agreement.raters.alt_test import alt_test, human_band
from annotation.agreement.ratings import Ratings
from tests.harness.reference import case

CASE = case("alt_test_a")
BINS = [35, 55, 75]


def human(recoded=False):
    rows = [(item, rater, y) for rater, given in CASE["data"]["human"].items() for item, y in given.items()]
    unit, rater, value = zip(*rows, strict=True)
    return Ratings.of(unit, rater, np.digitize(value, BINS) if recoded else value)


def model(name, recoded=False):
    return {item: float(np.digitize(y, BINS) if recoded else y) for item, y in CASE["data"]["models"][name].items()}


@pytest.mark.parametrize("wanted", CASE["expected"], ids=lambda e: f"{e['model']} {e['epsilon']} {e['scoring']}")
def test_the_published_procedure(wanted):
    nominal = "recode" in wanted
    found = alt_test(
        human(nominal), model(wanted["model"], nominal), epsilon=wanted["epsilon"], scoring=wanted["scoring"]
    )
    value = wanted["value"]
    assert found.winning_rate == pytest.approx(value["winning_rate"], abs=1e-9)
    assert found.advantage == pytest.approx(value["advantage_probability"], abs=1e-9)
    for row in found.raters:
        assert row.p == pytest.approx(value["per_annotator"][row.rater]["p_value"], abs=1e-9)
        assert row.advantage == pytest.approx(value["per_annotator"][row.rater]["advantage"], abs=1e-9)


def test_too_few_images_say_so():
    few = alt_test(human(), dict(list(model("good").items())[:20]))
    assert (few.winning_rate, few.raters) == (None, ())
    assert "no expert has enough images" in few.note
    assert human_band(human(), {}).note == few.note


def test_the_band_takes_the_good_model_in_and_leaves_the_biased_one_out():
    good, biased = human_band(human(), model("good")), human_band(human(), model("biased"))
    assert good.inside
    assert not biased.inside
    assert biased.bias > 10
    assert biased.spearman > 0.8
    assert all(row.low <= row.difference <= row.high for row in good.raters)
    assert human_band(human(), model("good")) == good


def test_an_expert_of_the_panel_lies_inside_the_band():
    random = np.random.default_rng(1)
    quality = random.normal(5, 1.5, 200)
    unit, rater = np.repeat(np.arange(200), 4), np.tile(np.arange(4), 200)
    ratings = Ratings.of(unit, rater, quality[unit] + random.normal(size=800))
    fifth = {str(u): float(q + random.normal()) for u, q in enumerate(quality)}
    found = human_band(ratings, fifth)
    assert found.model == pytest.approx(found.median, rel=0.15)
    assert found.slope == pytest.approx(1, abs=0.2)
