"""PROTOCOL.md: who was asked what, in which order, with what in sight, and how scores came about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from annotation.dataset.contents.aggregates import WHICH_COUNT
from annotation.dataset.contents.statements import statement_sentence
from annotation.dataset.contents.tally import Tally
from annotation.dataset.format.facts import ReleaseFacts, path_of_rubric
from annotation.rubric.schema import Attribute, Rubric

from . import exclusions
from .markdown import render

ARMS = {
    "blind": "the rater saw no model at all",
    "reveal": "the rater stored an own answer, then saw the model's prefill, then kept or revised",
    "assisted": "the model's prefill stood in the form from the start",
}


def protocol(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> str:
    """Return the text of the page."""
    plan = facts.protocol.analysis_plan
    return render(
        "PROTOCOL.md",
        facts=facts,
        rubric=rubric,
        tally=tally,
        protocol=facts.protocol,
        anchors=anchors_in_words,
        rubric_paths=rubric_paths(facts),
        stated=partial(statement_sentence, facts.statements),
        campaigns={facts.campaign: facts.protocol, **facts.protocol.also},
        arms=ARMS,
        which_count=WHICH_COUNT,
        of_campaigns=exclusions.of_campaigns(facts),
        enough=exclusions.least_annotations_in_words(facts),
        excluded_counts=exclusions.counts(facts),
        excluded_reasons=exclusions.reasons(facts),
        withdrawn_raters=sum(row.what == "rater" for row in facts.withdrawn),
        plan=plan,
        plan_exclusions=planned_exclusions(plan) if plan else [],
    )


def anchors_in_words(attribute: Attribute) -> str:
    """Return the levels of an attribute with their wording."""
    return "; ".join(f"{anchor.score:g}: {anchor.text['en']}" for anchor in attribute.anchors)


def rubric_paths(facts: ReleaseFacts) -> dict[str, str]:
    """Return where each version of the rubric lies, the one in force first."""
    return {facts.rubric_name: "rubric.json"} | {name: path_of_rubric(name) for name in facts.other_rubrics}


def planned_exclusions(plan: Mapping[str, Any]) -> list[str]:
    """Return who and what the plan leaves out beside the headline, each with the reason."""
    return [f"{name} ({reason})" for reasons in plan["exclusions"].values() for name, reason in reasons.items()]
