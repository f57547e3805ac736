"""Draft a further version of a rubric, and publish it with each edit marked wording or semantic.

A rubric has one draft at most. What happens to it is recorded in each campaign that the rubric is used in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign, RubricVersion
from annotation.phrases import phrase as _
from annotation.rubric.changes import Edit, compare, mark
from annotation.rubric.schema import content_hash


@transaction.atomic
def start_draft(version: RubricVersion, *, by: AbstractBaseUser | None) -> RubricVersion:
    """Begin a draft with the content of a version. Raise Conflict when the rubric has a draft already."""
    policy.require(policy.may_edit_rubric, by, version.slug)
    draft = RubricVersion.objects.draft_of(version.slug)
    if draft is not None:
        raise Conflict(_("rubric %(draft)s is a draft already; go on with it or discard it first", draft=draft))
    return draft_version(version, version.content, by=by, seen="")


@transaction.atomic
def draft_version(
    rubric: RubricVersion, content: Any, *, by: AbstractBaseUser | None = None, seen: str | None = None
) -> RubricVersion:
    """Keep a draft of the next version; a draft that is there already takes the new content.

    `seen` is the hash of the draft's content as its author last saw it, empty where there was none; without it a
    draft is overwritten unseen. Raise RubricInvalid when the content cannot be parsed, BadInput when it belongs to
    another rubric, Conflict when the draft is not what was seen.
    """
    policy.require(policy.may_edit_rubric, by, rubric.slug)
    if not isinstance(content, dict) or content.get("slug") != rubric.slug:
        raise BadInput(_("slug: %(slug)r is accepted; another rubric is not a version of this one", slug=rubric.slug))
    _lock_rubric(rubric.slug)
    draft = RubricVersion.objects.draft_of(rubric.slug)
    # Under the lock, else two who saw the same draft could both find it unchanged.
    if seen is not None:
        _check_seen(rubric.slug, draft, seen)
    if draft is None:
        draft = RubricVersion(slug=rubric.slug, number=_newest_number(rubric.slug) + 1)
    # Saved again unchanged, it is no event, and its author stays who wrote it.
    elif draft.content_hash == content_hash(content):
        return draft
    draft.content = content
    draft.edited_by_id, draft.edited_at = (None if by is None else by.pk), timezone.now()
    draft.save()
    _record_in_campaigns(draft, "rubric.drafted", by)
    return draft


@transaction.atomic
def discard_draft(draft: RubricVersion, *, by: AbstractBaseUser | None) -> None:
    """Throw a draft away. Raise Conflict when it is published by now."""
    policy.require(policy.may_edit_rubric, by, draft.slug)
    draft = _lock_draft(draft)
    _record_in_campaigns(draft, "rubric.discarded", by)
    draft.delete()


@transaction.atomic
def publish_version(
    draft: RubricVersion,
    *,
    semantic: Sequence[str] = (),
    wording: Sequence[str] = (),
    by: AbstractBaseUser | None = None,
    seen: str | None = None,
) -> RubricVersion:
    """Publish a draft, which freezes it, with its edits marked wording or semantic.

    `semantic` and `wording` name the edits that change the meaning or leave it, by path or the beginning of one; the
    others keep the mark they have by nature. `seen` is the hash of the content that was read before, where it is to
    be checked. Raise Conflict when it is published already, changes nothing or is not what was seen, BadInput for a
    path that was not edited or a mark that cannot be.
    """
    policy.require(policy.may_edit_rubric, by, draft.slug)
    draft = _lock_draft(draft)
    if seen is not None:
        _check_seen(draft.slug, draft, seen)
    edits = mark(edits_since(draft), semantic, wording)
    if not edits:
        raise Conflict(_("rubric %(draft)s changes nothing", draft=draft))
    newest = _newest_number(draft.slug)
    if draft.number < newest:  # A file was published beside the draft.
        draft.number = newest + 1
    draft.edits = [edit.to_json() for edit in edits]
    draft.published_at = timezone.now()
    draft.save()
    _record_in_campaigns(
        draft, "rubric.published", by, edits=[{"path": edit.path, "kind": edit.kind} for edit in edits]
    )
    return draft


def edits_since(version: RubricVersion) -> list[Edit]:
    """Return how a version differs from the published one before it; a draft, from the newest published one."""
    earlier_versions = RubricVersion.objects.published().filter(slug=version.slug)
    if version.published_at is not None:
        earlier_versions = earlier_versions.filter(number__lt=version.number)
    last = earlier_versions.last()
    return [] if last is None else compare(last.content, version.content)


def _lock_rubric(slug: str) -> None:
    """Lock the first version of a rubric, so that one person at a time makes or changes its draft."""
    # The draft itself may not be there yet, while every rubric has a first version.
    RubricVersion.objects.select_for_update(of=("self",), no_key=True).filter(slug=slug).order_by("pk").values_list(
        "pk"
    ).first()


def _lock_draft(draft: RubricVersion) -> RubricVersion:
    _lock_rubric(draft.slug)
    # Read anew: it may have been published or discarded while this waited.
    locked_draft = RubricVersion.objects.filter(pk=draft.pk).first()
    if locked_draft is None:
        raise Conflict(_("the draft was discarded meanwhile"))
    if locked_draft.published_at is not None:
        raise Conflict(_("rubric %(draft)s is published already", draft=locked_draft))
    return locked_draft


def _check_seen(slug: str, draft: RubricVersion | None, seen: str) -> None:
    if draft is None and seen:
        raise Conflict(_("the draft of rubric %(slug)s was published or discarded meanwhile", slug=slug))
    if draft is not None and draft.content_hash != seen:
        raise Conflict(_("rubric %(draft)s was saved meanwhile, by somebody else or in another window", draft=draft))


def _newest_number(slug: str) -> int:
    return RubricVersion.objects.filter(slug=slug).aggregate(newest=Max("number"))["newest"] or 0


def _record_in_campaigns(version: RubricVersion, verb: str, by: AbstractBaseUser | None, **details: Any) -> None:
    """Record in each campaign that uses the rubric; a calibration follows the campaign it stands before."""
    using = Campaign.objects.filter(rubric_version__slug=version.slug, calibrates=None)
    for campaign in using.order_by("pk"):
        content = version.content_hash
        record_event(campaign, verb, version, by=by, content=content, details={"rubric": str(version), **details})
