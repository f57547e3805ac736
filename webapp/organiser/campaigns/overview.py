"""What a campaign's page says of it: subcategories, presets, the newest report in short."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotation.models import PRESET_SHARES, Arm, Campaign, Preset, Report
from annotation.rubric.schema import localise


def subcategories(campaign: Campaign, language: str) -> list[dict[str, Any]]:
    """Return the campaign's subcategories in the rubric's order: images to be judged, answers they have and want."""
    tally = campaign.tally()
    return [
        {
            "name": localise(subcategory.name, language),
            "images": tally[key]["judged"],
            "annotations": tally[key]["annotations"],
            "target": tally[key]["wanted"],
        }
        for key, subcategory in campaign.rubric.subcategories.items()
        if key in tally and tally[key]["judged"]
    ]


def people(campaign: Campaign) -> list[dict[str, Any]]:
    """Return who has or had a role in the campaign, with how many answers count and how many others each gave."""
    numbers = campaign.annotations_by_person()
    rows = []
    for membership in campaign.memberships.select_related("user").order_by("user__username"):
        done, others = numbers.get(membership.user_id, (0, 0))
        rows.append({"membership": membership, "done": done, "others": others})
    return rows


def preset_note(campaign: Campaign) -> str:
    """Say which presets are closed to a campaign under way, and why; empty when all are open."""
    presets = [Preset(name).label for name, shares in PRESET_SHARES.items() if shares[Arm.BLIND] < campaign.blind_share]
    if campaign.state == Campaign.State.DRAFT or not presets:
        return ""
    return _(
        "The blind share of %(share)s %% stays for the life of the campaign: without it anchoring could not be "
        "told from taste. So these are closed: %(presets)s."
    ) % {"share": campaign.blind_share, "presets": ", ".join(map(str, presets))}


def headline(report: Report | None) -> dict[str, Any] | None:
    """Return what a report says about the holistic score, with its interval by name and the confidence in per cent."""
    if report is None:
        return None
    figure = report.figures["holistic"]
    low, high = figure["interval"] or (None, None)
    return {**figure, "low": low, "high": high, "confidence": round(100 * report.figures["confidence"])}
