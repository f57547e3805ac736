"""Walk through people's orders: where an image stands that comes to a campaign, and which one comes next to somebody.

Of an order nothing is stored but how far its person has come. Images are numbered within their stratum, and a person's
permutation of these numbers says which one stands at which place (`annotation.design.orders`). Images that come once
somebody has begun make a block of their own, behind the others. What had no place when somebody went by, and has one
now, is found when nothing else in its block is left for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any

from django.db.models import Case, F, Func, IntegerField, JSONField, Max, OuterRef, Subquery, Value, When

from annotation.design.orders import PersonalOrder, Step
from annotation.models import Assignment, Campaign, CampaignImage, CampaignImageQuerySet, Image, Membership, Stratum
from annotation.models.prepared import prepared

# So many steps ahead are looked at in one query before it is asked what is left at all.
WINDOW, WIDE_WINDOW = 8, 512
PREPARED_STEPS = WINDOW  # For so many the query is prepared.
# Of no more images is it worked out at which place each stands.
FEW = 128


def number_images(campaign: Campaign, entries: Iterable[CampaignImage]) -> None:
    """Give images that come to a campaign their numbers, in a new block once somebody has begun with the newest."""
    block = _block_to_come(campaign)
    # Sorted, as each stratum stays locked to the end: everybody takes them in one order.
    subcategory_of = attrgetter("subcategory")
    for subcategory, rows in groupby(sorted(entries, key=subcategory_of), key=subcategory_of):
        newcomers = list(rows)
        first = _take_numbers(campaign, block, subcategory, len(newcomers))
        for number, entry in enumerate(newcomers, first):
            entry.block, entry.number = block, number


def move_to_subcategory(entry: CampaignImage, subcategory: str) -> None:
    """Put another subcategory of an image in force: from now on it stands in the orders of those who may judge that."""
    entry.subcategory = subcategory
    entry.number = _take_numbers(entry.campaign, entry.block, subcategory, 1)
    entry.save(update_fields=["subcategory", "number"])


def begin_order_anew(membership: Membership) -> None:
    """Let somebody walk through everything once more, as after a change of what they may judge."""
    membership.block, membership.walked = 0, {}
    membership.save(update_fields=["block", "walked"])


def take_next(membership: Membership, *, wait: bool = True) -> CampaignImage | None:
    """Return the first image of a person's order that they may be given, its row locked; None when there is none.

    Images somebody else is taking this moment are passed over; only when nothing else is left are they waited for,
    unless `wait` is False. Call it with the membership's row locked; it is for the caller to save how far the person
    came.
    """
    for skip_locked in (True, False) if wait else (True,):
        walk = Walk(membership)
        entry = walk.take(skip_locked=skip_locked)
        if entry:
            membership.block, membership.walked = walk.block, walk.walked
            return entry
    return None


def take_asked_again(membership: Membership) -> CampaignImage | None:
    """Return the first image that a person judged by an earlier rubric and is to judge again, its row locked."""
    superseded = Assignment.objects.filter(
        annotator=membership.user_id, campaign=membership.campaign_id, superseded=True
    )
    images = CampaignImage.objects.with_places().open_to(membership).not_awaited_from(membership)
    entries = images.filter(image__in=superseded.values("image")).select_related("image")
    return entries.select_for_update(skip_locked=True, of=("self",), no_key=True).first()


def images_ahead(membership: Membership, most: int) -> list[Image]:
    """Return the images that come next to a person, at most so many; nothing is taken, and nobody comes further."""
    return Walk(membership).look(most)


def sizes_of_strata(block: Any) -> Subquery:
    """Ask, of a membership, for the sizes by subcategory of the strata of a block that have places, whoever's."""
    same_stratum = {name: OuterRef(name) for name in ("campaign", "block", "subcategory")}
    images = CampaignImage.objects.with_places().filter(**same_stratum).order_by("number")
    # The first of each and not whether there is one, which PostgreSQL may work out by joining all images.
    strata = Stratum.objects.alias(first=Subquery(images.values("number")[:1])).filter(first__isnull=False)
    strata = strata.filter(campaign=OuterRef("campaign"), block=block).order_by()
    return _Object(strata.values("subcategory", "size"))


class _Object(Subquery):
    """A JSON object of rows of a name and a value; Django has no aggregate for it that both databases know."""

    # Of no rows PostgreSQL makes NULL, SQLite an empty object.
    template = "(SELECT COALESCE(%(aggregate)s(subcategory, size), '{}') FROM (%(subquery)s) pairs)"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, aggregate="json_group_object", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, aggregate="jsonb_object_agg", **context)


class Walk:
    """A person's way through their order, from where they are; the membership stays as it is."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        self.block, self.walked = membership.block, dict(membership.walked)

    @cached_property
    def images(self) -> CampaignImageQuerySet:
        """Return what is left for the person, wherever it stands."""
        membership = self.membership
        return CampaignImage.objects.with_places().open_to(membership).not_awaited_from(membership)

    def take(self, *, skip_locked: bool) -> CampaignImage | None:
        """Lock and return the first image that is left and is no near duplicate of the one before, if there is such."""
        near_duplicate = None
        for steps in self.stretches(WINDOW):
            is_prepared = skip_locked and len(steps) <= PREPARED_STEPS and self.membership.concerns_nothing_else
            entry = self._first_at(steps) if is_prepared else self._lock_at(steps, skip_locked=skip_locked).first()
            if entry and near_duplicate is None and self._follows_its_like(entry):
                near_duplicate = entry
                # It stays next, and is passed over this once.
                self._come_to(steps[: _index(steps, entry)])
            if entry and near_duplicate:
                images = self._lock_at(steps, skip_locked=skip_locked)
                entry = images.exclude(image__group=near_duplicate.image.group_id).first()
            if near_duplicate is None:
                self._come_to(steps[: _index(steps, entry) + 1] if entry else steps)
            if entry:
                return entry
        return near_duplicate

    def look(self, most: int) -> list[Image]:
        """Return the images that come next, at most so many."""
        images: list[Image] = []
        for steps in self.stretches(2 * most):
            images += [entry.image for entry in self.images_at(steps) if entry.image not in images]
            if len(images) >= most:
                break
        return images[:most]

    def stretches(self, width: int) -> Iterator[list[Step]]:
        """Yield stretches of the order: the next steps, then those at which something is left, wherever it is."""
        if steps := self._order(self._sizes_at_hand()).steps(self.walked, width):
            yield steps
        block = self._block_with_images()
        if block is None:
            return
        if block != self.block:
            self.block, self.walked = block, {}
        # Anew, as others may have freed places or moved images since the membership was read.
        order = self._order(self._read_sizes())
        numbers = self.images.filter(block=block).order_by().values_list("subcategory", "number")[: FEW + 1]
        if len(numbers) <= FEW:
            if steps := order.sort(numbers, self.walked):
                yield steps
            return
        # Whole windows are gone through, whether or not the person has come so far.
        passed = dict(self.walked)
        for _ in range(0, order.size, WIDE_WINDOW):
            steps = order.steps(passed, WIDE_WINDOW)
            yield steps
            passed |= {step.subcategory: step.place + 1 for step in steps}

    def _order(self, sizes: dict[str, int]) -> PersonalOrder:
        """Return the person's order of what has places in the block, of the subcategories that they may judge."""
        membership = self.membership
        if membership.categories:
            sizes = {name: sizes[name] for name in membership.eligible_subcategories() if name in sizes}
        return PersonalOrder(sizes, f"{membership.campaign.seed}:{membership.user_id}:{self.block}")

    def _sizes_at_hand(self) -> dict[str, int]:
        """Return the sizes of the strata as they came with the membership, where they did."""
        sizes: dict[str, int] | None = vars(self.membership).get("strata")
        return self._read_sizes() if sizes is None else sizes

    def _read_sizes(self) -> dict[str, int]:
        [row] = Membership.objects.filter(pk=self.membership.pk).annotate(strata=sizes_of_strata(self.block))
        sizes: dict[str, int] = vars(row)["strata"]
        return sizes

    def _block_with_images(self) -> int | None:
        """Return the next block in which something is left for the person, beginning with the one they are in."""
        blocks = self.images.order_by("block").values_list("block", flat=True)
        ahead = blocks.filter(block__gte=self.block).first()
        return blocks.first() if ahead is None and self.block else ahead

    def images_at(self, steps: Sequence[Step]) -> CampaignImageQuerySet:
        """Return what is left for the person at these steps, in their order."""
        # The index finds what has a subcategory and a number of theirs, which is more; the rest is left out.
        subcategories, numbers = {step.subcategory for step in steps}, {step.number for step in steps}
        rows = self.images.filter(block=self.block, subcategory__in=subcategories, number__in=numbers)
        steps_of_rows = rows.annotate(step=_IndexOfStep(steps)).filter(step__isnull=False)
        return steps_of_rows.select_related("image").order_by("step")

    def _lock_at(self, steps: Sequence[Step], *, skip_locked: bool) -> CampaignImageQuerySet:
        # The image's row alone: others share what is joined.
        return self.images_at(steps).select_for_update(skip_locked=skip_locked, of=("self",), no_key=True)

    def _first_at(self, steps: Sequence[Step]) -> CampaignImage | None:
        """Lock and return the first image that is left at these few steps; others' are passed over."""
        # Filled up with the last, as the query has a place for each.
        steps = [*steps, *[steps[-1]] * (PREPARED_STEPS - len(steps))]
        return _first_at_steps.first(
            campaign=self.membership.campaign_id,
            user=self.membership.user_id,
            block=self.block,
            subcategories=[step.subcategory for step in steps],
            numbers=[step.number for step in steps],
        )

    def _come_to(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.walked[step.subcategory] = step.place + 1

    def _follows_its_like(self, entry: CampaignImage) -> bool:
        latest_image = self.membership.latest_image
        return latest_image is not None and latest_image.group_id == entry.image.group_id


@prepared
def _first_at_steps(
    campaign: int,
    user: int,
    block: int,
    subcategories: Annotated[Sequence[str], PREPARED_STEPS],
    numbers: Annotated[Sequence[int], PREPARED_STEPS],
) -> CampaignImageQuerySet:
    # The same as `images_at`, for whoever no other campaign concerns.
    images = CampaignImage.objects.with_places().open_to(Membership.anybody(campaign, user))
    steps = [
        When(subcategory=name, number=number, then=Value(index))
        for index, (name, number) in enumerate(zip(subcategories, numbers, strict=True))
    ]
    rows = images.filter(block=block, subcategory__in=subcategories, number__in=numbers)
    rows_at_steps: CampaignImageQuerySet = rows.alias(step=Case(*steps)).exclude(step=None).order_by("step")
    return rows_at_steps.select_related("image").select_for_update(skip_locked=True, of=("self",), no_key=True)[:1]


class _IndexOfStep(Func):
    """At which of these steps an image stands; NULL at none. Written in one piece, as there may be hundreds."""

    output_field = IntegerField()

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__(F("subcategory"), F("number"))
        self.steps = [(step.subcategory, step.number) for step in steps]

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_context: Any) -> Any:
        subcategory, number = (compiler.compile(column)[0] for column in self.get_source_expressions())
        indices = dict(zip(self.steps, range(len(self.steps)), strict=True))
        sql, params = [], []
        for name, steps in groupby(sorted(indices), key=lambda step: step[0]):
            cases = " ".join(f"WHEN {step[1]:d} THEN {indices[step]:d}" for step in steps)
            sql.append(f"WHEN %s THEN CASE {number} {cases} END")
            params.append(name)
        return f"CASE {subcategory} {' '.join(sql)} END", params


def _index(steps: Sequence[Step], entry: CampaignImage) -> int:
    return [(step.subcategory, step.number) for step in steps].index((entry.subcategory, entry.number))


def _block_to_come(campaign: Campaign) -> int:
    newest: int = campaign.strata.aggregate(newest=Max("block", default=0))["newest"]
    # All that is there when a campaign opens is its first block.
    if newest == 0:
        return int(campaign.state != Campaign.State.DRAFT)
    is_begun = campaign.memberships.filter(block=newest).exclude(walked={}).exists()
    return newest + is_begun


def _take_numbers(campaign: Campaign, block: int, subcategory: str, count: int) -> int:
    """Return the first of so many new numbers in a stratum."""
    stratum, _created = Stratum.objects.select_for_update(no_key=True).get_or_create(
        campaign=campaign, block=block, subcategory=subcategory
    )
    first = stratum.size
    stratum.size += count
    stratum.save(update_fields=["size"])
    return first
