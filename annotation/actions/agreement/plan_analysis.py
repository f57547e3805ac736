"""Freeze the plan of an analysis before the first answer, and say in what a report departs from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from pydantic import AfterValidator, Field

from annotation import policy
from annotation.actions.events.record import lock_chain, record_event
from annotation.agreement.report.campaign_report import SECTIONS
from annotation.agreement.report.scopes import DIMENSIONS
from annotation.errors import BadInput, Conflict
from annotation.models import AnalysisPlan, Campaign
from annotation.phrases import phrase as _
from annotation.rubric.reading import Content, Sentence, read, refusal

REPLICATES = range(100, 10_001)
MOST_NAMED = 20
PLANNED = ("sections", "scopes", "period", "exclusions", "replicates", "seed")


def sort_as_accepted(names: list[str], accepted: Sequence[str]) -> list[str]:
    """Return what was chosen in the order of what is accepted."""
    unknown = [name for name in names if name not in accepted]
    if unknown:
        raise refusal("not_in_plan", given=", ".join(unknown), accepted=", ".join(accepted))
    return [name for name in accepted if name in names]


class Exclusions(Content):
    """Who and what is excluded beside the headline, each with its reason."""

    sentences: ClassVar = {"extra_forbidden": "no_field_of_plan"}
    raters: dict[str, str] = {}
    images: dict[str, str] = {}


class PlanContent(Content):
    """Which statistics and scopes are reported, and who is excluded beside."""

    sections: Annotated[list[str], AfterValidator(partial(sort_as_accepted, accepted=SECTIONS))] = list(SECTIONS)
    scopes: Annotated[list[str], AfterValidator(partial(sort_as_accepted, accepted=DIMENSIONS))] = list(DIMENSIONS)
    period: Annotated[Literal["", "months", "halves"], Sentence("no_word_of_plan")] = ""
    replicates: Annotated[int, Field(ge=REPLICATES[0], le=REPLICATES[-1]), Sentence("not_between")] = 1000
    seed: Annotated[int, Field(ge=0), Sentence("not_a_count")] = 1
    note: Annotated[str, AfterValidator(str.strip)] = ""
    exclusions: Exclusions = Exclusions()


@transaction.atomic
def freeze_plan(campaign: Campaign, content: Mapping[str, Any], *, by: AbstractBaseUser | None) -> AnalysisPlan:
    """Freeze which statistics and scopes are reported and who is excluded beside; an earlier plan stays on record.

    Raise BadInput naming the field, Conflict once the first answer is there.
    """
    policy.require(policy.may_organise, by, campaign)
    plan_content = read(PlanContent, dict(content))
    exclusions = _check_names(campaign, plan_content.exclusions)
    checked = plan_content.model_dump(exclude={"exclusions"}) | {"exclusions": exclusions}
    # An answer waits for the same lock, so none is recorded between this look and the plan.
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
    record_event(campaign, "plan.frozen", plan, by=by, content=checked, details={"number": number})
    return plan


def check_exclusions(campaign: Campaign, given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return who and what is excluded beside the headline, with reasons. Raise BadInput for whom nobody knows."""
    return _check_names(campaign, read(PlanContent, {"exclusions": dict(given)}).exclusions)


def _check_names(campaign: Campaign, exclusions: Exclusions) -> dict[str, dict[str, str]]:
    accepted_names = {
        "raters": campaign.memberships.once_annotators().values_list("user__pseudonym", flat=True),
        "images": campaign.images.order_by().values_list("sha256", flat=True),
    }
    reasons_by_kind = {}
    for name, reasons in exclusions:
        names = set(accepted_names[name]) if reasons else set()
        # Checked by name here, as a misspelt one would silently exclude nobody.
        reasons_by_kind[name] = {key: _check_reason(name, key, reason, names) for key, reason in reasons.items()}
    return reasons_by_kind


def _check_reason(name: str, key: str, reason: str, accepted: set[str]) -> str:
    if key not in accepted:
        examples = ", ".join(sorted(accepted)[:MOST_NAMED])
        raise BadInput(
            _("exclusions.%(name)s: %(who)s is unknown; there are: %(some)s", name=name, who=key, some=examples)
        )
    if not reason.strip():
        raise BadInput(_("exclusions.%(name)s: %(who)s lacks its reason", name=name, who=key))
    return reason.strip()


def list_departures(plan: AnalysisPlan | None, query: Mapping[str, Any]) -> list[dict[str, Any]]:
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
