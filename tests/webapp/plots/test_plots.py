"""Where the plots of a report put things."""

from __future__ import annotations

import pytest

from webapp.plots.axis import Axis, axis_around, round_numbers
from webapp.plots.curve import measured_curve
from webapp.plots.forest import FULL, Reading, forest_around, forest_of_alpha, small_forests
from webapp.plots.histograms import Group, histograms_of
from webapp.plots.matrix import DARKEST, matrix_of
from webapp.plots.strip import Band, strip_of


def reading(value: float | None, low: float | None = None, high: float | None = None, **more: float) -> Reading:
    return Reading("field", value, low, high, **more)  # type: ignore[arg-type]


def test_the_forest_reaches_from_the_lowest_value_to_one():
    plot = forest_of_alpha([reading(0.5, 0.25, 0.75), reading(-0.31, -0.5, 0.1), reading(None)])
    assert [tick.value for tick in plot.ticks] == [-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert (plot.ticks[0].position, plot.ticks[-1].position) == (FULL.left, FULL.right)
    assert plot.marks[1].x == pytest.approx(FULL.left + (0.6 - 0.31) / 1.6 * (FULL.right - FULL.left), abs=0.1)
    assert plot.marks[2].x is None
    assert plot.marks[2].span is None


def test_the_forest_begins_at_nought_where_nothing_is_below():
    plot = forest_of_alpha([reading(1.0, 0.2, 1.0)])
    assert (plot.ticks[0].value, plot.marks[0].x) == (0.0, FULL.right)
    assert [(line.value, line.text) for line in plot.references] == [(0.667, "0.667"), (0.8, "0.8")]


def test_an_interval_far_below_nought_is_cut_and_says_so():
    mark = forest_of_alpha([reading(0.2, -0.1, 0.4, wide_low=-3.2, wide_high=0.9)]).marks[0]
    assert mark.wide is not None
    assert (mark.wide.low, mark.wide.cut_low, mark.wide.cut_high) == (FULL.left, True, False)
    assert mark.span is not None
    assert not mark.span.cut_low


def test_small_forests_share_one_axis():
    one, other = small_forests([[reading(0.5, 0.4, 0.6)], [reading(0.5, -0.4, 0.6)]])
    assert one.axis == other.axis
    assert one.marks[0].x == other.marks[0].x


def test_severities_stand_around_the_middle():
    plot = forest_around([reading(-0.2, -0.3, 1.3)], 0.5)
    assert plot.axis.low == -plot.axis.high
    assert plot.axis.high >= 1.3


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.37, 12.2), (0, 0.003), (-250, 900), (3.1, 3.2)])
def test_ticks_are_round_few_and_inside(low: float, high: float):
    ticks = round_numbers(low, high)
    assert 2 <= len(ticks) <= 9
    assert low <= ticks[0] + 1e-9
    assert ticks[-1] <= high + 1e-9
    assert all(len(f"{tick:.4g}") <= 6 for tick in ticks)


def test_an_axis_holds_all_values_and_keeps_what_is_beyond_at_its_edge():
    axis = axis_around([0.12, None, 7.3], 0, 100, minimum=0, maximum=1)
    assert axis.low <= 0 < 7.3 <= axis.high
    assert Axis(0, 1, 10, 20).position(5) == 20
    assert Axis(0, 1, 10, 20).cuts(5)


def test_the_darkest_square_has_the_most_images_in_common_and_the_diagonal_none():
    squares = matrix_of(["a", "b", "c"], [[90, 4, 8], [4, 70, 0], [8, 0, 60]]).squares
    shades = {(n, square.n): square.shade for n, square in enumerate(squares)}
    assert shades[(2, 8)] == DARKEST
    assert shades[(1, 4)] == pytest.approx(DARKEST / 2)
    assert [shades[key] for key in ((0, 90), (4, 70), (5, 0))] == [0, 0, 0]


def test_raters_who_share_nothing_leave_the_matrix_blank():
    assert {square.shade for square in matrix_of(["a", "b"], [[3, 0], [0, 5]]).squares} == {0.0}


def test_the_curve_marks_how_many_answers_there_are_now():
    steps = [{"k": k, "absolute": k / (k + 1), "low": 0.1, "high": 0.95} for k in range(1, 11)]
    curve = measured_curve(steps, 2.5)
    assert curve is not None
    assert curve.annotations_now is not None
    assert curve.dots[1].x < curve.annotations_now < curve.dots[2].x
    assert [dot.y for dot in curve.dots] == sorted((dot.y for dot in curve.dots), reverse=True)
    assert len(curve.band.split()) == 20
    assert [target.text for target in curve.targets] == ["0.8", "0.9"]


def test_a_curve_without_interval_or_steps_is_drawn_without_band_or_not_at_all():
    only = measured_curve([{"k": 1, "absolute": 0.5, "low": None, "high": None}], 40.0)
    assert only is not None
    assert (only.band, only.annotations_now) == ("", None)
    assert measured_curve([], 3.0) is None


def test_histograms_show_shares_so_that_groups_of_all_sizes_compare():
    plot = histograms_of([Group("few", [1, 3], 0.4), Group("many", [100, 300], 0.4)], 0, 0.5)
    assert plot is not None
    few, many = plot.rows
    assert [bar.height for bar in few.bars] == [bar.height for bar in many.bars]
    assert few.mean == many.mean
    assert (few.group.n, many.group.n) == (4, 400)


def test_no_group_gives_no_histogram():
    assert histograms_of([], 0, 0.5) is None


def test_the_band_goes_from_the_nearest_to_the_farthest_expert():
    known, unknown = strip_of([Band("a", [1.2, 0.8, 1.0], 1.1), Band("b", [], None)]).rows
    assert known.nearest is not None
    assert known.model is not None
    assert known.farthest is not None
    assert known.nearest < known.model < known.farthest
    assert (unknown.nearest, unknown.model) == (None, None)
