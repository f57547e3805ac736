"""Keep figures that take long: at once where a campaign is small, else as they were worked out in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from pydantic import TypeAdapter

from annotation.actions.agreement.measure_retest import PersonsRetest, measure_retest
from annotation.models import Campaign, EventChain, Figures, Run

from .hours import Hours, measure_hours
from .uncertainty import Uncertainty, measure_uncertainty

# So many answers are gone through while somebody waits for the page.
FEW = 20_000
# Not more often than this, however much is answered meanwhile; and again where a worker was lost.
INTERVAL = timedelta(minutes=10)


@dataclass(frozen=True)
class Kind:
    """A kind of figures: how they are worked out, what carries them as JSON and back.

    `size` is what they are worked out from, `mark` another number once they are behind.
    """

    measure: Callable[[Campaign], Any]
    adapter: TypeAdapter[Any]
    size: Callable[[Campaign], int]
    mark: Callable[[Campaign], int]


def kind_of(name: str) -> Kind:
    """Return a kind by its name; that of figures on one run ends with its key."""
    if not name.startswith(OF_RUN):
        return KINDS[name]
    run = Run.objects.get(pk=name.removeprefix(OF_RUN))
    return Kind(
        lambda _campaign: measure_uncertainty(run),
        TypeAdapter(Uncertainty),
        lambda _campaign: run.counts()["total"],
        lambda _campaign: run.counts()["done"],
    )


def count_annotations(campaign: Campaign) -> int:
    """Return how many annotations a campaign has."""
    given: int = campaign.person_tallies.totals("given")["given"]
    return given


def count_events(campaign: Campaign) -> int:
    """Return how many events a campaign has: another number means that something happened."""
    return EventChain.objects.filter(campaign=campaign).values_list("length", flat=True).first() or 0


OF_RUN = "uncertainty-"
KINDS = {
    "hours": Kind(measure_hours, TypeAdapter(list[Hours]), count_annotations, count_events),
    "retest": Kind(measure_retest, TypeAdapter(list[PersonsRetest]), count_annotations, count_events),
}


@dataclass(frozen=True)
class KeptFigures:
    """Figures, None before they are worked out first, and from when; None where they are of this very moment."""

    content: Any
    worked_out_at: datetime | None
    is_behind: bool


def figures_of(campaign: Campaign, kind: str) -> KeptFigures:
    """Return figures on a campaign; those of a large one may be behind what happened since."""
    figures = kind_of(kind)
    if figures.size(campaign) <= FEW:
        return KeptFigures(figures.measure(campaign), None, is_behind=False)
    row = campaign.figures.filter(kind=kind).first()
    if row is None or row.worked_out_at is None:
        return KeptFigures(None, None, is_behind=True)
    content = figures.adapter.validate_python(row.content)
    return KeptFigures(content, row.worked_out_at, is_behind=row.mark != figures.mark(campaign))


def ask_for_figures(campaign: Campaign, kind: str, now: datetime) -> bool:
    """Note that figures are to be worked out, and tell whether nobody asked for them a moment ago."""
    row, _created = Figures.objects.get_or_create(campaign=campaign, kind=kind)
    # In one statement, so that of two who ask at once one queues it.
    is_due = Q(asked_at=None) | Q(asked_at__lte=now - INTERVAL)
    return bool(Figures.objects.filter(is_due, pk=row.pk).update(asked_at=now))


def work_out_figures(campaign: Campaign, kind: str) -> None:
    """Work figures out and keep them."""
    # Before, so that what comes meanwhile makes them behind.
    figures = kind_of(kind)
    mark, now = figures.mark(campaign), timezone.now()
    content = figures.adapter.dump_python(figures.measure(campaign), mode="json")
    values = {"content": content, "mark": mark, "worked_out_at": now}
    Figures.objects.update_or_create(campaign=campaign, kind=kind, defaults=values)
