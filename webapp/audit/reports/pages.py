"""Reports of agreement at their permanent addresses, their tables as CSV and their methods as text."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from annotation.agreement.report.wording import Provenance, methods
from annotation.models import Image, Report
from annotation.roles import VIEW
from webapp.access import SignedInRequest
from webapp.audit.access import find_campaign, viewers
from webapp.tables.csv_response import csv_response
from webapp.wording import translate

from . import sections
from .analysis_plan import SCOPES, report_status
from .report_figures import ReportFigures
from .report_tables import TABLES, widest
from .sections import WIDEST_SHOWN, Choice, Context

EARLIER_REPORTS = 10
PARAGRAPH_LANGUAGES = {"en": "English", "zh-hans": "简体中文"}


@require_safe
@viewers
def agreement(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the newest report on a campaign, or say that there is none yet."""
    campaign = find_campaign(request, slug, VIEW)
    newest = campaign.reports.whole().select_related("campaign__rubric_version", "requested_by").first()
    if newest is None:
        return render(request, "audit/reports/no_report.html", {"campaign": campaign, "here": "agreement"})
    return _show(request, newest)


@require_safe
@viewers
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one report at its permanent address."""
    return _show(request, find_report(request, pk))


@require_safe
@viewers
def report_csv(request: SignedInRequest, pk: int, table: str) -> HttpResponse:
    """Send one of a report's tables as CSV, in English, all fields in it."""
    report = find_report(request, pk)
    if table not in TABLES:
        raise Http404
    # Names and labels are translated as the table is built, so building it has to happen in here too.
    with override("en"):
        sheet = TABLES[table](ReportFigures(report.figures, report.campaign.rubric, "en"))
        return csv_response(f"{table}-{report.campaign.slug}-{report.pk}.csv", sheet.keys, sheet.lines())


@require_safe
@viewers
def report_methods(request: SignedInRequest, pk: int, language: str) -> HttpResponse:
    """Send the methods paragraph as plain text."""
    report = find_report(request, pk)
    if language not in PARAGRAPH_LANGUAGES:
        raise Http404
    response = HttpResponse(paragraph(report, language) + "\n", content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="methods-{report.campaign.slug}-{report.pk}-{language}.txt"'
    )
    return response


def paragraph(report: Report, language: str) -> str:
    """Return the methods paragraph of a report in one language."""
    with override(language):
        figures = ReportFigures(report.figures, report.campaign.rubric, language)
        provenance = Provenance(
            query=report.query,
            campaign=report.campaign.title,
            rubric=str(report.campaign.rubric_version),
            number=report.pk,
            engine=report.engine_version,
            input_hash=report.input_hash,
            names=figures.names,
        )
        sentences = [translate(sentence) for sentence in methods(report.figures, provenance)]
    # Chinese puts no space between sentences.
    return ("" if language.startswith("zh") else " ").join(sentences)


def find_report(request: SignedInRequest, pk: int) -> Report:
    """Return a report this person may read, with its campaign and rubric, else raise Http404."""
    reports = Report.objects.visible_to(request.user).select_related("campaign__rubric_version", "requested_by")
    return get_object_or_404(reports, pk=pk)


def _show(request: SignedInRequest, report: Report) -> HttpResponse:
    figures = ReportFigures(report.figures, report.campaign.rubric, get_language() or "en")
    choice = Choice.of(figures, request.GET)
    context = {
        "report": report,
        "campaign": report.campaign,
        "choice": choice,
        "field_name": figures.names[choice.field],
        "by_name": SCOPES[choice.by],
        "fields": figures.scores,
        "alpha": sections.alpha_section(figures),
        "who": sections.design_section(figures),
        "decision": sections.decision_section(figures, choice.field),
        "raters": sections.rater_section(figures, choice.field),
        "distribution": sections.distribution_section(figures, choice.field),
        "scope": sections.scope_section(figures, choice),
        "widest": _widest_section(request, figures, choice.field),
        "model": sections.model_section(figures),
        "anchoring": sections.anchoring_section(figures),
        "meaning": sections.meaning_section(figures, choice.field),
        "annotations": sections.annotations_section(figures, choice.field),
        "without": sections.without_section(figures),
        "status": report_status(report),
        "paragraphs": [(code, name, paragraph(report, code)) for code, name in PARAGRAPH_LANGUAGES.items()],
        "earlier_reports": report.campaign.reports.exclude(pk=report.pk).defer("figures")[:EARLIER_REPORTS],
        "here": "agreement",
    }
    return render(request, "audit/reports/report.html", context)


def _widest_section(request: SignedInRequest, figures: ReportFigures, field: str) -> Context:
    """Return the images on which answers lie farthest apart, as far as they are still here."""
    table = widest(figures).where(field=field).without("name")
    # A report outlives its images: those withdrawn since are in its table, but nothing of them can be shown.
    names = [row["image"] for row in table.rows[:WIDEST_SHOWN]]
    images = {
        image.sha256: image for image in Image.objects.visible_to(request.user).not_withdrawn().filter(sha256__in=names)
    }
    rows: list[dict[str, Any]] = [
        {**row, "image": images[row["image"]]} for row in table.rows[:WIDEST_SHOWN] if row["image"] in images
    ]
    return {"images": rows, "table": table}
