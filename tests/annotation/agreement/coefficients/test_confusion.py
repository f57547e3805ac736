"""The confusion of categories counts pairs as alpha does and names the cells that matter."""

import numpy as np
import pytest

from annotation.agreement.coefficients.confusion import confusion
from annotation.agreement.ratings import Ratings
from tests.harness.reference import table_ratings

ROWS = [[0, 0, 1], [1, 1, None], [2, 1, 2], [0, 0, 0], [3, None, None]]


def test_the_table_is_symmetric_and_sums_to_the_pairable_answers():
    result = confusion(table_ratings(ROWS))
    table = np.array(result.table)
    assert np.array_equal(table, table.T)
    assert table.sum() == pytest.approx(11)
    assert (result.n_units, result.n_ratings, result.categories) == (4, 11, ("0", "1", "2"))
    assert table == pytest.approx(np.array([[4, 1, 0], [1, 2, 1], [0, 1, 1]]))


def test_cells_are_named_and_ordered_by_how_often_they_meet():
    table = confusion(table_ratings(ROWS), {0.0: "oil", 1.0: "ink", 2.0: "wash"})
    assert [(cell.first, cell.second) for cell in table.cells] == [("ink", "wash"), ("oil", "ink")]
    top = table.cells[0]
    assert (top.pairs, top.share, top.rate) == (2.0, pytest.approx(2 / 11), pytest.approx(2 / 7))
    assert top.low < top.unit_share == 0.25 < top.high


def test_krippendorffs_canonical_disagreement_comes_out_of_the_table():
    """Krippendorff (2011): alpha 113/152 of the 4 x 12 example, from its coincidences."""
    result = confusion(table_ratings("krippendorff_canonical"))
    table = np.array(result.table)
    n, totals = table.sum(), table.sum(axis=0)
    observed, due = n - np.trace(table), (n**2 - (totals**2).sum()) / (n - 1)
    assert 1 - observed / due == pytest.approx(113 / 152, abs=1e-12)


def test_answers_without_a_second_have_no_confusion():
    assert confusion(Ratings.of([1, 2], ["a", "b"], [0, 1])).note == "no unit has answers by two raters"
    assert confusion(Ratings.of([], [], [])).cells == ()
