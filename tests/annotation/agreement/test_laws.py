"""Laws that coefficients obey, each for those that obey it."""

from functools import partial

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.agreement.coefficients import alpha, kappa
from annotation.agreement.coefficients.alpha import LEVELS, Pairable, disagreement
from annotation.agreement.coefficients.intervals import raters_like_these, these_raters
from annotation.agreement.ratings import Ratings
from annotation.agreement.report import design
from tests.harness.published_tables import from_rows

CELLS = st.one_of(st.none(), st.integers(0, 9))
ROWS = st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=3, max_size=12).filter(
    lambda rows: any(sum(v is not None for v in row) >= 2 for row in rows)
)


def alpha_at(level, ratings):
    return alpha.alpha(ratings, level).value


COEFFICIENTS = {
    **{f"alpha {level}": partial(alpha_at, level) for level in LEVELS},
    "AC1": lambda r: kappa.gwet(kappa.Counts.of(r)).value,
    "AC2": lambda r: kappa.gwet(kappa.Counts.of(r), "quadratic").value,
    "Fleiss": lambda r: kappa.fleiss(kappa.Counts.of(r)).value,
    "Brennan-Prediger": lambda r: kappa.brennan_prediger(kappa.Counts.of(r)).value,
    "raw": lambda r: design.raw_agreement(r).exact,
}
QUICK = settings(max_examples=25)


def moved(rows, **how):
    change = how.get("value", lambda v: v)
    return from_rows([[None if v is None else change(v) for v in row] for row in rows])


def same(one, other):
    assert (one is None) == (other is None)
    if one is not None:
        assert one == pytest.approx(other, abs=1e-9)


@pytest.mark.parametrize("name", COEFFICIENTS)
@QUICK
@given(rows=ROWS, random=st.randoms(use_true_random=False))
def test_the_order_of_units_and_raters_does_not_matter(name, rows, random):
    columns = random.sample(range(4), 4)
    shuffled = [[row[c] for c in columns] for row in random.sample(rows, len(rows))]
    same(COEFFICIENTS[name](from_rows(rows)), COEFFICIENTS[name](from_rows(shuffled)))


# What may be done to the values without changing the coefficient.
CHANGES = [
    ("alpha nominal", lambda v: (v * 7) % 10),
    ("AC1", lambda v: (v * 7) % 10),
    ("Fleiss", lambda v: (v * 7) % 10),
    ("Brennan-Prediger", lambda v: (v * 7) % 10),
    ("raw", lambda v: (v * 7) % 10),
    ("alpha ordinal", lambda v: v**3 + v),
    ("alpha interval", lambda v: 2.5 * v - 40),
    ("alpha interval", lambda v: v + 1e9),
    ("AC2", lambda v: 2.5 * v - 40),
    ("alpha ratio", lambda v: 4 * v),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
@QUICK
@given(rows=ROWS)
def test_allowed_changes_of_the_scale(name, change, rows):
    same(COEFFICIENTS[name](from_rows(rows)), COEFFICIENTS[name](moved(rows, value=change)))


@pytest.mark.parametrize("name", [f"alpha {level}" for level in LEVELS] + ["raw"])
@QUICK
@given(rows=ROWS, value=st.integers(0, 9))
def test_a_unit_with_one_rating_changes_nothing(name, rows, value):
    same(COEFFICIENTS[name](from_rows(rows)), COEFFICIENTS[name](from_rows([*rows, [value, None, None, None]])))


@pytest.mark.parametrize("name", COEFFICIENTS)
@QUICK
@given(values=st.lists(st.integers(0, 9), min_size=3, max_size=9).filter(lambda v: len(set(v)) > 1))
def test_perfect_agreement_is_one(name, values):
    assert COEFFICIENTS[name](from_rows([[value] * 3 for value in values])) == pytest.approx(1)


@pytest.mark.parametrize("name", [name for name in COEFFICIENTS if name != "raw"])
def test_constant_data_have_no_coefficient(name):
    assert COEFFICIENTS[name](from_rows([[3, 3, 3]] * 5)) is None


COMPLETE = st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=3, max_size=10).filter(
    lambda rows: len({v for row in rows for v in row}) > 1
)


@QUICK
@given(rows=COMPLETE)
def test_alpha_and_fleiss_on_complete_data(rows):
    table = from_rows(rows)
    share = kappa.fleiss(kappa.Counts.of(table)).value
    assert alpha.alpha(table, "nominal").value == pytest.approx(share + (1 - share) / (3 * len(rows)))


@QUICK
@given(rows=COMPLETE)
def test_alpha_and_scott_for_two_raters(rows):
    table = from_rows([row[:2] for row in rows])
    pi = kappa.fleiss(kappa.Counts.of(table)).value
    if pi is not None:
        assert alpha.alpha(table, "nominal").value == pytest.approx(pi + (1 - pi) / (2 * len(rows)))


@pytest.mark.parametrize("level", LEVELS)
@QUICK
@given(rows=ROWS)
def test_alpha_equals_the_package(level, rows):
    estimate = alpha.alpha(from_rows(rows), level).value
    if estimate is None:
        return
    table = np.array([[np.nan if v is None else v for v in row] for row in rows]).T
    assert estimate == pytest.approx(krippendorff.alpha(table, level_of_measurement=level), abs=1e-9)


@pytest.mark.parametrize("level", LEVELS)
@QUICK
@given(rows=ROWS)
def test_leaving_a_unit_out_is_leaving_it_out(level, rows):
    pairs = Pairable.of(from_rows(rows))
    if pairs.is_constant or pairs.units < 2:
        return
    estimate = disagreement(pairs, level).without_each_unit()
    for unit in range(pairs.units):
        mask = pairs.unit != unit
        others = Pairable.of_rows(pairs.unit[mask], pairs.rater[mask], pairs.value[mask])
        if others.is_constant:
            assert not np.isfinite(estimate[unit])
        else:
            assert estimate[unit] == pytest.approx(disagreement(others, level).alpha(), abs=1e-9)


def panel(seed, units=40, raters=8, each=3):
    random = np.random.default_rng(seed)
    level, lean = random.normal(0, 1, units), random.normal(0, 0.4, raters)
    unit = np.repeat(np.arange(units), each)
    rater = np.concatenate([random.choice(raters, each, replace=False) for _ in range(units)])
    value = np.round(5 + 1.5 * (level[unit] + lean[rater] + random.normal(0, 0.7, len(unit))))
    return Ratings.of([f"{u:03}" for u in unit], [f"{r:02}" for r in rater], value)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_intervals_hold_the_point_and_other_raters_make_it_wider(level):
    table = panel(3)
    point = alpha.alpha(table, level).value
    narrow, wide = these_raters(table, level, seed=1), raters_like_these(table, level)
    assert narrow.low < point < narrow.high
    assert wide.low < point < wide.high
    assert wide.high - wide.low > narrow.high - narrow.low


def test_the_same_seed_gives_the_same_interval_and_another_another():
    table = panel(4, units=250)  # Enough to draw units.
    assert these_raters(table, "interval", seed=1) == these_raters(table, "interval", seed=1)
    assert these_raters(table, "interval", seed=1) != these_raters(table, "interval", seed=2)


def test_the_design_says_what_hangs_together():
    apart = from_rows([[1, 2, None, None], [2, 2, None, None], [None, None, 3, 1], [None, None, 1, 1]])
    value = design.describe(apart)
    assert (value.components, value.is_connected, value.units_with_two) == (2, False, 4)
    assert value.pairs.tolist() == [[2, 2, 0, 0], [2, 2, 0, 0], [0, 0, 2, 2], [0, 0, 2, 2]]
    assert "2 groups that share no unit" in value.notes[0]


def test_repeats_are_counted_apart_and_leave_alpha_as_it_is():
    once = Ratings.of(["a", "a", "b", "b"], ["x", "y", "x", "y"], [1, 2, 3, 3])
    more = Ratings.of(["a", "a", "b", "b", "a"], ["x", "y", "x", "y", "x"], [1, 2, 3, 3, 9], occasion=[1, 1, 1, 1, 2])
    assert design.describe(more).repeats == 1
    assert alpha.alpha(more, "interval") == alpha.alpha(once, "interval")
