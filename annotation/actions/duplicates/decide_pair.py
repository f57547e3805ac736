"""Decide whether two images that may be near duplicates show the same: a person's verdict, beside the measures.

A person may also tell apart what only a model's embeddings take for the same.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.errors import Conflict
from annotation.models import Campaign, NearDuplicatePair, PairVerdict
from annotation.phrases import phrase as _

from .group_images import lock_groups, regroup_images


@transaction.atomic
def decide_pair(
    pair: NearDuplicatePair,
    *,
    same: bool,
    by: AbstractBaseUser,
    campaign: Campaign,
    seen: str = NearDuplicatePair.State.UNDECIDED,
) -> PairVerdict:
    """Store a verdict on a pair and group its images anew; `seen` is the state the person saw.

    A verdict may be changed by a later one. No image that has a split moves. Raise NotAllowed for anyone but an
    organiser of the campaigns that the images are in, Conflict when the pair is no longer in the state seen, or needs
    no person.
    """
    policy.require(policy.may_decide_pair, by, campaign, pair)
    # Before the pair is read: an import or another verdict may be forming its groups this moment.
    lock_groups()
    pair = (
        NearDuplicatePair.objects.select_for_update(of=("self",), no_key=True)
        .select_related("one", "other")
        .get(pk=pair.pk)
    )
    # Of pairs that only embeddings are sure of one in ten may be wrong, so these are open to a person.
    if pair.state == NearDuplicatePair.State.SURE and pair.sure_by_looks:
        raise Conflict(_("these images are the same by measure; nothing is left to decide"))
    if pair.state != seen:
        raise Conflict(_("somebody else has decided on these images meanwhile"))
    verdict = PairVerdict.objects.create(pair=pair, campaign=campaign, same=same, by_id=by.pk)
    pair.state = NearDuplicatePair.State.SAME if same else NearDuplicatePair.State.DIFFERENT
    pair.save(update_fields=["state"])
    regroup_images([pair.one.group_id, pair.other.group_id])
    details = {"images": [pair.one.sha256, pair.other.sha256], "same": same}
    record_event(campaign, "pair.adjudicated", verdict, by=by, content=details, details=details)
    return verdict
