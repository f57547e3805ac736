"""Read from the database what a release holds that was imported beside answers: consensuses and prefills."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Prefetch

from annotation.dataset.contents.records import ConsensusRecord, PrefillRecord
from annotation.dataset.format.frozen import CutOff
from annotation.models import Campaign, ImportedConsensus, ImportedPrefill

KINDS: dict[str, type[ImportedConsensus | ImportedPrefill]] = {
    "last_imported_consensus": ImportedConsensus,
    "last_imported_prefill": ImportedPrefill,
}


def newest_imports(campaigns: Iterable[Campaign]) -> dict[str, int]:
    """Return the last row of each kind, so that what is imported later stays out of a release."""
    return {
        name: kind.objects.filter(campaign__in=campaigns).aggregate(Max("pk"))["pk__max"] or 0
        for name, kind in KINDS.items()
    }


def imported_since(campaigns: Iterable[Campaign], cut_off: CutOff, images: Any) -> bool:
    """Tell whether anything was imported beside answers to these images since a cut-off."""
    return any(
        kind.objects.filter(campaign__in=campaigns, image__in=images, pk__gt=getattr(cut_off, name)).exists()
        for name, kind in KINDS.items()
    )


def imported_prefetches(campaigns: Iterable[Campaign], cut_off: CutOff) -> list[Prefetch[Any]]:
    """Return what to fetch with images for a release of these campaigns up to a cut-off."""
    return [
        Prefetch(
            f"{kind.__name__.lower()}_set",
            kind.objects.filter(campaign__in=campaigns, pk__lte=getattr(cut_off, name)).order_by("pk"),
        )
        for name, kind in KINDS.items()
    ]


def consensus_of(rows: Iterable[ImportedConsensus]) -> ConsensusRecord | None:
    """Return the one imported last."""
    for row in reversed(list(rows)):
        return ConsensusRecord(row.rule, row.cause, row.reason, row.subcategory, row.scores, imported=True)
    return None


def prefills_of(rows: Iterable[ImportedPrefill]) -> list[PrefillRecord]:
    """Return the one imported last of each model, by model."""
    # Rows come in the order of their import, so the last one of a model stays.
    newest = {row.model: row for row in rows}
    return [
        PrefillRecord(row.model, row.score, row.scores, row.critiques, imported=True)
        for _model, row in sorted(newest.items())
    ]
