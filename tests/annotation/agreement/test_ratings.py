"""Ratings in long form do not depend on the order of their rows, and refuse what is not a rating."""

import numpy as np
import pytest

from annotation.agreement.ratings import Ratings, cache_by_content


def test_the_order_of_the_rows_does_not_matter():
    forward = Ratings.of(["a", "a", "b"], ["x", "y", "x"], [1, 2, 3], time=[5, 6, 7])
    backward = Ratings.of(["b", "a", "a"], ["x", "y", "x"], [3, 2, 1], time=[7, 6, 5])
    for column in ("unit", "rater", "occasion", "value", "time"):
        assert np.array_equal(getattr(forward, column), getattr(backward, column)), column
    assert (forward.units, forward.raters) == (("a", "b"), ("x", "y"))


def test_a_subset_forgets_the_units_and_raters_it_lacks():
    kept = Ratings.of(["a", "b", "c"], ["x", "y", "x"], [1, 2, 3]).where(np.array([True, False, True]))
    assert kept.units == ("a", "c")
    assert kept.raters == ("x",)
    assert list(kept.unit) == [0, 1]


def test_the_first_occasion_leaves_the_repeats_out():
    ratings = Ratings.of(["a", "a", "a"], ["x", "x", "y"], [1, 5, 2], occasion=["1", "2", "1"])
    first = ratings.first_occasion()
    assert list(first.value) == [1, 2]


@pytest.mark.parametrize(
    ("value", "occasion", "complaint"),
    [([1, 2], None, "twice on one occasion"), ([1, float("inf")], ["1", "2"], "not a finite number")],
)
def test_what_is_not_a_rating_is_refused(value, occasion, complaint):
    with pytest.raises(ValueError, match=complaint):
        Ratings.of(["a", "a"], ["x", "x"], value, occasion=occasion)


def test_no_ratings_are_a_table_too():
    assert Ratings.of([], [], []).n == 0


def test_what_was_worked_out_is_remembered_by_content_for_the_last_few():
    asked = []

    @cache_by_content(2)
    def total(ratings):
        asked.append(ratings)
        return float(ratings.value.sum())

    def given(*values):
        return Ratings.of("abc", "xyz", values)

    assert [total(given(1, 2, 3)), total(given(1, 2, 3)), total(given(1, 2, 4))] == [6, 6, 7]
    assert len(asked) == 2
    assert total(Ratings.of("abc", "xyw", (1, 2, 3))) == 6
    assert len(asked) == 3
    assert total(given(1, 2, 3)) == 6
    assert len(asked) == 4
