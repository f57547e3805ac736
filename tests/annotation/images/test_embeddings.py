"""Cosines of embeddings are the same whatever the order of sums, and are judged by published thresholds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.images.embeddings import STEPS, SURE, UNSURE, judge, near, objection, to_whole_numbers
from annotation.images.likeness import Verdict


def vectors(seed, rows, size):
    """Draw vectors of length one, half of them close to one of the others."""
    chance = np.random.default_rng(seed)
    drawn = chance.normal(size=(rows, size))
    drawn[rows // 2 :] = drawn[: rows - rows // 2] + chance.uniform(0, 2) * drawn[rows // 2 :]
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype("<f4")


@pytest.mark.parametrize(
    ("cosine", "verdict"),
    [(1000, Verdict.SAME), (750, Verdict.SAME), (749, Verdict.UNSURE), (500, Verdict.UNSURE), (499, Verdict.OTHER)],
)
def test_a_cosine_is_judged_by_two_thresholds(cosine, verdict):
    assert (SURE, UNSURE) == (750, 500)
    assert judge(cosine) == verdict


@given(st.integers(0, 2**32), st.sampled_from([2, 48, 512, 1024]))
def test_pairs_are_those_whose_cosine_reaches_and_each_cosine_is_right_to_a_thousandth(seed, size):
    rows = vectors(seed, 12, size)
    some, others = (to_whole_numbers([row.tobytes() for row in part]) for part in (rows[:4], rows))
    found = {(row, column): cosine for cosine, row, column in near(some, others)}
    exact = 1000 * rows[:4].astype(np.float64) @ rows.T.astype(np.float64)
    assert all(abs(cosine - exact[place]) < 1.2 for place, cosine in found.items())
    assert all(place in found for place in zip(*np.nonzero(exact > UNSURE + 1), strict=True))
    assert all(found[row, row] == 1000 for row in range(4))


@given(st.integers(0, 2**32), st.sampled_from([48, 512, 1024]))
def test_sums_are_exact_in_single_precision(seed, size):
    rows = to_whole_numbers([row.tobytes() for row in vectors(seed, 10, size)])
    exact = rows.astype(np.int64) @ rows.T.astype(np.int64)
    assert (rows @ rows.T == exact).all()
    assert np.abs(exact).max() < 2**24
    order = np.random.default_rng(seed).permutation(size)
    assert (rows[:, order] @ rows[:, order].T == exact).all()


def test_a_vector_along_one_axis_uses_all_steps():
    assert to_whole_numbers([np.array([0, -1, 0], "<f4").tobytes()]).tolist() == [[0, -STEPS, 0]]


@pytest.mark.parametrize(
    ("vector", "reason"),
    [
        (b"", "4 bytes a number, not 0"),
        (b"abcde", "4 bytes a number, not 5"),
        (np.array([1, 1], "<f4").tobytes(), "length 1, not 1.41421"),
        (np.array([np.nan, 1], "<f4").tobytes(), "length 1, not nan"),
        (np.array([0.6, 0.8], "<f4").tobytes(), ""),
    ],
)
def test_what_is_no_embedding_is_told(vector, reason):
    assert reason in objection(vector)
    assert bool(reason) == bool(objection(vector))
