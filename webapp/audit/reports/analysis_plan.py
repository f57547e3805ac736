"""What an analysis plan holds in words, and how a report stands to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.actions.agreement.measure_agreement import engine_version, is_report_current
from annotation.models import Report

SECTIONS = {
    "scopes": gettext_lazy("agreement in each part of the campaign"),
    "meaning": gettext_lazy("whether a score means the same in every category"),
    "by_annotations": gettext_lazy("final and assisted answers beside first ones"),
    "arms": gettext_lazy("the model's anchoring, by arm and rater"),
    "halo": gettext_lazy("halo: how far one rater's attributes move together"),
    "blind_panel": gettext_lazy("those who never saw a model, and carry-over"),
    "model_against_humans": gettext_lazy("the model beside the experts"),
    "without": gettext_lazy("agreement without flagged or named raters and images"),
    "drift": gettext_lazy("each rater's drift"),
    "distributions": gettext_lazy("distributions by subcategory"),
    "widest": gettext_lazy("the images with the widest disagreement"),
}
SCOPES = {
    "category": gettext_lazy("category"),
    "subcategory": gettext_lazy("subcategory"),
    "period": gettext_lazy("period"),
    "expertise": gettext_lazy("expertise: the categories a person is eligible for"),
    "rubric_version": gettext_lazy("rubric version"),
}
PERIODS = {
    "": gettext_lazy("months where answers span several, else halves"),
    "months": gettext_lazy("months"),
    "halves": gettext_lazy("halves of the campaign"),
}
FIELDS = {
    "note": gettext_lazy("What is asked, and what will count as enough"),
    "sections": gettext_lazy("Statistics"),
    "scopes": gettext_lazy("Parts"),
    "period": gettext_lazy("Periods"),
    "exclusions": gettext_lazy("Excluded beside the headline"),
    "replicates": gettext_lazy("Replicates"),
    "seed": gettext_lazy("Seed"),
    "scope": gettext_lazy("Part reported on"),
}


def lines_of(content: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return what a plan holds: the name of each field with its lines."""
    return [(str(FIELDS[name]), value_lines(name, content[name])) for name in FIELDS if name in content]


def departures_of(report: Report) -> list[dict[str, Any]]:
    """Return in what a report departs from its plan, in words."""
    return [
        {"name": FIELDS[row["field"]], "planned": value_lines(row["field"], row["planned"]),
         "done": value_lines(row["field"], row["done"])}
        for row in report.query.get("departures") or []
    ]  # fmt: skip


def value_lines(name: str, value: Any) -> list[str]:
    """Return one field of a plan as lines."""
    if name in ("sections", "scopes"):
        words = SECTIONS if name == "sections" else SCOPES
        return [str(words[key]) for key in value]
    if name == "period":
        return [str(PERIODS[value])]
    if name == "exclusions":
        return [f"{who}: {why}" for reasons in value.values() for who, why in reasons.items()] or [_("nobody, nothing")]
    if name == "scope":
        return [f"{SCOPES[by]}: {part}" for by, part in value.items()] or [_("the whole campaign")]
    return [line for line in str(value).splitlines() if line] or ["–"]


def report_status(report: Report) -> dict[str, Any]:
    """Return how a report stands: to the answers there are now, to today's engine, to its plan."""
    number = report.query.get("plan")
    plans = report.campaign.analysis_plans
    return {
        "is_current": is_report_current(report),
        "same_engine": report.engine_version == engine_version(),
        "plan": plans.filter(number=number).first() if number else None,
        "departures": departures_of(report),
        "scope": value_lines("scope", report.query.get("scope") or {}) if report.query.get("scope") else [],
        "excluded": {what: len(names) for what, names in report.query.get("excluded", {}).items()},
        "recomputations": report.recomputations.select_related("requested_by", "report")[:5],
    }
