"""What an annotator asked the organisers, with the answers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from annotation.actions.campaigns import question as actions
from annotation.errors import BadInput
from annotation.models import Assignment, Message
from annotation.roles import ANNOTATE
from webapp.access import SignedInRequest, room_of
from webapp.threads import THREADS_A_PAGE, threads
from webapp.wording import say


@require_safe
@room_of(ANNOTATE)
def list_questions(request: HttpRequest) -> HttpResponse:
    """List what the person asked the organisers, with the answers."""
    newest = Message.objects.threads_of(request.user).select_related("assignment__campaign")
    page = Paginator(newest, THREADS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "threads": threads(page.object_list)}
    return render(request, "workspace/annotate/questions.html", context)


@require_POST
@room_of(ANNOTATE)
def ask(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Add the person's message to a thread they began."""
    # A thread begins on the page where the image is judged; here it only goes on.
    own_assignments = Assignment.objects.readable_by(request.user).filter(messages__isnull=False).distinct()
    assignment = get_object_or_404(own_assignments, pk=pk)
    try:
        actions.ask_question(assignment, request.POST.get("text", ""), by=request.user)
    except BadInput as error:
        messages.error(request, say(error))
    return redirect("workspace:questions")
