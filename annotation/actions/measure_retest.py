"""Measure how well people repeat themselves, from the hidden repeats of a campaign; for organisers and auditors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from annotation.agreement.retest import Retest, retest
from annotation.models import Campaign, Judgement, Revision

HOLISTIC = "holistic"
Pairs = dict[str, dict[str, list[tuple[float, float]]]]


@dataclass(frozen=True)
class PersonsRetest:
    """Hold one annotator's figures by field: the attributes in the rubric's order, last the holistic score."""

    pseudonym: str
    simulated: bool
    pairs: int
    by_field: dict[str, Retest]


def measure_retest(campaign: Campaign) -> list[PersonsRetest]:
    """Return the test-retest figures of everyone with a pair, in the order of their pseudonyms."""
    simulated = set(
        campaign.annotations.retested().filter(simulated=True).values_list("annotator__pseudonym", flat=True)
    )
    people = []
    for pseudonym, pairs in sorted(collect_pairs(campaign).items()):
        by_field = {field: retest(pairs[field]) for field in [*campaign.rubric.by_key, HOLISTIC] if field in pairs}
        most = max(figures.n for figures in by_field.values())
        people.append(PersonsRetest(pseudonym, pseudonym in simulated, most, by_field))
    return people


def collect_pairs(campaign: Campaign) -> Pairs:
    """Return (first, repeated) scores in points, by pseudonym and field.

    Both are first revisions, given before any model was seen. An answer that was asked for again after a semantic
    change of the rubric makes no pair with a repeat from before it.
    """
    pairs: Pairs = {}
    first: dict[tuple[str, int, str], float] = {}
    for person, image, repeat, field, points in _scores(campaign):
        if not repeat:
            first[person, image, field] = points
        elif (person, image, field) in first:
            pair = (first.pop((person, image, field)), points)
            pairs.setdefault(person, {}).setdefault(field, []).append(pair)
    return pairs


def _scores(campaign: Campaign) -> Iterator[tuple[str, int, bool, str, float]]:
    """Yield (pseudonym, image, whether a repeat, field, points), each field in the order of the answers."""
    retested = campaign.annotations.retested()
    about = ("annotation__annotator__pseudonym", "annotation__image", "annotation__assignment__repeat")
    judged = Judgement.objects.first_answers().filter(revision__annotation__in=retested)
    columns = [f"revision__{name}" for name in about]
    rows = judged.order_by("revision__annotation").values_list(*columns, "attribute", "steps")
    for person, image, repeat, field, steps in rows:
        yield person, image, repeat, field, campaign.rubric.scale.to_points(steps)
    answers = Revision.objects.filter(number=1, annotation__in=retested).order_by("annotation")
    for person, image, repeat, hundredths in answers.values_list(*about, "holistic"):
        yield person, image, repeat, HOLISTIC, hundredths / 100
