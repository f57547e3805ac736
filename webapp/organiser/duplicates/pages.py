"""The page of near duplicates: one pair of images at a time, confirmed or rejected."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.errors import Conflict
from annotation.models import NearDuplicatePair, PairVerdict
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.wording import say

DECIDED_SHOWN = 50
UNKNOWN = Value(-1000)  # thousandths, below every measure
VERDICTS = {"same": True, "different": False}


@require_safe
@organisers
def near_duplicates(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a pair side by side, and below it the pairs decided last.

    Undecided ones come first, the most alike at their head; then those sure by a model's embeddings alone, the least
    alike at their head.
    """
    campaign = find_campaign(request, slug)
    pairs = NearDuplicatePair.objects.touching(campaign).decided_by(request.user)
    # On SQLite, unlike PostgreSQL, the greatest of a number and NULL is NULL: a missing measure needs a stand-in.
    likeness = Greatest(Coalesce("likeness", UNKNOWN), Coalesce("cosine", UNKNOWN))
    # Below all undecided ones, and turned round: the least alike are the likeliest to be wrong.
    sure_last = When(state=NearDuplicatePair.State.SURE, then=UNKNOWN - F("cosine"))
    order = Case(sure_last, default=likeness, output_field=IntegerField())
    # Read once with their states: to count them, and to find the one at hand, takes as long as to read them.
    states = dict(pairs.open_to_verdict().order_by(order.desc(), "pk").values_list("pk", "state"))
    page: Page[Any] = Paginator(list(states), 1).get_page(request.GET.get("page"))
    page.object_list = pairs.select_related("one", "other").filter(pk__in=page.object_list)
    context = {
        "campaign": campaign,
        "page": page,
        "undecided": sum(state == NearDuplicatePair.State.UNDECIDED for state in states.values()),
        "verdicts": PairVerdict.objects.newest_on(pairs.decided())[:DECIDED_SHOWN],
    }
    return render(request, "organiser/duplicates/near_duplicates.html", context)


@require_POST
@organisers
def decide(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Store a verdict on a pair and go on with the pair that takes its place."""
    campaign = find_campaign(request, slug)
    # A pair may reach into another campaign, and a verdict would group its images too.
    pair = get_object_or_404(NearDuplicatePair.objects.touching(campaign).decided_by(request.user), pk=pk)
    verdict = VERDICTS.get(request.POST.get("verdict", ""))
    if verdict is None:
        messages.error(request, _("Choose whether the two show the same; nothing was changed."))
    else:
        try:
            decide_pair(pair, same=verdict, by=request.user, campaign=campaign, seen=request.POST.get("seen", ""))
        except Conflict as error:
            messages.warning(request, say(error))
    response = redirect("organiser:near-duplicates", slug=slug)
    if request.POST.get("page", "").isdecimal():
        response["Location"] += f"?page={request.POST['page']}"
    return response
