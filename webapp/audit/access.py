"""Who enters the audit's room, and the campaign they ask for."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from annotation.models import Campaign
from annotation.roles import AUDIT, VIEW, Roles
from webapp.access import SignedInRequest, room_of

auditors, viewers = room_of(AUDIT), room_of(VIEW)


def find_campaign(request: SignedInRequest, slug: str, roles: Roles = AUDIT) -> Campaign:
    """Return a campaign in which this person has one of the roles, else raise Http404."""
    return get_object_or_404(Campaign.objects.in_which(request.user, roles), slug=slug)
