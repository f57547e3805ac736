"""LEAKAGE.md: how near duplicates are told, what lies across splits, what is also in public benchmarks."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from annotation.dataset.contents.leakage import Leaks
from annotation.dataset.contents.planted import PLANTED, PLANTED_AMONG, PRECISION, RECALL
from annotation.dataset.format.facts import ReleaseFacts
from annotation.images.likeness import HASH_ALONE, REACH, SURE, UNSURE

from .markdown import render

NEAR_PAIRS = {
    "sure": "the same, by measure",
    "same": "the same, by a person",
    "undecided": "undecided, and therefore kept together",
    "different": "different, by a person",
}


def leakage(facts: ReleaseFacts, leaks: Leaks, overlaps: Mapping[str, Sequence[Sequence[Any]]]) -> str:
    """Return the text of the page; `overlaps` lists image, split, name and bits by the title of a benchmark."""
    rejected = {frozenset(pair) for pair in facts.rejected_pairs}
    counts = facts.near_duplicate_pairs
    return render(
        "LEAKAGE.md",
        facts=facts,
        reach=REACH,
        sure=SURE,
        unsure=UNSURE,
        hash_alone=HASH_ALONE,
        embeddings=facts.embeddings,
        near_pairs=[(words, counts[state]) for state, words in NEAR_PAIRS.items() if state in counts],
        planted=PLANTED,
        planted_among=PLANTED_AMONG,
        recall=RECALL,
        precision=PRECISION,
        pairs=[pair_row(pair, rejected) for pair in leaks.pairs],
        second_looks=sum(leaks.counts.values()),
        overlaps=overlaps,
        overlapping=[
            (image, split, title, name, str(bits))
            for title, rows in overlaps.items()
            for image, split, name, bits in rows
        ],
    )


def pair_row(pair: Sequence[Any], rejected: Container[frozenset[str]]) -> tuple[str, ...]:
    """Return the cells of a pair of images of different splits."""
    image, split, other_image, other_split, bits, correlation, verdict = pair
    ruling = "different, by a person" if frozenset((image, other_image)) in rejected else verdict
    likeness = "unknown" if correlation is None else f"{correlation / 1000:.3f}"
    return image, split, other_image, other_split, str(bits), likeness, ruling
