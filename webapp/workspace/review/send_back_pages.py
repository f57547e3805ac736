"""An answer sent back from a case to whoever gave it, whose name stays hidden."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotation.actions.reviews import send_back as actions
from annotation.actions.reviews.review import annotation_by_reference
from annotation.errors import BadInput, Conflict
from annotation.roles import ADJUDICATE
from webapp.access import SignedInRequest, room_of
from webapp.wording import say

from .forms import ConsensusForm
from .pages import own_case, show_case


@require_POST
@room_of(ADJUDICATE)
def send_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send one of the answers of a case back with a word."""
    case = own_case(request, pk)
    text, reference = request.POST.get("text", ""), request.POST.get("answer", "")
    annotation = annotation_by_reference(case, request.user, reference)
    try:
        if annotation is None or annotation.assignment is None:
            raise BadInput(_("Choose one of the answers that stand here."))
        actions.send_back(annotation.assignment, text, by=request.user, case=case)
    except (BadInput, Conflict) as error:
        failed = {"text": text, "answer": reference, "error": say(error)}
        status = 409 if isinstance(error, Conflict) else 422
        return show_case(request, case, ConsensusForm(case), status, failed=failed)
    messages.success(request, _("The answer is sent back. What its author says of it appears here."))
    return redirect("workspace:case", pk=case.pk)


@require_POST
@room_of(ADJUDICATE)
def withdraw(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Withdraw a request of one's own to look again."""
    case = own_case(request, pk)
    try:
        actions.withdraw_send_back(get_object_or_404(case.send_backs, pk=number), by=request.user)
    except Conflict as error:
        messages.warning(request, say(error))
    else:
        messages.success(request, _("The request is withdrawn."))
    return redirect("workspace:case", pk=case.pk)
