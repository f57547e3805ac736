"""Every published value of the coefficients, to its stated tolerance, and none left out unseen."""

import numpy as np
import pytest

from annotation.agreement.coefficients import alpha, intervals, kappa, ranks
from annotation.agreement.report import design
from tests.harness import published_tables as cases

# What is tested here; with the two tables below it names every statistic of the published tables.
HERE = {
    "krippendorff_alpha", "alpha_leave_one_rater_out", "jackknife_se_units", "bootstrap_ci95_percentile_units",
    "pairwise_agreement", "pairwise_agreement_weighted", "gwet_ac1", "gwet_ac2", "fleiss_kappa_gwet_incomplete",
    "brennan_prediger", "fleiss_kappa", "fleiss_kappa_z", "fleiss_kappa_by_category", "conger_kappa", "light_kappa",
    "cohen_kappa", "scott_pi", "kendall_W_tie_corrected", "kendall_W_uncorrected", "kendall_W_chisq",
    "mean_pairwise_spearman", "mean_pairwise_pearson", "rater_vs_rest_correlation", "k_harmonic",
}  # fmt: skip


def params(*stats):
    return [
        pytest.param(name, entry, id=f"{name}-{entry['stat']}-{entry.get('level') or entry.get('weights') or n}")
        for n, (name, entry) in enumerate(cases.expected(*stats))
    ]


def data(name, entry):
    return cases.ratings(name, entry.get("rows"))


@pytest.mark.parametrize(("name", "entry"), params("krippendorff_alpha"))
def test_alpha(name, entry):
    estimate = alpha.alpha(data(name, entry), entry["level"]).value
    assert estimate == pytest.approx(entry["value"], **cases.tolerance(entry))


@pytest.mark.parametrize(("name", "entry"), params("alpha_leave_one_rater_out"))
def test_alpha_without_each_rater(name, entry):
    value = alpha.without_each_rater(alpha.Pairable.of(data(name, entry)), entry["level"])
    assert list(value.values()) == pytest.approx(entry["value"], **cases.tolerance(entry))


@pytest.mark.parametrize(("name", "entry"), params("jackknife_se_units"))
def test_the_jackknife_over_units(name, entry):
    sums = alpha.disagreement(alpha.Pairable.of(data(name, entry)), entry["level"])
    left_out = intervals.leave_out(sums)
    error = np.sqrt(intervals.jackknife_variance(left_out))
    assert error == pytest.approx(entry["value"], **cases.tolerance(entry))
    n = len(left_out)
    corrected = n * sums.alpha() - (n - 1) * left_out.mean()
    assert corrected == pytest.approx(entry["jackknife_bias_corrected"], abs=1e-9)


@pytest.mark.parametrize(("name", "entry"), params("bootstrap_ci95_percentile_units"))
def test_the_bootstrap_over_units(name, entry):
    sums = alpha.disagreement(alpha.Pairable.of(data(name, entry)), entry["level"])
    draws = intervals.draw(sums, seed=1, replicates=10_000)
    assert np.quantile(draws, [0.025, 0.975]) == pytest.approx(entry["value"], **cases.tolerance(entry))
    if "bca" in entry:
        value = intervals.bca(sums.alpha(), draws, intervals.leave_out(sums), 0.95)
        assert value == pytest.approx(entry["bca"], abs=0.015)


CORRECTED = {
    "gwet_ac1": kappa.gwet,
    "gwet_ac2": kappa.gwet,
    "fleiss_kappa_gwet_incomplete": kappa.fleiss,
    "brennan_prediger": kappa.brennan_prediger,
    "fleiss_kappa": kappa.fleiss,
    "scott_pi": kappa.fleiss,
}


@pytest.mark.parametrize(("name", "entry"), params(*CORRECTED))
def test_agreement_corrected_for_chance(name, entry):
    estimate = CORRECTED[entry["stat"]](kappa.Counts.of(data(name, entry)), entry.get("weights", "identity"))
    assert estimate.value == pytest.approx(entry["value"], **cases.tolerance(entry))
    if "se_units" in entry:
        assert estimate.error == pytest.approx(entry["se_units"], abs=entry["se_tol"])


@pytest.mark.parametrize(("name", "entry"), params("pairwise_agreement", "pairwise_agreement_weighted"))
def test_agreement_of_pairs(name, entry):
    counts = kappa.Counts.of(data(name, entry))
    value = np.nanmean(kappa.agreement_by_unit(counts, kappa.weight_matrix(counts.values, entry["weights"])))
    assert value == pytest.approx(entry["value"], **cases.tolerance(entry))
    if entry["weights"] == "identity":
        assert design.raw_agreement(data(name, entry)).exact == pytest.approx(entry["value"], abs=1e-9)


@pytest.mark.parametrize(("name", "entry"), params("conger_kappa"))
def test_conger(name, entry):
    estimate = kappa.conger(data(name, entry), entry.get("weights", "identity")).value
    assert estimate == pytest.approx(entry["value"], **cases.tolerance(entry))


@pytest.mark.parametrize(("name", "entry"), params("light_kappa"))
def test_light(name, entry):
    assert kappa.light(data(name, entry)) == pytest.approx(entry["value"], **cases.tolerance(entry))


@pytest.mark.parametrize(("name", "entry"), params("cohen_kappa"))
def test_cohen(name, entry):
    one, other = entry.get("raters", [0, 1])
    table = ranks.complete_table(data(name, entry))
    value = kappa.cohen(table[:, one], table[:, other], entry.get("weights", "identity"))
    assert value == pytest.approx(entry["value"], **cases.tolerance(entry))


def test_fleiss_against_chance_and_by_category():
    counts = kappa.Counts.of(cases.ratings("fleiss_1971_diagnoses"))
    [(_, z)] = cases.expected("fleiss_kappa_z")
    assert kappa.fleiss_z(counts) == pytest.approx(z["value"], **cases.tolerance(z))
    [(_, entry)] = cases.expected("fleiss_kappa_by_category")
    value = dict(zip(sorted(entry["value"]), kappa.fleiss_by_category(counts), strict=True))
    assert value == pytest.approx(entry["value"], **cases.tolerance(entry))


CONCORDANCE = {
    "kendall_W_tie_corrected": "corrected",
    "kendall_W_uncorrected": "uncorrected",
    "kendall_W_chisq": "chi_squared",
}


@pytest.mark.parametrize(("name", "entry"), params(*CONCORDANCE))
def test_kendall(name, entry):
    value = getattr(ranks.kendall(data(name, entry)), CONCORDANCE[entry["stat"]])
    assert value == pytest.approx(entry["value"], **cases.tolerance(entry))


@pytest.mark.parametrize(("name", "entry"), params("mean_pairwise_pearson", "mean_pairwise_spearman"))
def test_mean_correlations(name, entry):
    value = ranks.mean_correlation(data(name, entry))[entry["stat"] == "mean_pairwise_spearman"]
    assert value == pytest.approx(entry["value"], abs=1e-7)  # The oracle prints what it rounded.


@pytest.mark.parametrize(("name", "entry"), params("rater_vs_rest_correlation"))
def test_each_rater_with_the_rest(name, entry):
    value = [[one.pearson, one.spearman, one.n] for one in ranks.with_rest(data(name, entry))]
    assert np.array(value, dtype=float) == pytest.approx(np.array(entry["value"], dtype=float), abs=1e-9)


@pytest.mark.parametrize(("name", "entry"), params("k_harmonic"))
def test_the_harmonic_number_of_ratings(name, entry):
    value = design.describe(data(name, entry)).per_unit_harmonic
    assert value == pytest.approx(entry["value"], **cases.tolerance(entry))


EDGES = {case["name"]: case for case in cases.load("edge_cases_a")["data"]}


def edge(name):
    return cases.from_rows(EDGES[name]["data"])


@pytest.mark.parametrize("level", alpha.LEVELS)
def test_equal_ratings_have_raw_agreement_and_nothing_else(level):
    same = edge("all ratings equal")
    assert (alpha.alpha(same, level).value, alpha.alpha(same, level).note) == (None, alpha.NO_VARIATION)
    assert design.raw_agreement(same).exact == 1
    for coefficient in CORRECTED.values():
        assert coefficient(kappa.Counts.of(same)).value is None


def test_perfect_agreement_has_an_interval_of_its_own():
    perfect = edge("perfect agreement with variation")
    assert alpha.alpha(perfect, "interval").value == 1
    many = cases.from_rows([[n % 3, n % 3] for n in range(20)])
    estimate = intervals.these_raters(many, "nominal", seed=1)
    assert (estimate.low, estimate.high) == (pytest.approx(0.025 ** (1 / 20)), 1)
    assert "Clopper-Pearson" in estimate.method
    four = cases.from_rows([[n % 3] * 4 for n in range(20)])
    assert intervals.raters_like_these(four, "nominal").note == intervals.ALL_AGREE


def test_without_pairs_the_reason_is_given():
    alone = edge("no unit has two ratings")
    assert (alpha.alpha(alone, "interval").value, alpha.alpha(alone, "interval").note) == (None, alpha.NO_PAIRS)
    assert kappa.gwet(kappa.Counts.of(alone)).note == kappa.NO_PAIRS


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("one pairable unit", "interval"),
        ("systematic disagreement", "nominal"),
        ("adding single-rated units changes nothing", "interval"),
        ("zero on a ratio scale", "ratio"),
    ],
)
def test_edges_with_a_value(name, level):
    assert alpha.alpha(edge(name), level).value == pytest.approx(EDGES[name]["expect"][f"krippendorff_alpha_{level}"])
    assert intervals.these_raters(edge(name), level, seed=1).low is None


def test_too_few_raters_for_other_raters():
    three = cases.from_rows([[n % 4, (n + 1) % 4, n % 4] for n in range(30)])
    assert intervals.raters_like_these(three, "interval").note == intervals.TOO_FEW_RATERS


def test_the_page_of_published_tables_is_what_the_engine_gives():
    page = (cases.TABLES.parents[1] / "docs" / "reliability.md").read_text(encoding="utf-8")
    for name, entry in cases.expected("krippendorff_alpha"):
        if "rows" not in entry:
            estimate = alpha.alpha(cases.ratings(name), entry["level"]).value
            assert f"| {cases.load(name)['title']} | {entry['level']} | {estimate:.6f} |" in page


# Tested in test_components, test_icc, test_severity, test_retest, test_alt_test, test_subjective, test_screening.
ELSEWHERE = {
    "ICC(1)", "ICC(A,1)", "ICC(A,k)", "ICC(C,1)", "ICC(C,k)", "ICC(1)_reml", "ICC(A,1)_reml", "ICC(A,k)_reml",
    "ICC(C,1)_reml", "ICC(C,k)_reml", "ICC(Q,k)_reml", "alt_test", "blup_rater", "blup_unit", "decision_study",
    "mean_gls", "oneway_reml_var_residual", "oneway_reml_var_unit", "p910_ap_bias", "p910_ap_inconsistency",
    "p910_ap_mos", "putka_q", "reml3_ICC_intra", "reml3_var_rater", "reml3_var_resid",
    "reml3_var_unit", "reml3_var_unit_rater", "reml_deviance", "reml_var_rater", "reml_var_residual", "reml_var_unit",
    "retest_n", "retest_sd_diff", "severity_units_random", "ICC(1,k)", "bt500_P", "bt500_Q", "bt500_rejected_raters",
    "bt500_first_ratio_own_count", "p913_bias", "p913_bias_removed_mos", "reml3_ICC_inter_A1", "reml3_SEM_intra",
    "retest_ICC1", "retest_pearson", "retest_within_sd",
}  # fmt: skip
# Given by the product in another way, each for a reason.
OTHERWISE = {
    # lme4 profiles the likelihood without REML; our intervals of components come from the REML information, and what
    # they cover is in docs/validity.md.
    "profile_ci95_sd",
    # Units are random in ours (severity_units_random), which also uses what units tell of each other.
    "severity_both_fixed",
    # Screening leaves raters in and reports results with and without them; the means of who is left are plain means.
    "mos_after_rejection",
}


def test_no_statistic_of_the_tables_is_passed_over_unseen():
    there = {entry["stat"] for name in cases.names() for entry in cases.load(name).get("expected", [])}
    assert there == HERE | ELSEWHERE | OTHERWISE
