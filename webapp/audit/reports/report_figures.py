"""The figures of a report read back, whichever version of the program wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from annotation.rubric.schema import Rubric, localise

HOLISTIC, SUBCATEGORY = "holistic", "subcategory"
NORMAL_975 = 1.959964

Row = dict[str, Any]


@dataclass(frozen=True)
class ReportFigures:
    """A report's figures with the names of its fields in one language; what a report lacks is empty."""

    figures: Mapping[str, Any]
    rubric: Rubric
    language: str

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the names of all measured fields by key, in the rubric's order."""
        figures = self.figures["attributes"]
        names = {
            key: localise(attribute.name, self.language)
            for key, attribute in self.rubric.by_key.items()
            if key in figures
        }
        return names | {HOLISTIC: _("Holistic score (weighted sum)"), SUBCATEGORY: _("Subcategory")}

    @property
    def scores(self) -> dict[str, str]:
        """Return the names of the fields that are scores."""
        return {key: name for key, name in self.names.items() if key != SUBCATEGORY}

    def of(self, field: str) -> Mapping[str, Any]:
        """Return all that was measured of a field."""
        fields = self.figures if field in (HOLISTIC, SUBCATEGORY) else self.figures["attributes"]
        figure: Mapping[str, Any] = fields[field]
        return figure

    def details(self, field: str) -> Mapping[str, Any]:
        """Return what stands beside alpha; empty in reports from before it was kept, and without answers."""
        return self.of(field).get("details") or {}

    def rows(self, key: str) -> Sequence[Mapping[str, Any]]:
        """Return the rows of one of the report's lists, such as `scopes`; empty where the report lacks it."""
        return self.figures.get(key) or ()

    def with_field_name(self, row: Mapping[str, Any]) -> Row:
        """Return a row with the name of its field."""
        return {"name": self.names.get(row["field"], row["field"]), **row}

    def part(self, key: str) -> str:
        """Return the name of a part of a campaign: a category, a subcategory, or what it is called."""
        for group in (self.rubric.subcategories, {category.key: category for category in self.rubric.categories}):
            if key in group:
                return localise(group[key].name, self.language)
        # Pooled parts are named in English where they are computed, and taken apart here to be translated.
        if key.startswith("rest of "):
            return _("rest of %(whole)s") % {"whole": self.part(key.removeprefix("rest of "))}
        parts = {"all": _("all categories"), "rest": _("the rest"), "first half": _("first half")}
        return (parts | {"second half": _("second half")}).get(key, key)


def alpha_rows(report: ReportFigures) -> list[Row]:
    """Return a row for each attribute in the rubric's order, then the holistic score and the subcategory."""
    return [{"field": key, "name": name} | _alpha(report.of(key)) for key, name in report.names.items()]


def _alpha(figure: Mapping[str, Any]) -> Row:
    # Taken by [] is what every report has, whichever version wrote it; by get, what some of them lack.
    low, high = figure["interval"] or (None, None)
    wide_low, wide_high = figure.get("interval_raters_like_these") or (None, None)
    return {
        "level": level_name(figure["level"]),
        "alpha": figure["alpha"],
        "low": low,
        "high": high,
        "wide_low": wide_low,
        "wide_high": wide_high,
        **{count: figure[count] for count in ("n_images", "n_annotations", "n_raters")},
        "note": figure["note"] or figure.get("note_raters_like_these", ""),
    }


def level_name(level: str) -> str:
    """Return the name of a level of measurement."""
    names = {"nominal": _("nominal"), "ordinal": _("ordinal"), "interval": _("interval"), "ratio": _("ratio")}
    return names[level]


def pair_rows(report: ReportFigures) -> list[Row]:
    """Return for each rater how many images they share with each, under the numbers of the plot."""
    pairs = (report.details(HOLISTIC).get("design") or {}).get("pairs")
    if not pairs:
        return []
    return [
        {"number": place, "rater": rater, **{str(column): n for column, n in enumerate(counts, 1)}}
        for place, (rater, counts) in enumerate(zip(pairs["raters"], pairs["units_in_common"], strict=True), 1)
    ]


def decision_rows(report: ReportFigures) -> list[Row]:
    """Return by field what so many answers per image give."""
    return [
        {"field": key, "name": name, **step}
        for key, name in report.scores.items()
        for step in (report.details(key).get("decision_study") or {}).get("steps", ())
    ]


def rater_rows(report: ReportFigures) -> list[Row]:
    """Return by field and rater: severity and drift with their intervals, spread, and what is lost without them."""
    drifts = {(row["field"], row["rater"]): row for row in report.rows("drift")}
    return [
        {"field": key, "name": name, **_rater(row, drifts.get((key, row["rater"])) or {})}
        for key, name in report.scores.items()
        for row in report.details(key).get("raters", ())
    ]


def _rater(row: Mapping[str, Any], drift: Mapping[str, Any]) -> Row:
    low, high = _interval(row.get("severity"), row.get("severity_error"))
    keys = ("rater", "n", "severity", "residual_spread", "correlation_with_rest", "alpha_without")
    return {
        **{key: row.get(key) for key in keys},
        "severity_low": low,
        "severity_high": high,
        "drift": drift.get("slope"),
        "drift_low": drift.get("low"),
        "drift_high": drift.get("high"),
        "n_drift": drift.get("n"),
        "note": drift.get("note", ""),
    }


def _interval(value: float | None, error: float | None) -> tuple[float | None, float | None]:
    """Return the 95 % interval of a value with a standard error."""
    if value is None or error is None:
        return None, None
    return value - NORMAL_975 * error, value + NORMAL_975 * error


def distribution_rows(report: ReportFigures) -> list[Row]:
    """Return by field and subcategory how many answers gave each score, under the score in points."""
    scale = report.rubric.scale
    rows = []
    for row in report.rows("distributions"):
        scores = (scale.to_points(scale.lowest + place) for place in range(len(row["counts"])))
        counts = {f"{score:g}": n for score, n in zip(scores, row["counts"], strict=True)}
        rows.append({**report.with_field_name(row), "part": report.part(row["subcategory"]), **counts})
    return rows


def scope_rows(report: ReportFigures) -> list[Row]:
    """Return by dimension, part and field: alpha with both intervals, and what is needed where that is too little."""
    return [
        {
            **report.with_field_name(row),
            "part_key": row["part"],
            "part": report.part(row["part"]),
            "pooled": ", ".join(map(report.part, row.get("pooled") or ())),
        }
        for row in report.rows("scopes")
    ]


def widest_rows(report: ReportFigures) -> list[Row]:
    """Return by field the images whose answers lie farthest apart, the widest first."""
    return [{**report.with_field_name(row), "part": report.part(row["subcategory"])} for row in report.rows("widest")]


def model_rows(report: ReportFigures) -> list[Row]:
    """Return by attribute: the alternative annotator test at both epsilons, the human band, bias, slope and ranks."""
    return [_model(report.with_field_name(row)) for row in report.rows("model_against_humans")]


def _model(row: Row) -> Row:
    test, strict, band = row["alt_test_0.2"], row["alt_test_0"], row["band"]
    distances = [rater["expert"] for rater in band["raters"]]
    return {
        **{key: row[key] for key in ("field", "name", "n_images")},
        "n_raters": test["n_raters"],
        "advantage": test["advantage"],
        "advantage_low": test["low"],
        "advantage_high": test["high"],
        "winning_rate": test["winning_rate"],
        "winning_rate_at_0": strict["winning_rate"],
        "inside": {True: _("yes"), False: _("no")}.get(band["inside"], ""),
        "distance": band["model"],
        "nearest_expert": min(distances, default=None),
        "farthest_expert": max(distances, default=None),
        **{key: band[key] for key in ("bias", "slope", "spearman")},
        "experts": distances,
        "note": test["note"] or band["note"],
    }


def arm_rows(report: ReportFigures) -> list[Row]:
    """Return the anchoring toward the model by attribute and arm, in the rubric's order."""
    arms: Mapping[str, Any] = report.figures.get("arms") or {}
    labels = {"reveal": _("reveal"), "assisted": _("assisted")}
    return [
        {"field": key, "name": name, **row, "arm": labels.get(row["arm"], row["arm"])}
        for key, name in report.names.items()
        for row in (arms.get(key) or {}).values()
    ]


def meaning_rows(report: ReportFigures) -> list[Row]:
    """Return by field, rater and category how much stricter the rater is there than elsewhere."""
    return [
        {"field": row["field"], "name": report.names[row["field"]], **shift, "part": report.part(shift["category"])}
        for row in report.rows("meaning")
        for shift in row["shifts"]
    ]


def annotation_rows(report: ReportFigures) -> list[Row]:
    """Return by field what alpha is on first, final, assisted and all final answers, and how far from the first."""
    labels = {
        "first": _("first answers (the headline)"),
        "final": _("the same after the reveal"),
        "assisted": _("assisted answers"),
        "all_final": _("all final answers"),
    }
    return [
        {**report.with_field_name(row), "which": labels.get(row["annotations"], row["annotations"])}
        for row in report.rows("by_annotations")
    ]


def without_rows(report: ReportFigures) -> list[Row]:
    """Return by field what alpha is without the raters and images that are excluded beside the headline."""
    exclusions: Mapping[str, Any] = report.figures.get("without") or {}
    return [report.with_field_name(row) for row in exclusions.get("fields", ())]


def halo_rows(report: ReportFigures) -> list[Row]:
    """Return by rater how far their attributes move together."""
    return [dict(row) for row in report.rows("halo")]
