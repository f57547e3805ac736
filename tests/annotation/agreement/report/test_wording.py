"""What the sentences about a report say."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from annotation.agreement.report.wording import Provenance, methods, more_images, needed_annotations, same_meaning

FIELD = {
    "alpha": 0.6123,
    "interval": [0.5011, 0.7],
    "interval_raters_like_these": [0.31, 0.81],
    "n_images": 120,
    "n_annotations": 480,
    "n_raters": 9,
    "note": "",
    "note_raters_like_these": "",
}
DETAILS = {
    "design": {
        "units": 120,
        "ratings": 480,
        "repeats": 0,
        "units_with_two": 120,
        "connected": True,
        "per_unit": {"median": 4.0, "harmonic_mean": 3.92},
    },
    "icc": {"Ak": {"value": 0.8123, "interval": [0.75, 0.86], "k": 3.92, "note": ""}},
    "decision_study": {"raters_for": {"0.8": 4}, "note": ""},
}
FIGURES: dict[str, Any] = {
    "seed": 7,
    "replicates": 1000,
    "confidence": 0.95,
    "n_images": 130,
    "n_annotations": 490,
    "n_raters": 9,
    "simulated_raters": 0,
    "attributes": {"light": FIELD | {"alpha": 0.52}, "line": FIELD | {"alpha": 0.71}},
    "holistic": FIELD | {"details": DETAILS},
    "subcategory": FIELD | {"alpha": 0.9},
}
NAMES = {"light": "Light", "line": "Line"}


def told(figures: dict[str, Any] | None = None, **query: Any) -> str:
    provenance = Provenance(query, "Spring", "artimuse 1", 12, "connoisseur 0.1.0", "ab" * 32, NAMES)
    return " ".join(methods(figures or FIGURES, provenance))


def changed(path: str, value: Any) -> dict[str, Any]:
    figures = deepcopy(FIGURES)
    *way, last = path.split(".")
    inner = figures
    for name in way:
        inner = inner[name]
    inner[last] = value
    return figures


def test_the_paragraph_states_design_statistic_intervals_and_provenance():
    paragraph = told()
    for sentence in (
        "9 raters gave 490 answers on 130 images in the campaign “Spring”, by rubric version artimuse 1.",
        "Answers per image: median 4, harmonic mean 3.92; 120 images have two answers or more.",
        "All raters are connected by images they share.",
        "For the holistic score alpha is 0.61 (these raters: 0.50 to 0.70; raters like these: 0.31 to 0.81; 120 "
        "images, 480 answers, 9 raters).",
        "For the 2 attributes alpha ranges from 0.52 (Light) to 0.71 (Line).",
        "For the subcategory it is 0.90 (these raters: 0.50 to 0.70; 120 images).",
        "ICC(A,k), of 0.81 (95 % interval 0.75 to 0.86; k = 3.92, the harmonic mean)",
        "(1000 replicates, seed 7)",
        "Computed by connoisseur 0.1.0 with seed 7 as report 12; the SHA-256 of the input is " + "ab" * 32 + ".",
        "assisted, surplus, exposed, repeated, imported and withdrawn answers are excluded.",
    ):
        assert sentence in paragraph


def test_no_sentence_lacks_its_full_stop():
    assert all(sentence.endswith(".") for sentence in methods(FIGURES, Provenance({}, "", "", 1, "", "", NAMES)))


def test_an_interval_that_could_not_be_computed_says_why():
    figures = changed("holistic.interval_raters_like_these", None)
    figures["holistic"]["note_raters_like_these"] = "fewer than four experts"
    assert "raters like these: no interval, fewer than four experts;" in told(figures)


def test_alpha_that_could_not_be_computed_says_why():
    figures = changed("holistic.alpha", None)
    figures["holistic"]["note"] = "all answers are the same"
    assert "Alpha of the holistic score could not be computed: all answers are the same." in told(figures)
    assert "For 1 of the attributes it could not be computed." in told(changed("attributes.light.alpha", None))


def test_the_method_of_each_interval_is_named():
    assert "for these raters, by the jackknife over images" in told()
    assert "where there are fewer than 200, else by the bias-corrected" in told()


def test_simulated_raters_are_named_as_such():
    assert "Of the raters 3 are computer programs" in told(changed("simulated_raters", 3))
    assert "computer programs" not in told()


def test_raters_who_cannot_be_compared_are_said_to_be():
    assert "groups that share no image" in told(changed("holistic.details.design.connected", False))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({}, "No analysis plan was frozen before the first answer."),
        ({"plan": 2, "departures": []}, "The report follows analysis plan 2, frozen before the first answer."),
        (
            {"plan": 2, "departures": [{"field": "seed"}, {"field": "scopes"}]},
            "Analysis plan 2 was frozen before the first answer; the report departs from it in: seed, scopes.",
        ),
        ({"scope": {"category": "sculpture"}}, "on a part of the campaign only (category: sculpture)."),
        (
            {"exclusions": {"raters": {"expert-1": "away"}, "images": {}}},
            "with and without 1 raters and 0 images that are named with reasons.",
        ),
    ],
)
def test_the_paragraph_says_what_was_planned_and_what_was_asked(query: dict[str, Any], sentence: str):
    assert sentence in told(**query)


def test_a_report_from_before_details_were_kept_is_told_without_them():
    paragraph = told(changed("holistic.details", None))
    assert "For the holistic score alpha is 0.61" in paragraph
    assert "ICC" not in paragraph


def test_the_anchoring_is_told_as_a_range_where_it_is_known():
    arms = {"light": {"reveal": {"value": 0.21}, "assisted": {"value": 0.4}}, "line": {"reveal": {"value": None}}}
    assert "by a share of 0.21 to 0.40" in told(FIGURES | {"arms": arms})
    assert "drawn at random" not in told(FIGURES | {"arms": {"line": {"reveal": {"value": None}}}})


@pytest.mark.parametrize(
    ("needed", "mean", "sentence"),
    [
        (1, 3.0, "takes one answer per image, which is reached."),
        (3, 3.0, "takes 3 answers per image, which is reached with 3.00."),
        (6, 3.92, "takes 6 answers per image; there are 3.92, so that about 240 more are needed for the 120 images."),
        (None, 3.0, "cannot be told: no number of answers would do."),
    ],
)
def test_what_more_answers_would_bring_is_said_in_words(needed: int | None, mean: float, sentence: str):
    details = deepcopy(DETAILS)
    details["decision_study"]["raters_for"] = {"0.8": needed}  # type: ignore[index]
    details["design"]["per_unit"]["harmonic_mean"] = mean  # type: ignore[index]
    assert needed_annotations(details)[0].endswith(sentence)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ({"more_images": 86}, "about 86 further images"),
        ({"more_images": 1}, "one further image"),
        ({"more_images": 0}, "enough images"),
        ({"more_images": 10_000, "more_images_is_capped": True}, "more than 10,000 further images"),
        ({"more_images": None}, None),
    ],
)
def test_what_a_part_needs_is_said_in_words(scope: dict[str, Any], words: str | None):
    assert more_images(scope) == words


def test_whether_a_score_means_the_same_is_said_with_what_would_adjudicate_it():
    same = same_meaning({"tested": 37, "differing": 0, "anchors_per_category": 12})
    assert same[0].startswith("None of 37 shifts")
    assert "12 anchor images or more in each category" in same[1]
    assert "number 4" in same_meaning({"tested": 37, "differing": 4, "anchors_per_category": None})[0]
    assert "too few answers" in same_meaning({"tested": 0, "differing": 0, "anchors_per_category": None})[0]
