"""The bias and inconsistency model gives the reference code's figures and finds the careless rater."""

import numpy as np
import pytest

from annotation.agreement.raters.subjective import subjective
from annotation.agreement.ratings import Ratings
from annotation.agreement.study.simulate import Plan, simulate
from tests.harness.reference import expected, table_ratings


def test_the_reference_case():
    values = expected("rater_screening_a")
    model = subjective(table_ratings("rater_screening_a"))
    assert [each.score for each in model.units] == pytest.approx(values["p910_ap_mos"], abs=1e-5)
    assert [each.bias for each in model.raters] == pytest.approx(values["p910_ap_bias"], abs=1e-5)
    assert [each.inconsistency for each in model.raters] == pytest.approx(values["p910_ap_inconsistency"], abs=1e-5)
    assert model.note == ""


def test_the_careless_rater_counts_for_less():
    sample = simulate(Plan(units=150, raters=8, k=6, rater_sd=0.0, noise_of=((0, 4.0),)), seed=1)
    model = subjective(sample.ratings)
    scores = np.array([each.score for each in model.units])
    means = np.bincount(sample.ratings.unit, sample.ratings.value) / 6
    assert np.std(scores - sample.quality) < 0.75 * np.std(means - sample.quality)
    assert model.raters[0].inconsistency == pytest.approx(4, abs=0.8)
    n_covered = [each.low <= truth <= each.high for each, truth in zip(model.units, sample.quality, strict=True)]
    assert np.mean(n_covered) > 0.85


def test_what_cannot_be_told_says_why():
    assert "fewer than two raters" in subjective(table_ratings([[1], [2]])).note
    assert subjective(Ratings.of([], [], [])).units == ()
