"""Withdraw an image, or what a person answered: a tombstone, and never again in a release.

No row is deleted and releases stay as they are, so that they can still be verified; those that hold what was
withdrawn are marked, and the next one has to be a new major version.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from annotation import policy
from annotation.actions.events.record import lock_chain, record_event
from annotation.actions.images.remove_files import remove_files
from annotation.actions.jobs.withdrawn_images import set_image_aside
from annotation.actions.places.open_cases import close_cases
from annotation.actions.places.places import count_places, end_work_of, update_standing
from annotation.errors import BadInput, Conflict
from annotation.models import Annotation, Campaign, CampaignImage, Image, Release, Withdrawal

from .contents import contents_of


def withdraw_image(image: Image, *, by: AbstractBaseUser | None, reason: str) -> list[Withdrawal]:
    """Withdraw an image from every campaign it is in: nobody is given or shown it again.

    Work on it ends and its cases are closed. Its files are erased or, for a mistake, sealed; `image.files` says so.
    Raise BadInput for an unknown reason, and Conflict when it is in no campaign or withdrawn already, unless its sealed
    files are to be erased after all.
    """
    policy.require(policy.may_withdraw, by, image)
    _check_reason(reason)
    erase = reason in Withdrawal.ERASING
    withdrawals = _withdraw_image(image, by=by, reason=reason)
    if not withdrawals and not (erase and image.files == Image.Files.SEALED):
        raise Conflict(f"image {image.sha256} is in no campaign, or withdrawn already")
    # After the transaction, as no rollback would bring files back.
    set_image_aside(image)
    remove_files(image, erase=erase, by=by)
    return withdrawals or list(image.withdrawals.all())


@transaction.atomic
def _withdraw_image(image: Image, *, by: AbstractBaseUser | None, reason: str) -> list[Withdrawal]:
    campaigns = Withdrawal.objects.filter(image=image).values("campaign")
    entries = (
        CampaignImage.objects.select_for_update(of=("self",), no_key=True)
        .filter(image=image)
        .exclude(campaign__in=campaigns)
    )
    withdrawals = []
    # In one order, as the chain of each campaign is locked on the way.
    for entry in entries.select_related("campaign__rubric_version", "image").order_by("campaign"):
        withdrawal = Withdrawal.objects.create(campaign=entry.campaign, image=image, reason=reason)
        close_cases(entry, "withdrawn")
        update_standing(entry)
        holding = [
            release
            for release in _published_releases(entry.campaign)
            if contents_of(release).entries().filter(image=image).exists()
        ]
        withdrawals.append(_finish_withdrawal(withdrawal, holding, by, {"image": image.sha256}))
    return withdrawals


@transaction.atomic
def withdraw_person(
    campaign: Campaign,
    person: AbstractBaseUser,
    *,
    by: AbstractBaseUser | None,
    reason: str = Withdrawal.Reason.CONSENT,
) -> Withdrawal:
    """Withdraw all a person answered in a campaign; they are handed no more work there, and others are asked instead.

    It holds for the campaign's calibration too. Raise BadInput for an unknown reason or somebody who took no part,
    Conflict when it is done already.
    """
    policy.require(policy.may_organise, by, campaign)
    _check_reason(reason)
    memberships = campaign.memberships.select_for_update(no_key=True).once_annotators().filter(user=person.pk)
    membership = memberships.first()
    entries = end_work_of(campaign, person, "withdrawn")
    # From here on no release can be frozen, and nobody else can withdraw the same.
    lock_chain(campaign)
    if Withdrawal.objects.filter(campaign=campaign, person=person.pk).exists():
        raise Conflict(f"what {person} answered in {campaign.slug} is withdrawn already")
    if membership is None and not campaign.annotations.filter(annotator=person.pk).exists():
        raise BadInput(f"{person} took no part in campaign {campaign.slug}")
    if membership is not None:
        membership.annotator = False
        membership.save(update_fields=["annotator"])
    withdrawal = Withdrawal.objects.create(campaign=campaign, person_id=person.pk, reason=reason)
    for entry in entries:
        count_places(entry)
    holding = [
        release
        for release in _published_releases(campaign)
        if contents_of(release)
        .annotations()
        .filter(annotator=person.pk, revisions__pk__lte=release.frozen.cut_off.last_revision)
        .exists()
    ]
    pseudonym = getattr(person, "pseudonym")  # noqa: B009
    _finish_withdrawal(withdrawal, holding, by, {"rater": pseudonym})
    calibration = campaign.calibration
    if calibration and calibration.campaign.memberships.once_annotators().filter(user=person.pk).exists():
        anchors = calibration.campaign
        if not Withdrawal.objects.filter(campaign=anchors, person=person.pk).exists():
            withdraw_person(anchors, person, by=by, reason=reason)
    return withdrawal


def copies_of(withdrawal: Withdrawal) -> list[dict[str, str]]:
    """Return in which campaigns, under which pseudonym, imported copies of a person's answers still stand."""
    if withdrawal.person is None:
        return []
    copies = Annotation.objects.copies_of(withdrawal.person, withdrawal.campaign)
    standing = copies.exclude(annotator__withdrawals__campaign=F("campaign"))
    rows = standing.order_by().values_list("campaign__slug", "annotator__pseudonym").distinct()
    return [{"campaign": slug, "rater": rater} for slug, rater in sorted(rows)]


def _published_releases(campaign: Campaign) -> list[Release]:
    """Return the releases that hold answers of the campaign, its own and those of others that took it in."""
    # What a release took in besides its own campaign stands in its record, where no query looks.
    releases = Release.objects.done().select_related("campaign")
    return [release for release in releases if campaign.slug in (release.campaign.slug, *release.frozen.scope.also)]


def _check_reason(reason: str) -> None:
    if reason not in Withdrawal.Reason.values:
        raise BadInput(f"reason {reason!r} is unknown; accepted: {', '.join(Withdrawal.Reason.values)}")


def _finish_withdrawal(
    withdrawal: Withdrawal, holding: list[Release], by: AbstractBaseUser | None, subject: dict[str, Any]
) -> Withdrawal:
    withdrawal.releases.set(holding)
    details = subject | {"reason": str(withdrawal.reason), "releases": sorted(release.version for release in holding)}
    record_event(withdrawal.campaign, "withdrawn", withdrawal, by=by, content=details, details=details)
    return withdrawal
