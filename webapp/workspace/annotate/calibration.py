"""Where people stand against the reference panel, and what is left to do before they begin."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from annotation import policy
from annotation.actions.assignments import calibrate
from annotation.design import calibration as arithmetic
from annotation.design.calibration import HOLISTIC
from annotation.models import Calibration, Campaign
from annotation.roles import ANNOTATE
from annotation.rubric.schema import localise
from webapp.access import SignedInRequest, room_of


@require_safe
@room_of(ANNOTATE)
def show_calibration(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the person's own calibration for a campaign."""
    campaigns = Campaign.objects.visible_to(request.user).in_which(request.user, ANNOTATE)
    campaigns = campaigns.filter(calibration__isnull=False)
    campaign = get_object_or_404(campaigns.select_related("rubric_version", "calibration__campaign"), slug=slug)
    membership = campaign.memberships.select_related("campaign").get(user=request.user.pk)
    calibration = calibrate.calibration_of(campaign)
    standing = calibrate.standing_of(calibration, request.user.pk)
    names = {
        attribute.key: localise(attribute.name, get_language() or "en") for attribute in campaign.rubric.attributes
    }
    context = {
        "campaign": campaign,
        "home": calibration.campaign,
        "standing": standing,
        "rule": calibration.rule,
        "passes": calibrate.meets_rule(membership, standing),
        "lacks_calibration": policy.lacks_calibration(membership),
        "attributes": [(name, standing.attributes[key]) for key, name in names.items() if key in standing.attributes],
        "anchors": anchors(calibration, request.user.pk),
    }
    return render(request, "workspace/annotate/calibration.html", context)


def anchors(calibration: Calibration, user_id: int) -> list[dict[str, Any]]:
    """Return the anchors this person has judged, the highest of the panel's first, with ranks and distances."""
    own_scores, panel_scores = (
        calibrate.own_scores(calibration, user_id),
        calibrate.panel_reference(calibration, user_id),
    )
    comparisons = arithmetic.compare(own_scores, panel_scores, calibration.campaign.rubric.scale.step)
    ranks = arithmetic.ranks(own_scores, panel_scores)
    rows = [
        {"image": image, "holistic": comparisons[image][HOLISTIC], "own_rank": own_rank, "panel_rank": panel_rank}
        for image, (own_rank, panel_rank) in ranks.items()
    ]
    return sorted(rows, key=lambda row: row["panel_rank"])
