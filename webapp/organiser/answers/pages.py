"""The pages of the answers to one image, and of what was sent back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation.actions.reviews import send_back as actions
from annotation.errors import BadInput, Conflict
from annotation.models import Annotation, Assignment, Campaign, SendBack
from annotation.rubric.schema import localise
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.wording import say

SHOWN = 50


@require_safe
@organisers
def answers(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Show who answered on an image, and let an answer be sent back."""
    return show_answers(request, find_campaign(request, slug), pk)


@require_safe
@organisers
def sent_back(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what was sent back, by organisers and adjudicators, the newest first."""
    campaign = find_campaign(request, slug)
    page = Paginator(SendBack.objects.in_campaign(campaign), SHOWN).get_page(request.GET.get("page"))
    waiting = set(SendBack.objects.in_campaign(campaign).waiting().values_list("pk", flat=True))
    return render(request, "organiser/answers/sent_back.html", {"campaign": campaign, "page": page, "waiting": waiting})


@require_POST
@organisers
def send_back(request: SignedInRequest, slug: str, pk: UUID) -> HttpResponse:
    """Send an answer back to whoever gave it."""
    campaign = find_campaign(request, slug)
    assignment = get_object_or_404(campaign.assignments.filter(annotation__isnull=False), pk=pk)
    text = request.POST.get("text", "")
    try:
        actions.send_back(assignment, text, by=request.user)
    except (BadInput, Conflict) as error:
        failed = {"pk": pk, "text": text, "error": say(error)}
        status = 409 if isinstance(error, Conflict) else 422
        return show_answers(request, campaign, assignment.image_id, status, failed=failed)
    messages.success(request, _("The answer is sent back to %(name)s.") % {"name": assignment.annotator})
    return redirect("organiser:answers", slug=slug, pk=assignment.image_id)


@require_POST
@organisers
def withdraw(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Withdraw a request to look again."""
    rows = SendBack.objects.filter(assignment__campaign=find_campaign(request, slug))
    try:
        actions.withdraw_send_back(get_object_or_404(rows.select_related("assignment"), pk=number), by=request.user)
    except Conflict as error:
        messages.warning(request, say(error))
    else:
        messages.success(request, _("The request is withdrawn."))
    return redirect("organiser:sent-back", slug=slug)


def show_answers(
    request: SignedInRequest, campaign: Campaign, pk: int, status: int = 200, **extra: Any
) -> HttpResponse:
    """Show the answers on an image; `failed` says which could not be sent back, with what was typed."""
    entry = get_object_or_404(campaign.entries.select_related("image"), image=pk)
    rows = campaign.annotations.filter(image=pk, imported=False).order_by("pk").prefetch_related("revisions")
    skipped = campaign.assignments.filter(image=pk, state=Assignment.State.SKIPPED).select_related("annotator")
    context = {
        "campaign": campaign,
        "entry": entry,
        "rows": [_row(annotation) for annotation in rows.select_related("annotator", "assignment__campaign")],
        "skipped": skipped,
        "withdrawal": campaign.withdrawals.filter(image=pk).exists(),
        "subcategory": localise(campaign.rubric.subcategories[entry.subcategory].name, get_language() or "en"),
        **extra,
    }
    return render(request, "organiser/answers/answers.html", context, status=status)


def _row(annotation: Annotation) -> dict[str, Any]:
    """Return an answer with its requests to look again, and whether another can be made."""
    assignment = annotation.assignment
    requests = list(assignment.send_backs.order_by("pk")) if assignment else []
    is_waiting = any(request.state == SendBack.State.WAITING for request in requests)
    last = list(annotation.revisions.all())[-1]
    return {
        "annotation": annotation,
        "assignment": assignment,
        "holistic": None if last.holistic is None else last.holistic / 100,
        "revised_at": last.created_at,
        "requests": requests,
        "is_open": assignment is not None and not is_waiting and actions.can_be_answered(assignment),
    }
