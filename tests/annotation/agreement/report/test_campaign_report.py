"""Everything that a report says of a campaign beside its headline, on panels whose truth is known."""

import json
import random

import numpy as np
import pytest

from annotation.agreement.raters import halo
from annotation.agreement.report import comparability as meaning
from annotation.agreement.report import contrasts, exclusions, scopes
from annotation.agreement.report import descriptives as looks
from annotation.agreement.report.campaign_report import SECTIONS, ReportContents, figures
from annotation.agreement.report.fields import coefficient, measure_field
from annotation.agreement.report.panel import HOLISTIC
from tests.harness.panels import CALLIGRAPHY, FIELDS, PHOTOGRAPH, RUBRIC, make_panel

DRAWS = {"seed": 1, "replicates": 100}


def measured(panel):
    """Measure alpha of every field, and the rest of the holistic score alone."""
    found = {
        name: coefficient(FIELDS.ratings(name, panel.own_annotations()), FIELDS.level(name), **DRAWS)
        | {"details": None}
        for name in FIELDS.all
    }
    return found | {HOLISTIC: measure_field(FIELDS.ratings(HOLISTIC, panel.own_annotations()), "interval", **DRAWS)}


def parts_by(panel, by, period="months"):
    return scopes.pool_parts(scopes.parts(panel, FIELDS, by, period), FIELDS, by)


# The whole.


def test_the_order_of_answers_changes_nothing_and_json_can_carry_it():
    panel = make_panel({PHOTOGRAPH: 11, CALLIGRAPHY: 10}, arm=lambda rater: "reveal" if rater else "blind")
    shuffled = list(panel.annotations)
    random.Random(3).shuffle(shuffled)
    one, two = (figures(each, RUBRIC, ReportContents(replicates=60)) for each in (panel, panel.keep(shuffled)))
    assert json.dumps(one, allow_nan=False) == json.dumps(two, allow_nan=False)
    assert set(SECTIONS) <= one.keys()
    assert one["n_annotations"] == 63


def test_only_the_sections_asked_for_are_computed():
    found = figures(make_panel({PHOTOGRAPH: 12}), RUBRIC, ReportContents(sections=["widest"], replicates=20))
    assert "widest" in found
    assert not {"scopes", "scopes_method", "halo", "meaning"} & found.keys()


# Scopes.


def test_small_subcategories_are_pooled_within_their_category_and_named():
    found = parts_by(make_panel({PHOTOGRAPH: 12, "portrait": 6, "movie_still": 5, CALLIGRAPHY: 4}), "subcategory")
    assert list(found) == [PHOTOGRAPH, "rest of photography", CALLIGRAPHY]
    assert found["rest of photography"][0] == ["movie_still", "portrait"]


def test_a_part_that_cannot_be_pooled_says_how_many_more_images_it_needs():
    panel = make_panel({PHOTOGRAPH: 14, CALLIGRAPHY: 3})
    rows = scopes.measure_scopes(panel, FIELDS, ["category"], period="months", **DRAWS)
    small = next(row for row in rows if row["n_images"] == 3 and row["field"] == HOLISTIC)
    assert small["lower"] is None
    assert small["more_images"] == 7
    assert "too few images" in small["note"]


@pytest.mark.parametrize(
    ("n", "interval", "more"),
    [
        (50, [0.3, 0.7], (150, False)),
        (50, [0.45, 0.55], (0, False)),
        (10, [0.1, 0.9], (150, False)),
        (10, [-9.0, 0.9], (10_000, True)),
        (10, [-1e300, 1e300], (10_000, True)),
        (4, None, (6, False)),
        (40, None, (None, False)),
    ],
)
def test_the_number_of_images_needed_follows_the_width_and_is_never_absurd(n, interval, more):
    assert scopes.images_needed(n, interval) == more


def test_periods_are_months_where_answers_span_several_else_halves():
    long, short = make_panel({PHOTOGRAPH: 30}, days=80), make_panel({PHOTOGRAPH: 30}, days=9)
    assert (scopes.period_of(long), scopes.period_of(short)) == ("months", "halves")
    assert list(parts_by(long, "period")) == ["2026-03", "2026-04", "2026-05"]
    halves = parts_by(short, "period", "halves")
    assert [len(annotations) for _, annotations in halves.values()] == [45, 45]


def test_answers_are_told_apart_by_expertise_and_by_rubric_version():
    panel = make_panel({PHOTOGRAPH: 30}, raters=6, k=5)
    assert list(parts_by(panel, "expertise")) == ["all", "photography"]
    assert list(parts_by(panel, "rubric_version")) == ["1"]


def test_a_report_can_be_narrowed_to_where_several_scopes_meet():
    panel = make_panel({PHOTOGRAPH: 20, CALLIGRAPHY: 20}, days=9)
    narrowed = scopes.narrow_panel(panel, FIELDS, {"subcategory": CALLIGRAPHY, "period": "second half"}, "")
    assert {panel.subcategories[annotation.image] for annotation in narrowed.annotations} == {CALLIGRAPHY}
    assert 0 < len(narrowed.annotations) < 61
    with pytest.raises(ValueError, match="scope: colour is unknown; accepted: category, subcategory, period"):
        scopes.narrow_panel(panel, FIELDS, {"colour": "red"}, "")
    with pytest.raises(ValueError, match="has no answers; there are: first half, second half"):
        scopes.narrow_panel(panel, FIELDS, {"period": "2026-13"}, "")


# The same meaning everywhere.


def shifts(*, stricter):
    def shift(rater, kind, turn):
        return stricter if rater == 1 and kind == CALLIGRAPHY else 0.0

    panel = make_panel({PHOTOGRAPH: 60, CALLIGRAPHY: 60}, shift=shift, noise=0.6)
    return next(row for row in meaning.meanings(panel, FIELDS) if row["field"] == HOLISTIC)


def test_a_rater_stricter_in_one_category_is_found_with_an_interval():
    found = shifts(stricter=1.5)
    worst = found["shifts"][0]
    assert worst["rater"] == "R1"
    assert worst["low"] < (1.5 if worst["category"] != "photography" else -1.5) < worst["high"]
    assert found["spread"] > 0.3
    assert "does not mean the same" in found["note"]
    assert 3 <= found["anchors_per_category"] <= 200
    assert f"{found['anchors_per_category']} anchor images" in found["anchors_note"]


def test_raters_alike_in_every_category_are_not_accused():
    found = shifts(stricter=0.0)
    assert found["differing"] == 0
    assert "no rater is stricter" in found["note"]


# Arms.


def difference(anchoring):
    panel = make_panel({PHOTOGRAPH: 80}, anchoring=anchoring, arm=lambda rater: "reveal")
    rows = contrasts.by_annotations(panel, FIELDS, **DRAWS)
    return next(row for row in rows if row["field"] == HOLISTIC and row["annotations"] == "final")


def test_answers_anchored_to_the_model_agree_more_and_the_difference_has_an_interval():
    found = difference(0.5)
    assert found["difference"] > 0
    assert 0 < found["difference_lower"] < found["difference"] < found["difference_upper"]
    assert "paired by image" in found["difference_method"]


def test_answers_that_nobody_revised_differ_by_nothing():
    found = difference(0.0)
    assert (found["difference"], found["difference_lower"], found["difference_upper"]) == (0, 0, 0)


def test_assisted_answers_stand_beside_the_headline_and_never_in_it():
    panel = make_panel(
        {PHOTOGRAPH: 40}, raters=6, k=4, anchoring=0.5, arm=lambda rater: "assisted" if rater > 2 else "blind"
    )
    rows = {
        row["annotations"]: row for row in contrasts.by_annotations(panel, FIELDS, **DRAWS) if row["field"] == HOLISTIC
    }
    assert rows["first"]["n_raters"] == rows["assisted"]["n_raters"] == 3
    assert rows["all_final"]["n_raters"] == 6
    assert "independent draws" in rows["assisted"]["difference_method"]


def test_carry_over_is_said_and_a_blind_panel_stands_beside():
    mixed = make_panel({PHOTOGRAPH: 30}, arm=lambda rater: "blind" if rater < 3 else "reveal")
    found = contrasts.blind_panel(mixed, FIELDS, **DRAWS)
    assert (found["raters"], found["raters_who_saw_a_model"]) == (3, 2)
    assert {row["field"] for row in found["fields"]} == set(FIELDS.all)
    assert "3 people never saw a model here" in found["note"]
    everyone = contrasts.blind_panel(make_panel({PHOTOGRAPH: 5}, arm=lambda rater: "reveal"), FIELDS, **DRAWS)
    assert "Nobody here answers blind only" in everyone["note"]


def test_the_share_moved_by_the_reveal_is_recovered():
    panel = make_panel({PHOTOGRAPH: 60}, anchoring=0.4, arm=lambda rater: "reveal" if rater % 2 else "blind", raters=8)
    found = contrasts.anchoring_by_arm(panel, FIELDS)["overall_gestalt"]["reveal"]["revised"]
    assert found["value"] == pytest.approx(0.4, abs=0.05)


def test_halo_leaves_out_each_image_as_by_hand():
    scores = np.random.default_rng(2).normal(size=(15, 4))
    by_hand = [halo._mean_correlation(np.delete(scores, row, axis=0)) for row in range(15)]
    assert halo._without_each(scores) == pytest.approx(by_hand, abs=1e-12)


# With and without.


def test_a_rater_who_answers_at_random_is_flagged_and_agreement_without_them_is_higher():
    panel = make_panel({PHOTOGRAPH: 80}, raters=6, k=4, random_rater=2)
    fields = measured(panel)
    found = exclusions.exclusion_figures(panel, FIELDS, fields, {}, **DRAWS)
    assert [(row["rater"], row["by"]) for row in found["raters"]] == [("R2", "rule")]
    holistic = next(row for row in found["fields"] if row["field"] == HOLISTIC)
    assert holistic["alpha"] > holistic["alpha_with"] + 0.1
    assert holistic["n_raters"] == 5


def test_named_raters_and_images_are_left_out_with_their_reasons():
    panel = make_panel({PHOTOGRAPH: 20})
    image = panel.annotations[0].image
    named = {"raters": {"R0": "in training"}, "images": {image: "a duplicate"}}
    found = exclusions.exclusion_figures(panel, FIELDS, measured(panel), named, **DRAWS)
    assert found["raters"] == [{"rater": "R0", "by": "named", "reason": "in training"}]
    assert found["images"] == [{"image": image, "reason": "a duplicate"}]
    assert found["fields"][0]["n_raters"] == 4


def test_nobody_flagged_means_no_second_table():
    panel = make_panel({PHOTOGRAPH: 30})
    found = exclusions.exclusion_figures(panel, FIELDS, measured(panel), {}, **DRAWS)
    assert (found["raters"], found["fields"]) == ([], [])


# What figures come from.


def test_the_widest_disagreements_come_first_and_are_few():
    rows = [row for row in looks.widest(make_panel({PHOTOGRAPH: 60}), FIELDS) if row["field"] == HOLISTIC]
    assert len(rows) == looks.WIDEST
    assert [row["range"] for row in rows] == sorted((row["range"] for row in rows), reverse=True)
    assert all(row["range"] == pytest.approx(row["high"] - row["low"]) for row in rows)


def test_distributions_count_every_answer_once():
    panel = make_panel({PHOTOGRAPH: 9, CALLIGRAPHY: 5})
    rows = [row for row in looks.distributions(panel, FIELDS) if row["field"] == "overall_gestalt"]
    assert {row["subcategory"]: sum(row["counts"]) for row in rows} == {PHOTOGRAPH: 27, CALLIGRAPHY: 15}
    assert all(len(row["counts"]) == 21 for row in rows)


def test_a_planted_drift_stands_in_its_raters_row_with_a_standard_error():
    def shift(rater, kind, turn):
        return -turn / 50 if rater == 0 else 0.0

    rows = looks.drift(measured(make_panel({PHOTOGRAPH: 120}, shift=shift, noise=0.5)))
    first = next(row for row in rows if row["rater"] == "R0")
    assert first["low"] < 2 < first["high"]
    assert first["unit"] == "100 ratings"
    assert 0 < first["error"] < 0.6


def test_the_model_is_set_against_people_where_it_gives_scores():
    rows = looks.model_against_humans(make_panel({PHOTOGRAPH: 60}), FIELDS, **DRAWS)
    assert [row["field"] for row in rows] == list(RUBRIC.by_key)
    assert rows[0]["alt_test_0.2"]["n_raters"] == 5
    assert rows[0]["band"]["spearman"] > 0.3
    blind = make_panel({PHOTOGRAPH: 5})
    assert looks.model_against_humans(type(blind)(blind.annotations, blind.subcategories), FIELDS, **DRAWS) == []
