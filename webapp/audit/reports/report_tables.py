"""The tables of a report, each for the page and as CSV; captions state what the figures are and by which method."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from webapp.tables.table import Column, Table, figure, interval, note, text

from . import report_figures
from .report_figures import ReportFigures


def agreement(report: ReportFigures) -> Table:
    """Return alpha of each field with both intervals."""
    columns = [
        text(_("Field"), "name"),
        text(_("Level"), "level"),
        figure(_("Alpha"), "alpha", 3),
        interval(_("These raters"), "low", "high", 3),
        interval(_("Raters like these"), "wide_low", "wide_high", 3),
        figure(_("Images"), "n_images"),
        figure(_("Answers"), "n_annotations"),
        figure(_("Raters"), "n_raters"),
        note(_("Note")),
    ]
    caption = _("Counts are of what alpha rests on: images with two answers or more, and the answers on them.")
    return Table("agreement", caption, columns, report_figures.alpha_rows(report))


def pairs(report: ReportFigures) -> Table:
    """Return how many images each two raters have in common."""
    rows = report_figures.pair_rows(report)
    numbers = [figure(str(place), str(place)) for place in range(1, len(rows) + 1)]
    caption = _("Images each two raters have in common; on the diagonal how many each judged")
    return Table("pairs", caption, [figure(_("No."), "number"), text(_("Rater"), "rater"), *numbers], rows)


def decision(report: ReportFigures) -> Table:
    """Return what so many answers per image are worth."""
    columns = [
        text(_("Field"), "name"),
        figure(_("Answers per image"), "k"),
        figure(_("Reliability"), "absolute", 2),
        interval(_("Interval"), "low", "high"),
        figure(_("Reliability of the order"), "consistency", 2),
        figure(_("Standard error, in points"), "standard_error", 2),
    ]
    caption = _("Decision study: what so many answers per image are worth")
    return Table("decision", caption, columns, report_figures.decision_rows(report))


def raters(report: ReportFigures) -> Table:
    """Return what sets each rater apart."""
    columns = [
        text(_("Field"), "name"),
        text(_("Rater"), "rater"),
        figure(_("Answers"), "n"),
        figure(_("Severity"), "severity", 2),
        interval(_("Interval"), "severity_low", "severity_high"),
        figure(_("Drift"), "drift", 2),
        interval(_("Interval"), "drift_low", "drift_high"),
        figure(_("Spread"), "residual_spread", 2),
        figure(_("Correlation with the rest"), "correlation_with_rest", 2),
        figure(_("Alpha without"), "alpha_without", 3),
        note(_("Note")),
    ]
    caption = _(
        "In points. Severity is against the panel: positive is stricter. Drift is points per 100 of the rater's own "
        "answers: positive is milder with time. Spread is what a rater's scores share with nobody."
    )
    return Table("raters", caption, columns, report_figures.rater_rows(report))


def distributions(report: ReportFigures) -> Table:
    """Return how many answers gave each score, by subcategory."""
    scale = report.rubric.scale
    scores = [f"{scale.to_points(steps):g}" for steps in range(scale.lowest, scale.highest + 1)]
    columns = [
        text(_("Field"), "name"),
        text(_("Subcategory"), "part"),
        figure(_("Answers"), "n"),
        figure(_("Mean"), "mean", 2),
        figure(_("Standard deviation"), "sd", 2),
        *(figure(score, score) for score in scores),
    ]
    caption = _("How many first answers gave each score, in points; a holistic score counts at the nearest step")
    return Table("distributions", caption, columns, report_figures.distribution_rows(report))


def scopes(report: ReportFigures) -> Table:
    """Return alpha in each part of the campaign."""
    columns = [
        text(_("Split by"), "by"),
        text(_("Part"), "part"),
        text(_("Pooled from"), "pooled"),
        text(_("Field"), "name"),
        figure(_("Alpha"), "alpha", 2),
        interval(_("These raters"), "lower", "upper"),
        interval(_("Raters like these"), "lower_raters_like_these", "upper_raters_like_these"),
        figure(_("Images"), "n_images"),
        figure(_("Answers"), "n_annotations"),
        figure(_("Raters"), "n_raters"),
        figure(_("Images still needed"), "more_images"),
        note(_("Note")),
    ]
    caption = _("Krippendorff's alpha within each part; only answers inside a part are compared with each other")
    return Table("scopes", caption, columns, report_figures.scope_rows(report))


def widest(report: ReportFigures) -> Table:
    """Return the images on which answers lie farthest apart."""
    columns = [
        text(_("Field"), "name"),
        text(_("Image"), "image"),
        text(_("Subcategory"), "part"),
        figure(_("Answers"), "n"),
        figure(_("Lowest"), "low", 2),
        figure(_("Highest"), "high", 2),
        figure(_("Range"), "range", 2),
        figure(_("Standard deviation"), "sd", 2),
    ]
    caption = _("First answers that lie farthest apart, in points: greatest range first, then standard deviation")
    return Table("widest", caption, columns, report_figures.widest_rows(report))


def model(report: ReportFigures) -> Table:
    """Return how the model compares with the experts."""
    columns = [
        text(_("Field"), "name"),
        figure(_("Advantage"), "advantage", 2),
        interval(_("Interval"), "advantage_low", "advantage_high"),
        figure(_("Winning rate, ε 0.2"), "winning_rate", 2),
        figure(_("Winning rate, ε 0"), "winning_rate_at_0", 2),
        text(_("Inside the human band"), "inside"),
        figure(_("Model's distance"), "distance", 2),
        interval(_("Experts' distances"), "nearest_expert", "farthest_expert"),
        figure(_("Bias"), "bias", 2),
        figure(_("Slope"), "slope", 2),
        figure(_("Spearman"), "spearman", 2),
        figure(_("Images"), "n_images"),
        figure(_("Experts"), "n_raters"),
        note(_("Note")),
    ]
    caption = _(
        "Alternative annotator test (Calderon et al. 2025) and human band. Distances are from the mean of the other "
        "experts, bias is model less experts' mean, both in points; slope and Spearman correlation are of the model on "
        "the experts' means."
    )
    return Table("model", caption, columns, report_figures.model_rows(report))


def arms(report: ReportFigures) -> Table:
    """Return how far a shown prefill moves people."""
    columns: list[Column] = [
        text(_("Field"), "name"),
        text(_("Arm"), "arm"),
        figure(_("Anchoring"), "value", 2),
        interval(_("Interval"), "low", "high"),
        figure(_("Difference of slopes"), "difference", 2),
        interval(_("Interval"), "difference_low", "difference_high"),
        figure(_("Answers that saw it"), "n_shown"),
        figure(_("Blind answers"), "n_blind"),
        figure(_("Raters"), "n_raters"),
        note(_("Note")),
    ]
    caption = _("Share of the way toward the model, with its interval over raters")
    return Table("arms", caption, columns, report_figures.arm_rows(report))


def meaning(report: ReportFigures) -> Table:
    """Return how much stricter each rater is in each category than elsewhere."""
    columns = [
        text(_("Field"), "name"),
        text(_("Rater"), "rater"),
        text(_("Category"), "part"),
        figure(_("Answers"), "n"),
        figure(_("Shift"), "value", 2),
        interval(_("Interval"), "low", "high"),
        figure(_("p, after Holm"), "p", 3),
    ]
    caption = _(
        "Severity in a category less severity in all others, in points, the smallest p first; Welch's interval of "
        "95 %, p values by Holm over all raters and categories"
    )
    return Table("meaning", caption, columns, report_figures.meaning_rows(report))


def annotations_by_kind(report: ReportFigures) -> Table:
    """Return alpha on other answers than the headline's."""
    columns = [
        text(_("Field"), "name"),
        text(_("Which answers"), "which"),
        figure(_("Alpha"), "alpha", 2),
        interval(_("These raters"), "lower", "upper"),
        figure(_("Difference"), "difference", 2),
        interval(_("Interval"), "difference_lower", "difference_upper"),
        figure(_("Images"), "n_images"),
        figure(_("Answers"), "n_annotations"),
        figure(_("Raters"), "n_raters"),
        note(_("Note")),
    ]
    caption = _(
        "Krippendorff's alpha on other answers, and its difference from the first ones; percentile bootstrap over "
        "images for 95 %, paired where the images are the same"
    )
    return Table("annotations", caption, columns, report_figures.annotation_rows(report))


def without(report: ReportFigures) -> Table:
    """Return alpha with and without the raters and images excluded beside the headline."""
    columns = [
        text(_("Field"), "name"),
        figure(_("Alpha with everybody"), "alpha_with", 2),
        figure(_("Alpha without them"), "alpha", 2),
        interval(_("These raters"), "lower", "upper"),
        figure(_("Difference"), "difference", 2),
        figure(_("Images"), "n_images"),
        figure(_("Answers"), "n_annotations"),
        figure(_("Raters"), "n_raters"),
        note(_("Note")),
    ]
    caption = _("Krippendorff's alpha without those excluded; the headline keeps everybody")
    return Table("without", caption, columns, report_figures.without_rows(report))


def halo(report: ReportFigures) -> Table:
    """Return how far each rater's attributes move together."""
    columns = [
        text(_("Rater"), "rater"),
        figure(_("Images"), "n_units"),
        figure(_("Correlation"), "raw", 2),
        figure(_("Beyond the images"), "residual", 2),
        interval(_("Interval"), "low", "high"),
        note(_("Note")),
    ]
    caption = _(
        "Halo: mean correlation between the attributes of one rater's scores, and what of it the images do not "
        "explain; interval of 95 % by the jackknife over images on Fisher's z"
    )
    return Table("halo", caption, columns, report_figures.halo_rows(report))


BUILDERS: tuple[Callable[[ReportFigures], Table], ...] = (
    agreement,
    pairs,
    decision,
    raters,
    distributions,
    scopes,
    widest,
    model,
    arms,
    meaning,
    annotations_by_kind,
    without,
    halo,
)
# A function's name is the address of its CSV: a new name breaks links that others keep.
TABLES = {build.__name__: build for build in BUILDERS}
