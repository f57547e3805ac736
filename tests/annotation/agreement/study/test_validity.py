"""The study of our own statistics counts rightly in the short form and finds honest intervals in the long one."""

import io
import json
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from annotation.agreement.study import validity
from annotation.agreement.study.validity import ANCHORING_PLANS, BAD_RATER_PLANS, DESIGNS, Coverage, Detection, markdown


def test_the_short_form_draws_measures_and_writes_a_page():
    plan = replace(DESIGNS[1], units=40)
    severity = validity.study_severity(plan, sets=6, seed=1)
    coverages = [
        *validity.study_alpha(plan, sets=6, seed=1),
        *validity.study_components(plan, sets=6, seed=1),
        *severity,
        *validity.study_anchoring(replace(ANCHORING_PLANS[1], units=60), sets=3, seed=1),
    ]
    assert all(each.covered >= 0.5 for each in coverages)
    assert [each.sets for each in coverages] == [6] * 9 + [3] * 2
    assert severity == validity.study_severity(plan, sets=6, seed=1) != validity.study_severity(plan, sets=6, seed=2)
    careless = validity.study_careless(BAD_RATER_PLANS[1], sets=4, seed=1)
    assert careless.found > careless.false_alarms
    page = markdown(coverages, [careless], sets=6, seed=1)
    assert "| ICC(A,1) | 40 x 5, 3 |" in page
    assert "| alpha, raters like these | 40 x 5, 3 |" in page
    assert "## Anchoring toward the model" in page
    assert max(map(len, page.split("|", 1)[0].splitlines())) <= 120


def test_coverage_counts_what_held_and_what_was_refused():
    rows = [(1.0, 0.5, 1.5), (2.0, 1.5, 2.5), None, (1.0, 0.0, 2.0)]
    coverage = validity._coverage("x", BAD_RATER_PLANS[0], 1.0, rows)
    assert (coverage.sets, coverage.refused, coverage.covered) == (4, 1, pytest.approx(2 / 3))
    assert (coverage.bias, coverage.width) == (pytest.approx(1 / 3), pytest.approx(4 / 3))


def test_the_page_tells_anchoring_from_components():
    row = Coverage("x", ANCHORING_PLANS[0], 0.0, 10, 0, 0.0, 0.1, 0.95, 0.4)
    page = markdown([row], [Detection("y", BAD_RATER_PLANS[0], 10, 30.0, 0.5, 0.05)], sets=10, seed=1)
    before, after = page.split("## Anchoring toward the model")
    assert "| x |" not in before
    assert "| x |" in after
    assert "| y | 80 | 30 | 50 % | 5.0 % |" in after


def test_the_command_refuses_a_study_of_nothing():
    with pytest.raises(CommandError, match="--sets takes"):
        call_command("study_validity", "--sets=1")


def test_the_truth_of_these_raters_is_what_many_units_come_to():
    coverage = validity.study_alpha(replace(DESIGNS[0], units=6_000), sets=2, seed=1)[0]
    assert abs(coverage.bias) < 0.02
    assert coverage.width < 0.06


@pytest.mark.soak
def test_both_intervals_of_alpha_cover_in_a_thousand_sets_a_design():
    chance = 3 * (0.95 * 0.05 / 1000) ** 0.5
    for plan in DESIGNS:
        these, like = validity.study_alpha(plan, sets=1000, seed=1)
        assert like.covered >= 0.92 - 3 * (0.92 * 0.08 / 1000) ** 0.5, like
        if plan.units >= 100:
            assert abs(these.covered - 0.95) <= chance, these


@pytest.mark.soak
def test_intervals_cover_in_the_long_form(tmp_path):
    out = io.StringIO()
    call_command("study_validity", "--sets=400", "--json", stdout=out)
    coverage = json.loads(out.getvalue())
    for row in coverage["coverage"]:
        if row["estimate"].startswith(("ICC", "share", "difference", "severity")):
            assert 0.88 <= row["covered"] <= 1.0, row
        assert abs(row["bias"]) < row["spread"], row
    for row in coverage["detection"]:
        assert row["false_alarms"] < 0.1, row
        if row["plan"]["units"] == 500:
            assert row["found"] > 0.9, row
