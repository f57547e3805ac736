"""BT.500's screening and P.913's bias removal are those of the reference code."""

import numpy as np
import pytest

from annotation.agreement.raters.screening import TOO_FEW, bt500, unbiased_means
from tests.harness.reference import expected, table_ratings

CASE = table_ratings("rater_screening_a")
VALUES = expected("rater_screening_a")


def test_scores_beyond_the_limits_are_counted_as_the_reference_counts_them():
    screening = bt500(CASE)
    assert screening.n_above.tolist() == VALUES["bt500_P"]
    assert screening.n_below.tolist() == VALUES["bt500_Q"]
    assert screening.share == pytest.approx(VALUES["bt500_first_ratio_own_count"], abs=1e-9)


def test_the_reference_divides_by_all_units_and_rejects_the_random_rater():
    [rejected] = bt500(CASE, of_all_units=True).rejected
    assert CASE.raters.index(rejected) == VALUES["bt500_rejected_raters"][0]


def test_with_few_ratings_a_unit_the_rule_says_that_it_cannot_fire():
    random = np.random.default_rng(1)
    screening = bt500(table_ratings(random.normal(size=(40, 5)).tolist()))
    assert (screening.rejected, screening.note) == ((), TOO_FEW)
    assert screening.n_above.sum() == screening.n_below.sum() == 0


def test_units_on_which_all_agree_put_nobody_outside():
    same = bt500(table_ratings([[5] * 8 for _ in range(10)]))
    assert same.n_above.sum() == same.n_below.sum() == 0


def test_biases_are_taken_off():
    means, bias = unbiased_means(CASE)
    assert means == pytest.approx(VALUES["p913_bias_removed_mos"], abs=1e-6)
    assert bias == pytest.approx(VALUES["p913_bias"], abs=1e-6)
