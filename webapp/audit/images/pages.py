"""One image with all that was said of it: pseudonyms only, and only for who may read everything."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotation.models import Annotation, Assignment, Campaign, Case, ModelVersion, Prefill, Revision
from annotation.rubric.schema import Rubric, localise
from webapp.access import SignedInRequest
from webapp.audit.access import auditors, find_campaign
from webapp.tables.table import number

from .imported_rows import imported_rows


@require_safe
@auditors
def image(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Show an image of a campaign with its annotations, its prefills, and what was adjudicated."""
    campaign = find_campaign(request, slug)
    entry = get_object_or_404(campaign.entries.select_related("image", "campaign__rubric_version"), image=pk)
    # What a model says of an image is for nobody who has still to judge it, or a near duplicate, in another campaign.
    awaited = Assignment.objects.of(request.user).awaiting_first().filter(image__group=entry.image.group_id).exists()
    rubric, language = entry.campaign.rubric, get_language() or "en"
    withdrawn = set(campaign.withdrawals.exclude(person=None).values_list("person", flat=True))
    annotations = [
        _annotation(annotation, rubric, language) | {"withdrawn": annotation.annotator_id in withdrawn}
        for annotation in _annotations(campaign, pk)
    ]
    context = {
        "campaign": campaign,
        "entry": entry,
        "withdrawal": campaign.withdrawals.filter(image=pk).prefetch_related("releases__campaign").first(),
        "subcategory": _kind(entry.subcategory, rubric, language),
        "annotations": annotations,
        "rows": [
            {
                "name": localise(attribute.name, language),
                "cells": [annotation["scores"].get(key) for annotation in annotations],
            }
            for key, attribute in rubric.by_key.items()
        ],
        "critiques": _critiques(annotations, rubric, language),
        "prefills": [
            _prefill(prefill, campaign.shown_model_id, rubric, language)
            for prefill in (() if awaited else _prefills(campaign, pk))
        ],
        "awaited": awaited,
        "cases": [_case(case, rubric, language) for case in _cases(campaign, pk)],
        "imported": imported_rows(campaign, pk, rubric, language),
        "here": "agreement",
    }
    return render(request, "audit/images/image.html", context)


def _annotations(campaign: Campaign, image: int) -> list[Annotation]:
    revisions = Prefetch("revisions", Revision.objects.order_by("number").prefetch_related("judgements"))
    rows = Annotation.objects.filter(campaign=campaign, image=image).order_by("pk")
    return list(rows.select_related("annotator", "assignment").prefetch_related(revisions))


def _annotation(annotation: Annotation, rubric: Rubric, language: str) -> dict[str, Any]:
    """Return one person's answer: scores as first, final and once it was sent back, and the last critiques."""
    # They are prefetched in order; .first() and .last() would each ask the database again.
    revisions = list(annotation.revisions.all())
    own = [revision for revision in revisions if revision.kind != Revision.Kind.SENT_BACK]
    states = [own[0], own[-1], *(revisions[-1:] if len(own) < len(revisions) else [])]
    first = own[0]
    judgements = [{judgement.attribute: judgement for judgement in state.judgements.all()} for state in states]
    return {
        "rater": getattr(annotation.annotator, "pseudonym", ""),
        "annotation": annotation,
        "arm": _arm(annotation),
        "unseen": first.drawn_at is None and not (annotation.imported or annotation.simulated),
        "revisions": len(revisions),
        "sent_back": len(states) > 2,
        "subcategory": _change(*(_kind(state.subcategory, rubric, language) for state in states)),
        "holistic": _change(*(_hundredths(state.holistic) for state in states)),
        "scores": {
            key: _change(*(_points(state_judgements.get(key), rubric) for state_judgements in judgements))
            for key in rubric.by_key
        },
        "critiques": {key: judgement for key, judgement in judgements[-1].items() if judgement.critique},
    }


def _arm(annotation: Annotation) -> str:
    """Return the arm's name; an imported answer has none but what was declared."""
    assignment = annotation.assignment
    arm = assignment.arm if assignment else annotation.declared_arm
    return {"blind": _("blind"), "reveal": _("reveal"), "assisted": _("assisted")}.get(arm, "")


def _change(first: str, final: str, sent_back: str = "") -> dict[str, str]:
    """Return the first state, the final one where it differs, and what it became once it was sent back, likewise."""
    return {
        "first": first,
        "final": final if final != first else "",
        "sent_back": sent_back if sent_back != final else "",
    }


def _points(judgement: Any, rubric: Rubric) -> str:
    return "" if judgement is None else _in_points(judgement.steps, rubric)


def _in_points(steps: int | None, rubric: Rubric) -> str:
    return "" if steps is None else number(rubric.scale.to_points(steps), 1)


def _hundredths(holistic: int | None) -> str:
    return "" if holistic is None else number(holistic / 100, 2)


def _kind(key: str, rubric: Rubric, language: str) -> str:
    subcategory = rubric.subcategories.get(key)
    # Answers keep the key they were given by, which a later rubric may no longer have.
    return localise(subcategory.name, language) if subcategory else key


def _critiques(annotations: list[dict[str, Any]], rubric: Rubric, language: str) -> list[dict[str, Any]]:
    """Return by attribute what each person wrote last."""
    rows = [
        {
            "name": localise(attribute.name, language),
            "critiques": [
                (entry["rater"], entry["critiques"][key]) for entry in annotations if key in entry["critiques"]
            ],
        }
        for key, attribute in rubric.by_key.items()
    ]
    return [row for row in rows if row["critiques"]]


def _prefills(campaign: Campaign, image: int) -> list[Prefill]:
    # Those of this campaign: others' models would tell that there are other campaigns.
    runs = ModelVersion.objects.filter(runs__campaign=campaign)
    mine = Q(model_version=campaign.shown_model_id) | Q(model_version__in=runs)
    rows = Prefill.objects.filter(mine, image=image).select_related("model_version")
    # What people were shown comes first: it alone can have moved them.
    return sorted(rows, key=lambda prefill: (prefill.model_version_id != campaign.shown_model_id, prefill.pk))


def _prefill(prefill: Prefill, shown_model: int | None, rubric: Rubric, language: str) -> dict[str, Any]:
    """Return the prefill of one model version, in points."""
    steps = prefill.prefilled_steps(rubric)
    return {
        "model": prefill.model_version,
        "shown": prefill.model_version_id == shown_model,
        "rows": [
            {
                "name": localise(attribute.name, language),
                "score": _in_points(steps[key], rubric),
                "critique": prefill.attributes.get(key, {}).get("critique", ""),
            }
            for key, attribute in rubric.by_key.items()
        ],
    }


def _cases(campaign: Campaign, image: int) -> list[Case]:
    rows = Case.objects.filter(campaign=campaign, image=image)
    return list(rows.prefetch_related("consensuses__scores", "consensuses__adjudicator"))


def _case(case: Case, rubric: Rubric, language: str) -> dict[str, Any]:
    names = {key: localise(attribute.name, language) for key, attribute in rubric.by_key.items()}
    consensuses = [
        {
            "consensus": consensus,
            "by": getattr(consensus.adjudicator, "pseudonym", ""),
            "subcategory": _kind(consensus.subcategory, rubric, language) if consensus.subcategory else "",
            "scores": [
                (names.get(score.attribute, score.attribute), _points(score, rubric))
                for score in consensus.scores.all()
            ],
        }
        for consensus in case.consensuses.all()
    ]
    return {"case": case, "consensuses": consensuses}
