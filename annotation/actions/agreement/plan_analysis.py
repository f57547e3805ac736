"""Freeze the plan of an analysis before the first answer, and say in what a report departs from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation.actions.events.record import lock_chain, record
from annotation.agreement.report.campaign_report import SECTIONS
from annotation.agreement.report.scopes import DIMENSIONS, PERIODS
from annotation.errors import BadInput, Conflict
from annotation.models import AnalysisPlan, Campaign
from annotation.phrases import phrase as _

REPLICATES = range(100, 10_001)
MOST_NAMED = 20
PLANNED = ("sections", "scopes", "period", "exclusions", "replicates", "seed")


@transaction.atomic
def freeze_plan(campaign: Campaign, content: Mapping[str, Any], *, by: AbstractBaseUser | None) -> AnalysisPlan:
    """Freeze which statistics and scopes are reported and who is left out beside; an earlier plan stays on record.

    Raise BadInput naming the field, Conflict once the first answer is there.
    """
    checked = check(content) | {"exclusions": check_exclusions(campaign, content.get("exclusions", {}))}
    lock_chain(campaign)
    first = campaign.annotations.order_by("pk").first()
    if first is not None:
        raise Conflict(
            _(
                "a plan is frozen before the first answer, and that came on %(day)s; a plan made now could have been "
                "made to fit",
                day=first.created_at.date().isoformat(),
            )
        )
    number = campaign.analysis_plans.count() + 1
    plan = AnalysisPlan.objects.create(
        campaign=campaign, number=number, content=checked, frozen_by_id=by.pk if by else None
    )
    record(campaign, "plan.frozen", plan, by=by, content=checked, details={"number": number})
    return plan


def check(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan's content in its standard form. Raise BadInput naming the field and what is accepted."""
    checked = {
        "sections": _among(content, "sections", SECTIONS),
        "scopes": _among(content, "scopes", DIMENSIONS),
        "period": content.get("period", ""),
        "replicates": content.get("replicates", 1000),
        "seed": content.get("seed", 1),
        "note": str(content.get("note", "")).strip(),
    }
    if checked["period"] not in ("", *PERIODS):
        raise _refusal("period", checked["period"], ", ".join(PERIODS))
    if checked["replicates"] not in REPLICATES:
        raise _refusal("replicates", checked["replicates"], f"{REPLICATES[0]} to {REPLICATES[-1]}")
    if not isinstance(checked["seed"], int) or checked["seed"] < 0:
        raise _refusal("seed", checked["seed"], "0, 1, 2, ...")
    return checked


def check_exclusions(campaign: Campaign, given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return who and what is left out beside the headline, with reasons. Raise BadInput for whom nobody knows."""
    known = {
        "raters": campaign.participations.values_list("user__pseudonym", flat=True),
        "images": campaign.images.order_by().values_list("sha256", flat=True),
    }
    checked: dict[str, dict[str, str]] = {name: {} for name in known}
    for name, reasons in given.items():
        if name not in known:
            raise _refusal("exclusions", name, ", ".join(known))
        there = set(known[name]) if reasons else set()
        for who, why in reasons.items():
            if who not in there:
                some = ", ".join(sorted(there)[:MOST_NAMED])
                raise BadInput(
                    _("exclusions.%(name)s: %(who)s is unknown; there are: %(some)s", name=name, who=who, some=some)
                )
            if not why.strip():
                raise BadInput(_("exclusions.%(name)s: %(who)s lacks its reason", name=name, who=who))
            checked[name][who] = why.strip()
    return checked


def departures(plan: AnalysisPlan | None, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return in what a report departs from the plan: each field with what was planned and what was done."""
    if plan is None:
        return []
    rows = [
        {"field": name, "planned": plan.content[name], "done": query[name]}
        for name in PLANNED
        if plan.content[name] != query[name]
    ]
    scope = [{"field": "scope", "planned": {}, "done": query["scope"]}] if query["scope"] else []
    return rows + scope


def _among(content: Mapping[str, Any], name: str, accepted: tuple[str, ...]) -> list[str]:
    """Return what was chosen in the order of what is accepted."""
    chosen = content.get(name, accepted)
    unknown = [each for each in chosen if each not in accepted]
    if unknown:
        raise _refusal(name, ", ".join(map(str, unknown)), ", ".join(accepted))
    return [each for each in accepted if each in chosen]


def _refusal(name: str, given: Any, accepted: str) -> BadInput:
    return BadInput(
        _("%(name)s: %(given)s is not accepted; accepted: %(accepted)s", name=name, given=given, accepted=accepted)
    )
