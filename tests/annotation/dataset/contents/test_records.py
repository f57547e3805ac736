import pytest

from annotation.dataset.contents.aggregates import Mean, aggregate, corrected_mean, mean_of, severities_of
from annotation.dataset.contents.records import ConsensusRecord, JudgementRecord
from annotation.dataset.format.canonical import line, page, round_figures
from tests.harness.release_samples import RUBRIC, annotation, image


def scores_of(*annotations):
    return image(1, annotations=annotations).row(RUBRIC)


def test_a_mean_has_two_decimals_and_its_standard_error_six_digits():
    assert mean_of([7, 8, 7.5, 9]) == Mean(7.88, 4, 0.426956)


def test_severity_is_put_back_score_by_score():
    severities = {"strict": 1.5, "mild": -0.5}
    assert corrected_mean([("strict", 4), ("mild", 7)], severities) == 6
    assert corrected_mean([("strict", 4)], severities) == 5.5
    assert corrected_mean([], severities) is None
    assert corrected_mean([("strict", 4), ("unknown", 7)], severities) is None, "nobody's severity is made up"


def test_severities_are_read_from_a_report_as_far_as_it_states_them():
    raters = [{"rater": "a", "severity": 0.25, "n": 3}, {"rater": "b", "severity": None}]
    report = {"attributes": {"light": {"details": {"raters": raters}}, "depth": {"details": None}}, "holistic": None}
    assert severities_of(report) == {"light": {"a": 0.25}}
    assert severities_of({}) == {}


def test_half_hundredths_go_to_the_even_neighbour():
    assert mean_of([7.01, 7.02]).mean == 7.02
    assert mean_of([7.02, 7.03]).mean == 7.02


def test_one_score_has_no_standard_error_and_none_has_no_mean():
    assert mean_of([7.5]) == Mean(7.5, 1, None)
    assert mean_of([]) == Mean(None, 0, None)


def test_gt_score_is_the_mean_of_the_raters_holistic_scores():
    row = scores_of(annotation("a", 7), annotation("b", 8))
    assert row["gt_score"] == row["holistic"]["mean"] == 7.5
    assert row["scores"]["overall_gestalt"] == {"mean": 7.5, "n": 2, "se": 0.5, "corrected": None}


@pytest.mark.parametrize(
    "outside",
    [
        {"arm": "assisted"},
        {"arm": None, "imported": True},
        {"surplus": True},
        {"repeat": True},
        {"kind": "final"},
    ],
    ids=str,
)
def test_only_first_answers_before_any_model_and_inside_k_count(outside):
    row = scores_of(annotation("a", 7), annotation("b", 2, **outside), annotation("c", 8, arm="reveal"))
    assert row["gt_score"] == 7.5
    assert [given["counted"] for given in row["annotations"]] == [True, False, True]


def test_a_partial_answer_has_null_where_nothing_was_judged():
    partial = annotation("a", judgements={"overall_gestalt": JudgementRecord(6, "")})
    row = scores_of(partial)
    assert row["annotations"][0]["judgements"]["composition_design"] is None
    assert row["scores"]["composition_design"] == {"mean": None, "n": 0, "se": None, "corrected": None}
    assert row["scores"]["overall_gestalt"]["mean"] == 6


def test_the_means_can_be_computed_again_from_the_rows_of_the_answers():
    row = scores_of(annotation("a", 7), annotation("b", 2), annotation("c", 8.5))
    assert aggregate(row["annotations"], None, RUBRIC).items() <= row.items()


def test_json_is_the_same_whatever_the_order_of_keys_and_knows_no_nan():
    assert line({"b": 1.50, "a": "画"}) == '{"a":"画","b":1.5}\n'.encode()
    assert page({"b": 1, "a": 2}) == '{\n  "a": 2,\n  "b": 1\n}\n'
    with pytest.raises(ValueError, match="nan is no score; a finite number"):
        JudgementRecord(float("nan"), "").row()


def test_figures_have_six_significant_digits():
    assert round_figures({"a": [1 / 3, (12345678.9, "x", None, 7)]}) == {"a": [0.333333, [12345700.0, "x", None, 7]]}


def test_an_adjudicated_attribute_replaces_every_raters_score_in_the_released_score():
    consensus = ConsensusRecord("spread", "taste", "Both have a point.", "", {"overall_gestalt": 5.5})
    row = image(1, annotations=(annotation("a", 3), annotation("b", 8)), consensus=consensus).row(RUBRIC)
    assert row["holistic"] == {"mean": 5.5, "n": 2, "se": 2.5, "corrected": None}
    assert row["gt_score"] == mean_of([0.62 * 3 + 0.38 * 5.5, 0.62 * 8 + 0.38 * 5.5]).mean == 5.5
    assert row["gt_source"] == "consensus"


def test_a_consensus_on_the_subcategory_alone_leaves_the_scores_to_the_raters():
    consensus = ConsensusRecord("category", "category", "It is a sketch.", "sketch", {})
    row = image(1, consensus=consensus).row(RUBRIC)
    assert (row["gt_score"], row["gt_source"]) == (7.5, "raters")
