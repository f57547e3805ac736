"""The sections of a report as the page shows it: plots, the tables behind them, and what they mean in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotation.agreement.report.wording import more_images, needed_annotations, same_meaning
from webapp.plots.curve import measured_curve
from webapp.plots.forest import PLAIN, Forest, Reading, forest_around, forest_of_alpha, forest_of_shares, small_forests
from webapp.plots.histograms import Group, histograms_of
from webapp.plots.matrix import Matrix, matrix_of
from webapp.plots.strip import Band, strip_of
from webapp.tables.table import number, span
from webapp.wording import translate

from . import report_figures, report_tables
from .analysis_plan import SCOPES
from .report_figures import HOLISTIC, ReportFigures

MOST_IN_MATRIX = 40
WIDEST_SHOWN = 12
SHIFTS_SHOWN = 12

Context = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """What the reader asked to see: the field, and by what the campaign is split."""

    field: str
    by: str

    @classmethod
    def of(cls, report: ReportFigures, query: Mapping[str, str]) -> Choice:
        """Read the choice from an address; what is not there falls back to the holistic score and categories."""
        field, by = query.get("field", ""), query.get("by", "")
        dimensions = [row["by"] for row in report.rows("scopes")]
        # A link made on another report may ask for what this one lacks; it still shows a page.
        first = dimensions[0] if dimensions else next(iter(SCOPES))
        return cls(field if field in report.scores else HOLISTIC, by if by in dimensions else first)


def alpha_section(report: ReportFigures) -> Context:
    """Return the forest plot of all fields, with both intervals."""
    table = report_tables.agreement(report)
    readings = [_alpha_reading(row, "low", "high", "wide_low", "wide_high") for row in table.rows]
    return {"plot": forest_of_alpha(readings), "table": table}


def _alpha_reading(row: Mapping[str, Any], *ends: str) -> Reading:
    low, high, wide_low, wide_high = (row[end] for end in ends)
    return Reading(
        row["name"], row["alpha"], low, high, wide_low, wide_high,
        figures=_with_ends(row["alpha"], low, high),
        wide_figures=f"[{number(wide_low, 2)}, {number(wide_high, 2)}]" if wide_low is not None else "",
        counts=f"{row['n_images']} · {row['n_raters']}",
        note=row["note"],
    )  # fmt: skip


def _with_ends(value: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    if value is None:
        return ""
    ends = "" if low is None or high is None else f" [{number(low, digits)}, {number(high, digits)}]"
    return number(value, digits) + ends


def design_section(report: ReportFigures) -> Context:
    """Return who rated what: the counts, and the images each two raters share."""
    details = report.details(HOLISTIC)
    pairs = (details.get("design") or {}).get("pairs")
    return {
        "design": details.get("design"),
        "raw": details.get("raw_agreement"),
        "matrix": _matrix(pairs) if pairs else None,
        "table": report_tables.pairs(report),
    }


def _matrix(pairs: Mapping[str, Any]) -> Matrix | None:
    """Return the matrix of pairs where it can still be read."""
    names = pairs["raters"]
    return matrix_of(names, pairs["units_in_common"]) if 1 < len(names) <= MOST_IN_MATRIX else None


def decision_section(report: ReportFigures, field: str) -> Context:
    """Return where the variance comes from and what more answers would bring."""
    details = report.details(field)
    study = details.get("decision_study") or {}
    mean = ((details.get("design") or {}).get("per_unit") or {}).get("harmonic_mean")
    return {
        "components": details.get("variance_components"),
        "icc": details.get("icc"),
        "method": study.get("method", ""),
        "curve": measured_curve(study.get("steps") or (), mean),
        "annotations_now": mean,
        "words": [translate(sentence) for sentence in needed_annotations(details)],
        "table": report_tables.decision(report).where(field=field).without("name"),
    }


def rater_section(report: ReportFigures, field: str) -> Context:
    """Return each rater's severity and drift."""
    table = report_tables.raters(report).where(field=field).without("name")
    severities = [_rater_reading(row, "severity", str(row["n"])) for row in table.rows]
    drifts = [_rater_reading(row, "drift", str(row["n_drift"] or "")) for row in table.rows]
    return {
        "severity": forest_around(severities, 0.5)
        if any(reading.value is not None for reading in severities)
        else None,
        "drift": _plot(drifts),
        "table": table,
    }


def _plot(readings: Sequence[Reading]) -> Forest | None:
    if all(reading.value is None for reading in readings):
        return None
    # Half a point each way at least, so that differences of a few hundredths do not fill the plot.
    return forest_around(readings, 0.5)


def _rater_reading(row: Mapping[str, Any], key: str, counts: str) -> Reading:
    value, low, high = row[key], row[f"{key}_low"], row[f"{key}_high"]
    return Reading(
        row["rater"], value, low, high, figures=_with_ends(value, low, high), counts=counts, note=row["note"]
    )


def distribution_section(report: ReportFigures, field: str) -> Context:
    """Return a histogram of first answers for each subcategory."""
    table = report_tables.distributions(report).where(field=field).without("name")
    groups = [Group(row["part"], row["counts"], row["mean"], _mean_and_spread(row)) for row in table.rows]
    scale = report.rubric.scale
    return {"plot": histograms_of(groups, scale.minimum, scale.step), "table": table}


def _mean_and_spread(row: Mapping[str, Any]) -> str:
    spread = "" if row["sd"] is None else f" ± {number(row['sd'], 2)}"
    return f"{number(row['mean'], 2)}{spread}"


def scope_section(report: ReportFigures, choice: Choice) -> Context:
    """Return alpha in each part of the campaign, small for all fields, and what the parts still need in words."""
    all_rows = [row for row in report_figures.scope_rows(report) if row["by"] == choice.by]
    rows = [{**row, "needs": translate(more_images(row) or "")} for row in all_rows if row["field"] == choice.field]
    fields = [key for key in report.names if any(row["field"] == key for row in all_rows)]
    parts = [_parts(all_rows, key) for key in fields]
    return {
        "dimensions": [(by, SCOPES[by]) for by in SCOPES if any(row["by"] == by for row in report.rows("scopes"))],
        "plots": list(zip(fields, map(report.names.get, fields), small_forests(parts), strict=True)),
        "rows": rows,
        "table": report_tables.scopes(report).where(by=choice.by, field=choice.field).without("name", "by"),
    }


def _parts(rows: Sequence[Mapping[str, Any]], field: str) -> list[Reading]:
    ends = ("lower", "upper", "lower_raters_like_these", "upper_raters_like_these")
    return [
        replace(_alpha_reading({**row, "name": row["part"]}, *ends), counts=str(row["n_images"]))
        for row in rows
        if row["field"] == field
    ]


def model_section(report: ReportFigures) -> Context:
    """Return how the model compares with the experts, attribute by attribute."""
    table = report_tables.model(report)
    advantages = [
        Reading(
            row["name"], row["advantage"], row["advantage_low"], row["advantage_high"],
            figures=_with_ends(row["advantage"], row["advantage_low"], row["advantage_high"]),
            counts=f"{row['n_images']} · {row['n_raters']}",
            note=row["note"],
        )
        for row in table.rows
    ]  # fmt: skip
    bands = [
        Band(row["name"], row["experts"], row["distance"], _band(row), str(row["n_images"]), row["note"])
        for row in table.rows
    ]
    return {
        "advantage": forest_of_shares(advantages, (0.5,)) if table.rows else None,
        "band": strip_of(bands) if table.rows else None,
        "table": table,
    }


def _band(row: Mapping[str, Any]) -> str:
    if row["distance"] is None:
        return ""
    experts = span(number(row["nearest_expert"], 2), number(row["farthest_expert"], 2))
    return f"{number(row['distance'], 2)} ({experts})"


def anchoring_section(report: ReportFigures) -> Context:
    """Return the anchoring, a plot an arm; where the share cannot be told, the difference of slopes."""
    table = report_tables.arms(report)
    plots = []
    for arm in dict.fromkeys(row["arm"] for row in table.rows):
        rows = [row for row in table.rows if row["arm"] == arm]
        if any(row["value"] is not None for row in rows):
            plots.append((arm, forest_of_shares([_anchoring_reading(row) for row in rows], (), PLAIN)))
    return {"plots": plots, "table": table}


def _anchoring_reading(row: Mapping[str, Any]) -> Reading:
    return Reading(
        row["name"],
        row["value"],
        row["low"],
        row["high"],
        figures=_with_ends(row["value"], row["low"], row["high"]),
        counts=f"{row['n_shown']} · {row['n_blind']}",
        note=row["note"],
    )


def meaning_section(report: ReportFigures, field: str) -> Context:
    """Return whether a score means the same in every category."""
    table = report_tables.meaning(report).where(field=field).without("name")
    shifts = [
        Reading(
            f"{row['rater']}, {row['part']}", row["value"], row["low"], row["high"],
            figures=_with_ends(row["value"], row["low"], row["high"]), counts=str(row["n"]),
        )
        for row in table.rows[:SHIFTS_SHOWN]
    ]  # fmt: skip
    return {
        "words": [
            translate(sentence)
            for row in report.rows("meaning")
            if row["field"] == field
            for sentence in same_meaning(row)
        ],
        "plot": forest_around(shifts, 0.5) if shifts else None,
        "table": table,
    }


def annotations_section(report: ReportFigures, field: str) -> Context:
    """Return alpha on first, final and assisted answers, side by side."""
    return {
        "panel": report.figures.get("blind_panel"),
        "table": report_tables.annotations_by_kind(report).where(field=field).without("name"),
    }


def without_section(report: ReportFigures) -> Context:
    """Return who is excluded beside the headline and why, and what alpha is without them."""
    return {
        "exclusions": report.figures.get("without"),
        "table": report_tables.without(report),
        "halo": report_tables.halo(report),
    }
