"""Show adjudicators their cases: annotations under letters, names hidden."""

from __future__ import annotations

from statistics import median
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation import policy
from annotation.actions.reviews import review as actions
from annotation.errors import AnnotationInvalid, Conflict
from annotation.models import Assignment, Case
from annotation.roles import ADJUDICATE
from annotation.rubric.schema import Attribute, Scale, localise
from webapp.access import SignedInRequest, room_of
from webapp.api.v1 import describe
from webapp.wording import say
from webapp.workspace import rubric_form

from .forms import SCORE, ConsensusForm

CASES_A_PAGE = 50

# What an annotator said who skipped the image, in the words they chose it by.
FLAGS = {
    "broken": gettext_lazy("The image is broken"),
    "inappropriate": gettext_lazy("The image is inappropriate"),
    "duplicate": gettext_lazy("It is a copy of another image"),
    "wrong_category": gettext_lazy("It fits none of the categories"),
}


@require_safe
@room_of(ADJUDICATE)
def list_cases(request: SignedInRequest) -> HttpResponse:
    """List the cases this adjudicator may adjudicate, and those that are adjudicated."""
    cases = Case.objects.for_adjudicator(request.user)
    context = {
        "page": Paginator(cases.filter(state=Case.State.OPEN), CASES_A_PAGE).get_page(request.GET.get("page")),
        "adjudicated_cases": cases.filter(state=Case.State.ADJUDICATED).order_by("-pk")[:50],
    }
    return render(request, "workspace/review/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@room_of(ADJUDICATE)
def adjudicate_case(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a case and adjudicate it."""
    case = own_case(request, pk)
    form = ConsensusForm(case, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.adjudicate_case(case, by=request.user, **form.consensus())
        except AnnotationInvalid as error:
            form.refuse(error.errors)
        except Conflict as error:
            # Somebody else was faster: what they adjudicated is shown beside what was typed here.
            form.add_error(None, say(error))
        else:
            messages.success(request, _("Case %(number)s is adjudicated.") % {"number": case.pk})
            return redirect("workspace:cases")
    return show_case(request, case, form, 422 if form.errors else 200)


def show_case(
    request: SignedInRequest, case: Case, form: ConsensusForm, status: int = 200, **extra: Any
) -> HttpResponse:
    """Show the page of a case; `failed` says what of a request to look again was refused, with what was typed."""
    context = {
        "case": case,
        "form": form,
        "flags": [FLAGS[reason] for reason in case.disputed if reason in FLAGS],
        "flag_words": flag_words(case),
        "adjudications": adjudications(case),
        "image": describe.image(case.image),
        "scale": rubric_form.scale(case.campaign.rubric),
        **sheet(case, form if case.state == Case.State.OPEN or form.is_bound else None, request),
        **extra,
    }
    return render(request, "workspace/review/case.html", context, status=status)


@require_POST
@room_of(ADJUDICATE)
def reopen_case(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open an adjudicated case again."""
    case = own_case(request, pk)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("A reason is needed to open a case again."))
        return redirect("workspace:cases")
    try:
        actions.reopen_case(case, by=request.user, reason=reason)
    except Conflict as error:
        messages.warning(request, say(error))
        return redirect("workspace:cases")
    return redirect("workspace:case", pk=case.pk)


def own_case(request: SignedInRequest, pk: int) -> Case:
    """Return a case this person may adjudicate; any other does not exist for them."""
    case = get_object_or_404(Case.objects.select_related("campaign__rubric_version", "image"), pk=pk)
    # Whoever was ever given the image is refused too: one of the answers may be their own.
    if not policy.may_adjudicate(request.user, case):
        raise Http404
    return case


def flag_words(case: Case) -> list[str]:
    """Return what annotators said on flagging the image, without who said it."""
    skipped = case.campaign.assignments.filter(image=case.image_id, state=Assignment.State.SKIPPED)
    skipped = skipped.filter(skip_reason__in=case.disputed).exclude(skip_words="")
    # Sorted by what was said, as the order in which they came could tell who it was.
    return list(skipped.order_by("skip_words").values_list("skip_words", flat=True))


def adjudications(case: Case) -> list[dict[str, Any]]:
    """Return what was adjudicated on this case so far, the latest first, without who did it."""
    rubric = case.campaign.rubric
    language = get_language() or "en"
    names = {key: localise(attribute.name, language) for key, attribute in rubric.by_key.items()}
    names |= {key: localise(subcategory.name, language) for key, subcategory in rubric.subcategories.items()}
    return [
        {
            "consensus": consensus,
            "subcategory": names.get(consensus.subcategory, consensus.subcategory),
            "scores": [
                {"name": names.get(one.attribute, one.attribute), "points": rubric.scale.to_points(one.steps)}
                for one in consensus.scores.all()
            ],
        }
        for consensus in case.consensuses.order_by("-pk").prefetch_related("scores")
    ]


def sheet(case: Case, form: ConsensusForm | None, request: SignedInRequest) -> dict[str, Any]:
    """Return the annotations by attribute under their letters: what is disputed first, then the widest apart first.

    `form` asks for the consensus; None when there is nothing to ask for.
    """
    rubric = case.campaign.rubric
    language = get_language() or "en"
    annotations = actions.annotations_under_letters(case, request.user)
    # Nobody may have annotated an image that was flagged.
    attributes = rubric.attributes if annotations else ()
    rows = [row(attribute, annotations, rubric.scale, form, language) for attribute in attributes]
    rows.sort(key=lambda row: -row["spread"])
    for annotation in annotations:
        annotation["subcategory_name"] = localise(rubric.subcategories[annotation["subcategory"]].name, language)
    return {
        "annotations": annotations,
        "disputed": [row for row in rows if row["key"] in case.disputed],
        "undisputed": [row for row in rows if row["key"] not in case.disputed],
        "consensus_fields": form.common_fields() if form else [],
    }


def place(pin: dict[str, float]) -> str:
    """Return where a pin stands on the image, in words: from the left and from the top, and how large a box is."""
    x, y, *size = (f"{pin[name]:.0%}" for name in ("x", "y", "width", "height") if name in pin)
    return f"{x}, {y}" + (f" ({' × '.join(size)})" if size else "")


def reworked(annotation: dict[str, Any], key: str) -> dict[str, Any] | None:
    """Return what became of a judgement once its annotation was sent back, where it differs."""
    after = (annotation["reworked"] or {"judgements": {}})["judgements"].get(key)
    return None if after == annotation["judgements"][key] else after


def row(
    attribute: Attribute, annotations: list[dict[str, Any]], scale: Scale, form: ConsensusForm | None, language: str
) -> dict[str, Any]:
    """Return one attribute's judgements side by side, how far they lie apart, and the field of its consensus if any."""
    cells = [
        {
            "letter": annotation["letter"],
            **(judgement := annotation["judgements"][attribute.key]),
            "places": [place(pin) for pin in judgement["pins"]],
            "reworked": reworked(annotation, attribute.key),
        }
        for annotation in annotations
    ]
    scores = [cell["score"] for cell in cells]
    name = f"{SCORE}{attribute.key}"
    return {
        "key": attribute.key,
        "name": localise(attribute.name, language),
        "cells": cells,
        "spread": max(scores) - min(scores),
        # Of an even number the median may lie between two steps, where no score can be.
        "median": round(median(scores) / scale.step) * scale.step,
        "anchors": [{"score": anchor.score, "text": localise(anchor.text, language)} for anchor in attribute.anchors],
        "field": form[name] if form and name in form.fields else None,
    }
