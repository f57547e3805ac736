"""Hold alpha against published tables and against laws every coefficient of its kind obeys."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.agreement.alpha import alpha
from annotation.agreement.bootstrap import interval
from annotation.agreement.table import tabulate

TABLES = Path(__file__).parents[3] / "fixtures" / "agreement"
LEVELS = ("nominal", "ordinal", "interval", "ratio")


def published():
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(TABLES.glob("*.json"))]
    return [
        pytest.param(case["data"], expected, id=f"{case['id']}-{expected['level']}")
        for case in cases
        for expected in case["expected"]
    ]


def long_form(rows):
    return [(unit, rater, v) for unit, row in enumerate(rows) for rater, v in enumerate(row) if v is not None]


def numbered(rows):
    """Give labels numbers, as the application does with subcategories."""
    labels = sorted({value for row in rows for value in row if isinstance(value, str)})
    return [[labels.index(value) if value in labels else value for value in row] for row in rows]


@pytest.mark.parametrize(("data", "expected"), published())
def test_alpha_meets_the_published_value(data, expected):
    found = alpha(tabulate(long_form(numbered(data))), expected["level"]).value
    assert found == pytest.approx(expected["value"], abs=expected["tol"])


ratings = st.lists(st.lists(st.one_of(st.none(), st.integers(0, 20)), min_size=4, max_size=4), min_size=2, max_size=12)


@settings(max_examples=60, deadline=None)
@given(ratings, st.integers(0, 1000))
def test_alpha_does_not_depend_on_the_order_of_images_or_raters(rows, seed):
    shuffled = long_form(rows)
    random.Random(seed).shuffle(shuffled)
    swapped = [(unit, 3 - rater, value) for unit, rater, value in shuffled]
    one, other = (alpha(tabulate(r), "interval").value for r in (long_form(rows), swapped))
    assert one == pytest.approx(other, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(ratings, st.integers(1, 9), st.integers(-50, 50))
def test_interval_alpha_survives_a_linear_change_of_scale(rows, factor, offset):
    moved = [(unit, rater, factor * value + offset) for unit, rater, value in long_form(rows)]
    one, other = (alpha(tabulate(r), "interval").value for r in (long_form(rows), moved))
    assert one == pytest.approx(other, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(ratings)
def test_nominal_alpha_survives_new_names_for_the_categories(rows):
    renamed = [(unit, rater, (value * 7) % 23) for unit, rater, value in long_form(rows)]
    one, other = (alpha(tabulate(r), "nominal").value for r in (long_form(rows), renamed))
    assert one == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_an_image_with_one_rating_changes_nothing(level):
    rows = [[1, 2, None], [3, 3, 4], [5, None, 4]]
    with_one = [*rows, [None, 9, None]]
    assert alpha(tabulate(long_form(rows)), level).value == alpha(tabulate(long_form(with_one)), level).value


@pytest.mark.parametrize("level", LEVELS)
def test_perfect_agreement_is_one(level):
    assert alpha(tabulate(long_form([[1, 1, None], [None, 5, 5], [9, 9, 9]])), level).value == pytest.approx(1)


def test_four_experts_in_perfect_agreement_on_two_images_each_reach_one():
    """Line scores up by image, never by their position in a list."""
    pairs = [(0, 1), (2, 3), (0, 2), (1, 3), (0, 3), (1, 2)]
    rated = [(image, rater, image * 10) for image, pair in enumerate(pairs) for rater in pair]
    assert alpha(tabulate(rated), "interval").value == pytest.approx(1)


def test_constant_ratings_have_no_alpha_and_say_why():
    result = alpha(tabulate(long_form([[5, 5], [5, 5]])), "interval")
    assert result.value is None
    assert "needs variation" in result.note


def test_single_raters_have_no_alpha_and_say_why():
    result = alpha(tabulate([("a", "x", 1), ("b", "y", 2)]), "interval")
    assert (result.value, result.n_images) == (None, 0)
    assert "no image has answers from two experts" in result.note


def test_nothing_at_all_has_no_alpha():
    assert alpha(tabulate([]), "interval").value is None


def test_a_rater_twice_on_an_image_is_refused():
    with pytest.raises(ValueError, match="rated the same unit twice"):
        tabulate([("a", "x", 1), ("a", "x", 2)])


def simulated(images, seed=1):
    """Give three raters' scores with a known true agreement: unit variance 1, error variance 0.5."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(0, 1, images)
    return [(u, r, round(2 * (truth[u] + generator.normal(0, 0.5**0.5)))) for u in range(images) for r in range(3)]


def test_the_interval_holds_the_point_narrows_with_images_and_repeats_with_its_seed():
    widths = []
    for images in (20, 200):
        table = tabulate(simulated(images))
        low, high = interval(table, "interval", seed=3, replicates=200)
        assert low < alpha(table, "interval").value < high
        assert (low, high) == interval(table, "interval", seed=3, replicates=200)
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_the_interval_covers_the_true_alpha_of_these_raters_about_as_often_as_it_says():
    true = 1 / 1.5
    hits = 0
    for seed in range(60):
        low, high = interval(tabulate(simulated(60, seed)), "interval", seed=seed, replicates=120)
        hits += low <= true <= high
    assert hits >= 50


def test_too_few_images_have_no_interval():
    assert interval(tabulate(simulated(4)), "interval", seed=1) is None
    assert interval(tabulate(long_form([[5, 5]] * 9)), "interval", seed=1) is None
