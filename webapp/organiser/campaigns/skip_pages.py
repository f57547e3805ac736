"""The page of images that annotators skipped, and the button that hands one back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from annotation.actions.assignments.take_back import hand_back_image
from annotation.errors import Conflict
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.wording import say

SKIPS_A_PAGE = 50

# As annotators choose them.
REASONS = {
    "cannot_judge": gettext_lazy("I cannot judge this kind of image"),
    "broken": gettext_lazy("The image is broken"),
    "inappropriate": gettext_lazy("The image is inappropriate"),
    "wrong_category": gettext_lazy("It fits none of the categories"),
    "duplicate": gettext_lazy("It is a copy of another image"),
}


@require_safe
@organisers
def skips(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what was skipped in a campaign, the newest first."""
    campaign = find_campaign(request, slug)
    skipped = campaign.assignments.skipped().select_related("annotator").order_by("-finished_at", "-pk")
    page = Paginator(skipped, SKIPS_A_PAGE).get_page(request.GET.get("page"))
    rows = [(assignment, REASONS.get(assignment.skip_reason, assignment.skip_reason)) for assignment in page]
    return render(request, "organiser/campaigns/skips.html", {"campaign": campaign, "page": page, "rows": rows})


@require_POST
@organisers
def hand_back(request: SignedInRequest, slug: str, pk: UUID) -> HttpResponse:
    """Hand a skipped image back to whoever skipped it."""
    campaign = find_campaign(request, slug)
    assignment = get_object_or_404(campaign.assignments.select_related("annotator"), pk=pk)
    try:
        hand_back_image(assignment, by=request.user)
    except Conflict as error:
        messages.warning(request, say(error))
    else:
        messages.success(request, _("The image is handed back to %(person)s.") % {"person": assignment.annotator})
    return redirect("organiser:skips", slug=slug)
