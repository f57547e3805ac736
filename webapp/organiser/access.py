"""Who enters the organiser's room, the campaign they ask for, and whether what they send fits what they saw."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from annotation.models import Campaign
from annotation.roles import ORGANISE
from webapp.access import SignedInRequest, View, room_of

from . import shown


def organisers(view: View) -> View:
    """Open a view to organisers; a form whose page is behind is refused here, whatever it would have done."""

    @wraps(view)
    def checked_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or shown.FIELD not in request.POST:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return shown.refuse_stale(request) or view(request, *args, **kwargs)

    return room_of(ORGANISE)(checked_view)


def find_campaign(request: SignedInRequest, slug: str) -> Campaign:
    """Return a campaign this person organises, else raise Http404."""
    campaigns = Campaign.objects.in_which(request.user, ORGANISE)
    return get_object_or_404(campaigns.select_related("rubric_version", "shown_model"), slug=slug)
