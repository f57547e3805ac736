"""Who enters the organiser's room, and the campaign they ask for."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from annotation.models import Campaign
from annotation.roles import ORGANISE
from webapp.access import SignedInRequest, room_of

organisers = room_of(ORGANISE)


def find_campaign(request: SignedInRequest, slug: str) -> Campaign:
    """Return a campaign this person organises, else raise Http404."""
    campaigns = Campaign.objects.in_which(request.user, ORGANISE)
    return get_object_or_404(campaigns.select_related("rubric_version", "shown_model"), slug=slug)
