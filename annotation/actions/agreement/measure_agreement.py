"""Measure how far experts agree, and keep the report with all that is needed to recompute it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import agreement, policy
from annotation.actions.events.record import hash_content, record_event
from annotation.agreement.report import scopes
from annotation.agreement.report.campaign_report import SECTIONS, WHICH_ANNOTATIONS, ReportContents, figures
from annotation.agreement.report.panel import Fields
from annotation.errors import BadInput
from annotation.models import Campaign, Recomputation, Report, RubricVersion

from .inputs import Cut, changes_since, gather_panel, take_cut_off
from .plan_analysis import check_exclusions, list_departures

REPLICATES = 1000
MOST_DIFFERENCES = 500  # So many are kept; their number is always told.


def measure_agreement(
    campaign: Campaign,
    *,
    by: AbstractBaseUser | None,
    seed: int | None = None,
    replicates: int | None = None,
    scope: Mapping[str, str] | None = None,
    exclusions: Mapping[str, Mapping[str, str]] | None = None,
    also: Sequence[Campaign] = (),
    rubric_versions: Sequence[int] = (),
    cuts: Mapping[str, Cut] = MappingProxyType({}),
    excluded: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Report:
    """Compute all figures, as the analysis plan has them where one is frozen; keep the report.

    `scope` keeps a part of the campaign, such as `{"category": "sculpture"}`; `exclusions` maps `raters` and `images`
    to reasons, and the report says what agreement is with and without them. `also` takes in the answers of further
    campaigns by the same rubric, `rubric_versions` keeps answers by these. `cuts` gives the cut-off of each campaign by
    slug where it is not this moment, `excluded` the `images` and `raters` whose answers are no part of it, without a
    word: those that a release does not hold. Raise BadInput for what is unknown.
    """
    policy.require(policy.may_organise, by, campaign, *also)
    plan = campaign.analysis_plans.first()
    plan_values = {"seed": 1, **standard_query(), **(plan.content if plan else {})}
    named_exclusions = None if exclusions is None else check_exclusions(campaign, exclusions)
    arguments = {"seed": seed, "replicates": replicates, "exclusions": named_exclusions}
    values = plan_values | {name: value for name, value in arguments.items() if value is not None}
    seed = values.pop("seed")
    query = {name: values[name] for name in standard_query()}
    # One cut-off for each: every campaign numbers its own events.
    as_of = {one.slug: cuts.get(one.slug) or take_cut_off(one) for one in (campaign, *also)}
    query |= {"annotations": WHICH_ANNOTATIONS, "scope": dict(scope or {}), "as_of": as_of[campaign.slug]}
    query |= {"also": [{"campaign": other.slug, **as_of[other.slug]} for other in also]} if also else {}
    query |= {"excluded": dict(excluded)} if excluded else {}
    query |= {"rubric_versions": sorted(rubric_versions)} if rubric_versions else {}
    query |= {"plan": plan.number if plan else None, "departures": list_departures(plan, {**query, "seed": seed})}
    # Outside any transaction: this takes long, and the lock on the chain would hold up every answer meanwhile.
    results, inputs = compute_figures(campaign, query, seed)
    return _store_report(campaign, query, seed, results, inputs, by)


def standard_query() -> dict[str, Any]:
    """Return what a report contains unless something else is planned or asked for."""
    return {
        "sections": list(SECTIONS),
        "scopes": list(scopes.DIMENSIONS),
        "period": "",
        "exclusions": {"raters": {}, "images": {}},
        "replicates": REPLICATES,
    }


def compute_figures(campaign: Campaign, query: Mapping[str, Any], seed: int) -> tuple[dict[str, Any], str]:
    """Return the figures of a query and the hash of the input: the same query and seed give the same figures."""
    # The version of that moment: the campaign may have adopted a later one since.
    rubric = RubricVersion.objects.get(pk=query["as_of"]["rubric_version"]).rubric
    versions = query.get("rubric_versions", ())
    panel = gather_panel(campaign, rubric, query["as_of"], versions)
    for further in query.get("also", ()):
        other = Campaign.objects.get(slug=further["campaign"])
        panel = panel.beside(gather_panel(other, rubric, further, versions))
    panel = panel.without(**query.get("excluded", {}))
    inputs = hash_content(panel.content())
    try:
        panel = scopes.narrow_panel(panel, Fields(rubric), query["scope"], query["period"])
    except ValueError as error:
        raise BadInput(error.args[0]) from error
    contents = ReportContents(seed=seed, **{name: query[name] for name in standard_query()})
    return figures(panel, rubric, contents), inputs


@transaction.atomic
def _store_report(
    campaign: Campaign,
    query: dict[str, Any],
    seed: int,
    results: dict[str, Any],
    inputs: str,
    by: AbstractBaseUser | None,
) -> Report:
    report = Report.objects.create(
        campaign=campaign,
        query=query,
        engine_version=engine_version(),
        seed=seed,
        input_hash=inputs,
        figures=results,
        requested_by_id=by.pk if by else None,
    )
    record_event(campaign, "report.computed", report, by=by, content=results, details={"input": inputs})
    return report


def recompute_report(report: Report, *, by: AbstractBaseUser | None) -> Recomputation:
    """Compute a report again from the answers as they were, keep and return what differs, each figure by its path.

    With the same engine and input nothing differs.
    """
    policy.require(policy.may_audit, by, report.campaign)
    results, inputs = compute_figures(report.campaign, report.query, report.seed)
    # Through JSON, as the stored figures went: a tuple here and a list there would count as different.
    differences = compare_figures(report.figures, json.loads(json.dumps(results)))
    return _store_recomputation(report, inputs, differences, by)


@transaction.atomic
def _store_recomputation(
    report: Report, inputs: str, differences: list[dict[str, Any]], by: AbstractBaseUser | None
) -> Recomputation:
    recomputation = Recomputation.objects.create(
        report=report,
        engine_version=engine_version(),
        input_hash=inputs,
        n_differences=len(differences),
        # Another engine may change every figure, and a row for each would outgrow the report.
        differences=differences[:MOST_DIFFERENCES],
        requested_by_id=by.pk if by else None,
    )
    details = {"report": report.pk, "differences": len(differences)}
    record_event(
        report.campaign, "report.recomputed", recomputation, by=by, content=recomputation.differences, details=details
    )
    return recomputation


def compare_figures(old: Any, new: Any, path: str = "") -> list[dict[str, Any]]:
    """Return each value that differs, with its path in the figures, such as `holistic.alpha` or `drift[3].slope`."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(old.keys() | new.keys())
        return [
            row
            for key in keys
            for row in compare_figures(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            row
            for place, pair in enumerate(zip(old, new, strict=True))
            for row in compare_figures(*pair, f"{path}[{place}]")
        ]
    return [] if old == new else [{"path": path, "old": old, "new": new}]


def is_report_current(report: Report) -> bool:
    """Tell whether a report rests on all answers there are, none of them withdrawn since."""
    further_cuts = {cut["campaign"]: cut for cut in report.query.get("also", ())}
    cuts = [(report.campaign, report.query["as_of"])]
    cuts += [(campaign, further_cuts[campaign.slug]) for campaign in Campaign.objects.filter(slug__in=further_cuts)]
    return not any(changes_since(campaign, cut).exists() for campaign, cut in cuts)


@cache
def engine_version() -> str:
    """Name what computes the figures: the program, a hash of the engine's source, and the packages it rests on."""
    # Of the source and not of a commit: an installed copy has no history, and edits in place show too.
    code = hashlib.sha256(b"".join(path.read_bytes() for path in engine_sources())).hexdigest()
    parts = [f"connoisseur {settings.VERSION}", f"engine {code[:12]}"]
    return "; ".join(parts + [f"{name} {version(name)}" for name in ("numpy", "scipy")])


def engine_sources() -> list[Path]:
    """Return every file of the rooms of agreement, and the one that gathers what they work on, sorted."""
    rooms = Path(next(iter(agreement.__path__)))
    # With `inputs.py`: another choice of answers changes figures as surely as other arithmetic.
    return sorted([*rooms.rglob("*.py"), Path(__file__).with_name("inputs.py")])
