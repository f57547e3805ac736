"""The page on which people are invited into a campaign by links."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from webapp.access import SignedInRequest
from webapp.accounts.invitation_pages import answer_change, answer_invitations
from webapp.organiser.access import find_campaign, organisers


@require_http_methods(["GET", "POST"])
@organisers
def invitations(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the open invitations into a campaign, and invite more people."""
    return answer_invitations(request, find_campaign(request, slug))


@require_POST
@organisers
def change_invitation(request: SignedInRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """Withdraw or renew an invitation into a campaign."""
    return answer_change(request, find_campaign(request, slug), pk, verb)
