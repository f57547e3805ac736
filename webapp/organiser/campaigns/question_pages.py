"""The page of what annotators asked, with the organisers' answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation.actions.campaigns import question as actions
from annotation.errors import BadInput
from annotation.models import Campaign, Message
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.threads import THREADS_A_PAGE, threads
from webapp.wording import say


@require_safe
@organisers
def questions(request: SignedInRequest, slug: str) -> HttpResponse:
    """List the threads of a campaign, the newest first."""
    return show_questions(request, find_campaign(request, slug))


@require_POST
@organisers
def answer(request: SignedInRequest, slug: str, pk: UUID) -> HttpResponse:
    """Add an answer to a thread."""
    campaign = find_campaign(request, slug)
    assignment = get_object_or_404(campaign.assignments.filter(messages__isnull=False).distinct(), pk=pk)
    text = request.POST.get("text", "")
    try:
        actions.reply_to_question(assignment, text, by=request.user)
    except BadInput as error:
        return show_questions(request, campaign, 422, failed={"pk": pk, "text": text, "error": say(error)})
    messages.success(request, _("The answer is sent."))
    return redirect("organiser:questions", slug=slug)


def show_questions(request: SignedInRequest, campaign: Campaign, status: int = 200, **extra: Any) -> HttpResponse:
    """Show a page of threads; `failed` says which answer was refused, with what was typed."""
    newest = Message.objects.threads_in(campaign)
    page = Paginator(newest, THREADS_A_PAGE).get_page(request.GET.get("page"))
    context = {"campaign": campaign, "page": page, "threads": threads(page.object_list), **extra}
    return render(request, "organiser/campaigns/questions.html", context, status=status)
