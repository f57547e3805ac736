"""Set up campaigns: rubric, images, people, arms."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.text import slugify

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.places.orders import begin_order_anew
from annotation.actions.rubrics.shipped_rubric import shipped_rubric
from annotation.errors import BadInput, Conflict
from annotation.models import (
    PRESET_SHARES,
    Arm,
    Campaign,
    Membership,
    ModelVersion,
    Preset,
    RubricVersion,
)
from annotation.models.visibility import any_of
from annotation.phrases import phrase as _
from annotation.roles import ADMINISTRATORS, ANNOTATE, Role, Roles, is_administrator, roles_clash
from annotation.rubric.changes import compare
from annotation.rubric.reading import is_storable
from annotation.rubric.schema import content_hash

# Short names that would be hidden behind a page of ours.
RESERVED = frozenset({"cases", "new", "plan", "questions", "reports", "rubrics"})
# What a deleted draft is called from then on, with its number.
DELETED = "deleted-"
# What a `SlugField` holds; SQLite would take more, PostgreSQL would fail.
LONGEST_SLUG = 50
LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 10_000


def check_slug(slug: str) -> str:
    """Return the short name of a campaign when it can be an address, else raise BadInput."""
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST_SLUG}}}", slug):
        raise BadInput(
            _(
                "%(slug)r is no short name; 1 to %(most)s letters, digits, - and _ are accepted",
                slug=slug,
                most=LONGEST_SLUG,
            )
        )
    if slug in RESERVED or slug.startswith(DELETED):
        raise BadInput(_("%(slug)s is the address of another page; choose another short name", slug=slug))
    if Campaign.objects.filter(slug=slug).exists():
        raise _slug_taken(slug)
    return slug


def _slug_taken(slug: str) -> BadInput:
    return BadInput(_("campaign %(slug)r is there already; choose another short name", slug=slug))


def propose_slug(title: str) -> str:
    """Return a free short name made from the Latin letters and digits of a title; without any, from "campaign"."""
    stem = slugify(title)[: LONGEST_SLUG - 5].strip("-_") or "campaign"
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(name for name in names if _is_free(name))


def _is_free(slug: str) -> bool:
    try:
        return bool(check_slug(slug))
    except BadInput:
        return False


def check_title(title: str) -> str:
    """Return a title without blanks around it. Raise BadInput for an empty one and for what cannot be stored."""
    title = title.strip()
    if not title or len(title) > LONGEST_TITLE or not is_storable(title):
        raise BadInput(_("title: 1 to %(most)s characters are accepted", most=LONGEST_TITLE))
    return title


def check_description(description: str) -> str:
    """Return a description without blanks around it. Raise BadInput for a text that cannot be stored."""
    description = description.strip()
    if len(description) > LONGEST_DESCRIPTION or not is_storable(description):
        raise BadInput(_("description: a text of at most %(most)s characters is accepted", most=LONGEST_DESCRIPTION))
    return description


def check_preset(preset: str) -> str:
    """Return the name of a preset. Raise BadInput for an unknown one."""
    if preset not in Preset.values:
        raise BadInput(
            _("preset %(preset)r is unknown; accepted: %(accepted)s", preset=preset, accepted=", ".join(Preset.values))
        )
    return preset


def check_annotations_per_image(annotations_per_image: int) -> int:
    """Return how many answers an image is to have. Raise BadInput for none."""
    if annotations_per_image < 1:
        raise BadInput(_("annotations_per_image: 1 or more is accepted, not %(given)s", given=annotations_per_image))
    return annotations_per_image


def publish_rubric(content: Any) -> RubricVersion:
    """Publish a rubric, or return the version that has this very content.

    Raise RubricInvalid when it cannot be parsed.
    """
    existing_version = RubricVersion.objects.filter(
        content_hash=content_hash(content), published_at__isnull=False
    ).first()
    if existing_version:
        return existing_version
    slug = content.get("slug", "") if isinstance(content, dict) else ""
    newest = RubricVersion.objects.filter(slug=slug).aggregate(Max("number"))["number__max"] or 0
    version = RubricVersion(slug=slug, number=newest + 1, content=content, published_at=timezone.now())
    predecessor = RubricVersion.objects.published().filter(slug=slug).last()
    version.edits = [edit.to_json() for edit in compare(predecessor.content, content)] if predecessor else []
    version.save()
    return version


@transaction.atomic
def create_campaign(
    slug: str,
    *,
    title: str,
    rubric_version: RubricVersion | None,
    by: AbstractBaseUser | None,
    preset: str = Preset.COMMIT_THEN_REVIEW,
    **options: Any,
) -> Campaign:
    """Create a draft campaign whose arms follow the preset; `options` are further fields of `Campaign`.

    Without a version of a rubric, the one that comes with the program is published and taken. Raise NotAllowed for
    anybody but an administrator, BadInput for a short name that is taken, that is the address of another page or that
    is no address, and for a title, description, preset, rubric or number of answers that is not accepted.
    """
    policy.require(policy.may_administer, by)
    if rubric_version is None:
        rubric_version = publish_rubric(shipped_rubric())
    if rubric_version.published_at is None:
        raise BadInput(_("rubric: a published version is accepted; %(version)s is a draft", version=rubric_version))
    return begin_campaign(slug, title=title, rubric_version=rubric_version, by=by, preset=preset, **options)


def begin_campaign(
    slug: str, *, title: str, rubric_version: RubricVersion, by: AbstractBaseUser | None, preset: str, **options: Any
) -> Campaign:
    """Create a draft that whoever makes it organises."""
    # Nobody is asked here: organisers clone and calibrate, though only administrators create a campaign.
    check_slug(slug)
    check_preset(preset)
    check_annotations_per_image(options.get("annotations_per_image", 1))
    shares = PRESET_SHARES[preset]
    campaign = Campaign(
        slug=slug,
        title=check_title(title),
        rubric_version=rubric_version,
        preset=preset,
        blind_share=shares[Arm.BLIND],
        reveal_share=shares[Arm.REVEAL],
        assisted_share=shares[Arm.ASSISTED],
        **{**options, "description": check_description(options.get("description", ""))},
    )
    try:
        with transaction.atomic():
            campaign.save()
    except IntegrityError as error:
        # Of two who take a name in the same moment, the later is told.
        if Campaign.objects.filter(slug=slug).exists():
            raise _slug_taken(slug) from error
        raise
    if by is not None:
        Membership.objects.create(campaign=campaign, user_id=by.pk, organiser=True)
    record_event(
        campaign,
        "campaign.created",
        campaign,
        by=by,
        content=describe_campaign(campaign),
        details=describe_campaign(campaign),
    )
    return campaign


@transaction.atomic
def invite_people(
    campaign: Campaign,
    people: Sequence[AbstractBaseUser],
    *,
    by: AbstractBaseUser | None,
    categories: Sequence[str] = (),
    roles: Roles = ANNOTATE,
) -> None:
    """Give people roles beside those they have, in the calibration too where there is one.

    Annotators judge the categories named, or all. Raise BadInput for an unknown category and for roles that clash.
    """
    policy.require(policy.may_organise, by, campaign)
    accepted = [category.key for category in campaign.rubric.categories]
    for key in categories:
        if key not in accepted:
            raise BadInput(
                _("category %(key)r is unknown; accepted: %(accepted)s", key=key, accepted=", ".join(accepted))
            )
    # Before the first event: whoever stores an annotation holds their membership, and then waits for the event chain.
    in_both = Q(campaign=campaign) | Q(campaign__calibrates__campaigns=campaign)
    rows = Membership.objects.filter(in_both, user__in=[person.pk for person in people]).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True))
    for person in people:
        enrol_person(campaign, person, by=by, categories=categories, roles=roles)
    if campaign.calibration:
        for person in people:
            # Without categories: everybody is held against all anchors.
            enrol_person(campaign.calibration.campaign, person, by=by, roles=roles)


def enrol_person(
    campaign: Campaign,
    person: AbstractBaseUser,
    *,
    by: AbstractBaseUser | None,
    categories: Sequence[str] = (),
    roles: Roles = ANNOTATE,
) -> None:
    """Add roles to a person's membership, which begins with them; nothing happens when they are held already.

    Raise BadInput for roles that clash, and for somebody who withdrew what they had answered.
    """
    membership, _created = Membership.objects.get_or_create(campaign=campaign, user_id=person.pk)
    old_values = (membership.roles, membership.categories)
    membership.roles |= roles
    if roles_clash(membership.roles | (ADMINISTRATORS if is_administrator(person) else frozenset())):
        raise BadInput(_clash_of(person))
    is_annotator = Role.ANNOTATOR in roles
    # What they answered anew would not count either: a withdrawal is for good.
    if is_annotator and campaign.withdrawals.filter(person=person.pk).exists():
        raise BadInput(
            _(
                "%(person)s withdrew from campaign %(campaign)s, which is for good",
                person=person,
                campaign=campaign.slug,
            )
        )
    if is_annotator:
        membership.categories = list(categories)
        # The first time counts: by it reports know who ever annotated.
        membership.joined_at = membership.joined_at or timezone.now()
    # Invited again to the same, nothing has happened, and the order they work through stays.
    if old_values == (membership.roles, membership.categories):
        return
    membership.save()
    if is_annotator:
        begin_order_anew(membership)
    content = {"user": person.pk, "roles": sorted(roles), "categories": list(categories)}
    record_event(campaign, "person.invited", membership, by=by, content=content, details=content)


def copy_memberships(campaign: Campaign, other: Campaign, roles: Roles = frozenset(Role)) -> None:
    """Give everyone of a campaign the same roles in another, as far as they are among those named."""
    members = set(other.memberships.values_list("user", flat=True))
    for membership in campaign.memberships.filter(any_of(roles)).exclude(user__in=members):
        other.memberships.create(
            user_id=membership.user_id,
            # Not the other campaign's date: here they begin now.
            joined_at=timezone.now() if membership.annotator else None,
            categories=membership.categories,
            cap=membership.cap,
            **dict.fromkeys(membership.roles & roles, True),
        )


def _clash_of(person: AbstractBaseUser) -> str:
    return _(
        "%(person)s cannot judge images and read what others say of them in one campaign: annotator and adjudicator do "
        "not go together with organiser, auditor or viewer",
        person=person,
    )


def what_is_missing(campaign: Campaign) -> dict[str, str]:
    """Return what a draft needs before it can open, by what is lacking: `images`, `people`, `model`."""
    missing: dict[str, str] = {}
    if not campaign.entries.exists():
        missing["images"] = _("campaign %(campaign)s has no images yet; import some first", campaign=campaign.slug)
    if not campaign.memberships.annotators().exists():
        missing["people"] = _("campaign %(campaign)s has no people yet; invite some first", campaign=campaign.slug)
    if campaign.blind_share < 100 and campaign.shown_model is None:
        missing["model"] = _(
            "campaign %(campaign)s shows a model's prefills but names no model; choose one first",
            campaign=campaign.slug,
        )
    return missing


@transaction.atomic
def open_campaign(campaign: Campaign, *, by: AbstractBaseUser | None) -> None:
    """Hand out work from now on. Raise Conflict when something is missing, naming it, and when it was opened before."""
    policy.require(policy.may_organise, by, campaign)
    if Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk).state != Campaign.State.DRAFT:
        raise Conflict(_("campaign %(campaign)s was opened before", campaign=campaign.slug))
    for words in what_is_missing(campaign).values():
        raise Conflict(words)
    campaign.state = Campaign.State.OPEN
    campaign.opened_at = timezone.now()
    campaign.save(update_fields=["state", "opened_at"])
    record_event(campaign, "campaign.opened", campaign, by=by, content=describe_campaign(campaign))


@transaction.atomic
def show_model(campaign: Campaign, model_version: ModelVersion, *, by: AbstractBaseUser | None) -> None:
    """Choose the model version whose answers this campaign shows."""
    policy.require(policy.may_organise, by, campaign)
    # Chosen again, it is no change and no event.
    if campaign.shown_model_id == model_version.pk:
        return
    campaign.shown_model = model_version
    campaign.save(update_fields=["shown_model"])
    details = {"model": model_version.name, "version": model_version.version}
    record_event(campaign, "model.chosen", campaign, by=by, content=details, details=details)


def show_first_model(campaign: Campaign, model_version: ModelVersion, *, by: AbstractBaseUser | None) -> None:
    """Show this model version where the campaign shows none yet: the first model asked, unless somebody chose."""
    policy.require(policy.may_organise, by, campaign)
    if campaign.shown_model_id is None:
        show_model(campaign, model_version, by=by)


def describe_campaign(campaign: Campaign) -> dict[str, Any]:
    """Return what defines a campaign, as its events record it."""
    return {
        "slug": campaign.slug,
        "rubric": str(campaign.rubric_version),
        "annotations_per_image": campaign.annotations_per_image,
        "preset": str(campaign.preset),
        "shares": {str(arm): share for arm, share in campaign.shares.items()},
        "arms_by": str(campaign.arms_by),
        "seed": campaign.seed,
    }
