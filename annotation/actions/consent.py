"""Record what a person consents to before their first image, by version."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Campaign, Participation

from .record import record


@transaction.atomic
def ask_consent(campaign: Campaign, text: str, *, by: AbstractBaseUser | None) -> None:
    """Set the text people consent to; another text is another version, to which everyone is asked again."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if text.strip() == campaign.consent_text:
        return
    campaign.consent_text = text.strip()
    campaign.consent_version += 1
    campaign.save(update_fields=["consent_text", "consent_version"])
    details = {"consent_version": campaign.consent_version}
    record(campaign, "consent.worded", campaign, by=by, content=campaign.consent_text, details=details)


@transaction.atomic
def consent(campaign: Campaign, *, by: AbstractBaseUser, version: int) -> None:
    """Record that a person consents to a version of the text.

    Raise NotAllowed when they take no part, BadInput for a campaign that asks none, Conflict when the text has
    changed since they read it.
    """
    participation = (
        Participation.objects.select_for_update(of=("self",))
        .select_related("campaign")
        .filter(campaign=campaign, user=by.pk, active=True)
        .first()
    )
    if participation is None:
        raise NotAllowed(f"{by} takes no part in campaign {campaign.slug}")
    asked = participation.campaign
    if not asked.consent_text:
        raise BadInput(f"campaign {asked.slug} asks for no consent")
    if version != asked.consent_version:
        raise Conflict("the text has changed since you read it; read it again")
    participation.consented_version = version
    participation.consented_at = timezone.now()
    participation.save(update_fields=["consented_version", "consented_at"])
    details = {"consent_version": version}
    record(asked, "consent.given", participation, by=by, content=asked.consent_text, details=details)
