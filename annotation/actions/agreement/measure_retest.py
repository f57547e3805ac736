"""Measure how well people repeat themselves, from the hidden repeats of a campaign.

Organisers and auditors see everybody's figures, under pseudonyms. Annotators see one figure of their own, once the
campaign is over: before that it would tell them that some images come twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from annotation import policy
from annotation.agreement.raters.retest import Retest, retest
from annotation.models import Campaign, Judgement, Revision

HOLISTIC = "holistic"
Pairs = dict[str, dict[str, list[tuple[float, float]]]]


@dataclass(frozen=True)
class PersonsRetest:
    """One annotator's figures by field: the attributes in the rubric's order, last the holistic score."""

    pseudonym: str
    simulated: bool
    pairs: int
    by_field: dict[str, Retest]


def measure_retest(campaign: Campaign) -> list[PersonsRetest]:
    """Return the test-retest figures of everyone with a pair, in the order of their pseudonyms."""
    programs = set(
        campaign.annotations.retested().filter(simulated=True).values_list("annotator__pseudonym", flat=True)
    )
    people = []
    for pseudonym, pairs in sorted(collect_retest_pairs(campaign).items()):
        by_field = {field: retest(pairs[field]) for field in [*campaign.rubric.by_key, HOLISTIC] if field in pairs}
        most = max(figures.n for figures in by_field.values())
        people.append(PersonsRetest(pseudonym, pseudonym in programs, most, by_field))
    return people


def measure_own_consistency(campaign: Campaign, person: AbstractBaseUser | AnonymousUser) -> Retest | None:
    """Return how well this person repeats their own holistic score; None before the end, or without a repeat."""
    # An answer here, even "no repeats yet", would give away that some images come twice.
    if not policy.may_see_own_consistency(campaign):
        return None
    pairs = [own[HOLISTIC] for own in collect_retest_pairs(campaign, person).values() if HOLISTIC in own]
    return retest(pairs[0]) if pairs else None


def collect_retest_pairs(campaign: Campaign, person: AbstractBaseUser | AnonymousUser | None = None) -> Pairs:
    """Return (first, repeated) scores in points, by pseudonym and field; of one person, or of everybody.

    Both are first revisions, given before any model was seen. An answer that was asked for again after a semantic
    change of the rubric makes no pair with a repeat from before it.
    """
    pairs: Pairs = {}
    first: dict[tuple[str, int, str], float] = {}
    for pseudonym, image, repeat, field, points in _scores(campaign, person):
        if not repeat:
            first[pseudonym, image, field] = points
        elif (pseudonym, image, field) in first:
            # Taken out, so that no first answer makes two pairs, which would count one person's luck twice.
            pair = (first.pop((pseudonym, image, field)), points)
            pairs.setdefault(pseudonym, {}).setdefault(field, []).append(pair)
    return pairs


def _scores(
    campaign: Campaign, person: AbstractBaseUser | AnonymousUser | None
) -> Iterator[tuple[str, int, bool, str, float]]:
    """Yield (pseudonym, image, whether a repeat, field, points), each field in the order of the answers."""
    annotation_pairs = campaign.annotations.retested()
    if person is not None:
        annotation_pairs = annotation_pairs.filter(annotator=person.pk)
    columns_of_image = ("annotation__annotator__pseudonym", "annotation__image", "annotation__assignment__repeat")
    judgements = Judgement.objects.first_annotations().filter(revision__annotation__in=annotation_pairs)
    columns = [f"revision__{name}" for name in columns_of_image]
    rows = judgements.order_by("revision__annotation").values_list(*columns, "attribute", "steps")
    for pseudonym, image, repeat, field, steps in rows:
        yield pseudonym, image, repeat, field, campaign.rubric.scale.to_points(steps)
    annotations = Revision.objects.filter(number=1, annotation__in=annotation_pairs).order_by("annotation")
    for pseudonym, image, repeat, hundredths in annotations.values_list(*columns_of_image, "holistic"):
        yield pseudonym, image, repeat, HOLISTIC, hundredths / 100
