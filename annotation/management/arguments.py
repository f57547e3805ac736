"""Read what several commands take."""

from django.core.management.base import CommandError

from annotation.models import Campaign


def campaign_named(slug: str) -> Campaign:
    """Return the campaign of that name. Raise CommandError naming those there are."""
    campaign = Campaign.objects.filter(slug=slug).select_related("rubric_version").first()
    if campaign is None:
        there = ", ".join(Campaign.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"campaign {slug!r} is unknown; there are: {there}")
    return campaign
