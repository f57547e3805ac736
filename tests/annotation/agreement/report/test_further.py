"""What only one table is asked for: second opinions, each the published value, or null with the reason."""

import numpy as np
import pytest

from annotation.agreement.ratings import Ratings
from annotation.agreement.report.further import further
from annotation.agreement.report.table import report
from tests.harness import published_tables


def published(name, stat, weights="identity"):
    [value] = [
        entry["value"]
        for table, entry in published_tables.expected(stat)
        if table == name and entry.get("weights") == weights
    ]
    return value


def test_kappas_of_labels_are_the_published_ones():
    figures = report(published_tables.ratings("fleiss_1971_diagnoses"), "nominal", replicates=100)["further"]
    assert figures["brennan_prediger"]["value"] == pytest.approx(
        published("fleiss_1971_diagnoses", "brennan_prediger"), abs=1e-6
    )
    assert figures["conger_kappa"]["value"] == pytest.approx(
        published("fleiss_1971_diagnoses", "conger_kappa"), abs=1e-6
    )
    assert figures["light_kappa"] == pytest.approx(published("fleiss_1971_diagnoses", "light_kappa", None), abs=1e-6)
    assert figures["fleiss_kappa_z"] == pytest.approx(
        published("fleiss_1971_diagnoses", "fleiss_kappa_z", None), abs=1e-3
    )
    assert len(figures["cohen_kappa_by_pair"]) == 15
    by_category = published("fleiss_1971_diagnoses", "fleiss_kappa_by_category", None)
    assert list(figures["fleiss_kappa_by_category"].values()) == pytest.approx(
        [by_category[name] for name in sorted(by_category)], abs=1e-3
    )


def test_categories_taken_for_each_other_are_krippendorffs_coincidences():
    """Krippendorff (2011), the example with four observers: the matrix of coincidences."""
    table = further(published_tables.ratings("krippendorff_canonical"), "nominal")["confusion"]["table"]
    third = 1 / 3
    assert np.array(table) == pytest.approx(
        np.array(
            [
                [7, 4 * third, third, third, 0],
                [4 * third, 10, 4 * third, third, 0],
                [third, 4 * third, 8, third, 0],
                [third, third, third, 4, 0],
                [0, 0, 0, 0, 3],
            ]
        )
    )


def test_numbers_have_correlations_and_scores_with_the_raters_taken_out():
    figures = further(published_tables.ratings("rater_screening_a"), "interval")
    [(_, biases)] = published_tables.expected("p913_bias")
    assert list(figures["unbiased_means"]["biases"].values()) == pytest.approx(biases["value"], abs=1e-6)
    [(_, biases)] = published_tables.expected("p910_ap_bias")
    assert [rater["bias"] for rater in figures["subjective_model"]["raters"]] == pytest.approx(
        biases["value"], abs=biases["tol"]
    )
    anxiety = further(published_tables.ratings("irr_anxiety"), "ordinal")
    assert set(anxiety) == {"mean_correlation"}
    assert anxiety["mean_correlation"]["pearson"] == pytest.approx(
        published("irr_anxiety", "mean_pairwise_pearson", None), abs=1e-7
    )


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_a_table_without_ratings_has_none_of_them(level):
    figures = report(Ratings.of([], [], []), level, replicates=100)["further"]
    assert not [name for name, figure in figures.items() if isinstance(figure, float)]
