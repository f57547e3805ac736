"""A campaign: its next assignment and image, its anchor images, its runs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.actions.assignments import assign, compare, look_ahead
from annotation.errors import NotAllowed
from annotation.models import Assignment, Campaign
from annotation.roles import AUDIT
from webapp.access import person

from . import describe

MOST_DIGITS = 19  # Longer ones no database can look up.


@api_view(["POST"])
def next_assignment(request: Request, slug: str) -> Response:
    """Hand out the person's unfinished assignment, else a new one; say why when there is none."""
    try:
        assignment = assign.next_assignment(slug, person(request))
    except NotAllowed:
        # Nobody is handed anything who takes no part, or while it rests; the reason is for who may know of it.
        assignment = None
    if assignment is None:
        campaign = get_object_or_404(Campaign.objects.visible_to(request.user), slug=slug)
        return Response(describe_nothing(campaign, person(request)))
    return Response(describe_next(assignment, person(request)))


def describe_next(assignment: Assignment, user: AbstractBaseUser) -> dict[str, Any]:
    """Describe what a person was handed, and how far they are."""
    progress = describe.progress(assignment.campaign, user)
    return {"assignment": describe.assignment(assignment), "reason": "", "progress": progress}


def describe_nothing(campaign: Campaign, user: AbstractBaseUser) -> dict[str, Any]:
    """Say why a person was handed nothing, and how far they are."""
    reason = assign.explain_no_assignment(campaign, user)
    return {"assignment": None, "reason": reason, "progress": describe.progress(campaign, user)}


@api_view(["GET"])
def upcoming_images(request: Request, slug: str) -> Response:
    """Tell which images the person is likely to be handed next: where they lie, how large they are, nothing else."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), slug=slug)
    images = look_ahead.upcoming_images(campaign, request.user)
    return Response({"images": [describe.image(row) for row in images]})


@api_view(["GET"])
def anchors(request: Request, slug: str) -> Response:
    """List the anchor images that the person may lay beside the campaign's, with the levels their panel gave them."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), slug=slug)
    return Response(
        {"anchors": [describe.anchor(level) for level in compare.list_anchor_levels(campaign, request.user)]}
    )


@api_view(["GET"])
def runs(request: Request, slug: str) -> Response:
    """List the campaign's runs, the newest first, or only the one whose number `run` asks for."""
    campaign = get_object_or_404(Campaign.objects.in_which(request.user, AUDIT), slug=slug)
    rows = campaign.runs.select_related("campaign", "model_version")
    number = request.query_params.get("run", "")
    if number:
        rows = rows.filter(pk=number) if number.isdecimal() and len(number) < MOST_DIGITS else rows.none()
    return Response({"runs": [describe.run(row) for row in rows[:10]]})
