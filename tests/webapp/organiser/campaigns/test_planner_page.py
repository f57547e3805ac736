"""The planner's page: what a plan leads to, in figures, words and a curve."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from annotation.design.planner import annotations_for, reliability_of_mean
from webapp.plots.curve import PLANNED, planned_curve

PLAN = {"images": "500", "annotations_per_image": "5", "experts": "10", "icc": "0.2", "minutes": "3"}


def plan(client: Client, **fields: str) -> str:
    answer = client.get("/organiser/plan/", fields)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def figure(page: str, name: str) -> str:
    match = re.search(rf'<dt>{re.escape(name)}</dt><dd class="big">([^<]*)</dd>', page)
    assert match, name
    return match[1]


def test_the_page_opens_with_a_plan_to_start_from(organiser: Client):
    assert figure(plan(organiser), "Reliability of the mean") == "0.82"


def test_a_plan_is_worked_out_from_its_address(organiser: Client):
    page = plan(organiser, **PLAN)
    assert figure(page, "Reliability of the mean") == "0.56"
    assert figure(page, "Hours per expert") == "12.5"
    assert figure(page, "Answers per image for 0.80") == str(annotations_for(0.2, 0.8)) == "16"
    assert figure(page, "Answers per image for 0.90") == str(annotations_for(0.2, 0.9)) == "36"
    assert "Bonett (2002)" in page


@pytest.mark.parametrize("anchor", ["0.20", "0.47"])
def test_an_anchor_replaces_the_icc_and_nothing_else(organiser: Client, anchor: str):
    page = plan(organiser, **PLAN | {"icc": "0.9", "anchor": anchor})
    assert f'name="icc" value="{anchor}"' in page
    assert 'name="images" value="500"' in page
    assert figure(page, "Reliability of the mean") == f"{reliability_of_mean(float(anchor), 5):.2f}"


def test_both_anchors_are_named(organiser: Client):
    page = plan(organiser)
    assert "lay voters (AVA) 0.20</button>" in page
    assert "screened crowd (KonIQ-10k) 0.47</button>" in page


def test_a_single_answer_has_no_interval_and_the_page_says_why(organiser: Client):
    page = plan(organiser, **PLAN | {"annotations_per_image": "1"})
    assert figure(page, "Width of the 95 % interval of the ICC") == "–"
    assert "needs two answers per image" in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("images", "1", "greater than or equal to 2"),
        ("annotations_per_image", "11", "at most 10 answers, one from each expert"),
        ("experts", "none", "Enter a whole number"),
        ("icc", "1", "less than or equal to 0.99"),
        ("icc", "nan", "Enter a number"),
        ("minutes", "0", "greater than or equal to 0.1"),
        ("icc", "", "This field is required"),
    ],
)
def test_what_cannot_be_planned_is_refused_by_the_field_and_stays_typed(
    organiser: Client, field: str, value: str, words: str
):
    page = plan(organiser, **PLAN | {field: value})
    assert words in page
    assert not value or f'name="{field}" value="{value}"' in page
    assert "What this leads to" not in page


@pytest.mark.parametrize("k", [1, 5, 40, 500])
@pytest.mark.parametrize("icc", [0.01, 0.2, 0.47, 0.99])
def test_the_curve_rises_within_its_frame_and_the_dot_lies_on_it(icc: float, k: int):
    curve = planned_curve(icc, k)
    (dot,) = curve.dots
    points = [tuple(map(float, point.split(","))) for point in curve.points.split()]
    assert points == sorted(points, key=lambda point: (point[0], -point[1]))
    across, up = (PLANNED.left, PLANNED.right), (PLANNED.top, PLANNED.bottom)
    assert all(across[0] <= x <= across[1] and up[0] <= y <= up[1] for x, y in [*points, (dot.x, dot.y)])
    assert (dot.k, dot.value) == (k, reliability_of_mean(icc, k))
    assert all(float(column.text).is_integer() for column in curve.columns)
    assert len(curve.columns) <= 13
