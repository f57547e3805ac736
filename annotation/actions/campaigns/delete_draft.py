"""Delete a draft in which nobody has judged anything."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.jobs.runs import cancel_run
from annotation.errors import Conflict
from annotation.models import Campaign
from annotation.phrases import phrase as _
from annotation.roles import Role

from .open_campaign import DELETED, describe_campaign


@transaction.atomic
def delete_draft(campaign: Campaign, *, by: AbstractBaseUser | None) -> None:
    """Take a draft away for good: nobody finds it, has a role in it or is asked anything in it, and its name is free.

    Its events stay and say who deleted it, as events are never deleted; its row stays with them. So does which images
    it had, as whoever read there what is said of them is not handed them elsewhere. Raise Conflict for a campaign that
    was opened, and for a draft that holds answers, a release or a calibration.
    """
    policy.require(policy.may_organise, by, campaign)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if campaign.state != Campaign.State.DRAFT:
        raise Conflict(
            _("campaign %(campaign)s was opened before; only a draft can be deleted", campaign=campaign.slug)
        )
    if campaign.annotations.exists() or campaign.releases.exists():
        raise Conflict(
            _("campaign %(campaign)s holds answers or a release, which are kept; so it stays", campaign=campaign.slug)
        )
    if campaign.calibration_id is not None:
        raise Conflict(
            _(
                "campaign %(campaign)s asks for a calibration, which people may be at; so it stays",
                campaign=campaign.slug,
            )
        )
    for run in campaign.runs.running():
        cancel_run(run, by=by)
    details = {"slug": campaign.slug, "title": campaign.title}
    record_event(campaign, "campaign.deleted", campaign, by=by, content=describe_campaign(campaign), details=details)
    campaign.memberships.update(**dict.fromkeys(Role, False))
    campaign.state, campaign.slug = Campaign.State.DELETED, f"{DELETED}{campaign.pk}"
    campaign.save(update_fields=["state", "slug"])
