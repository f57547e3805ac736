"""One assignment: drafted, committed, revised, corrected, skipped.

A conflict is answered with how the assignment stands: see `errors`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.assignments.take_back import take_back_skip
from annotation.actions.campaigns import question as questions
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Assignment, SendBack
from annotation.phrases import phrase as _
from webapp.access import person

from . import campaigns, describe

MOST_DIGITS = 9  # Longer ones are no version of a rubric.


@api_view(["GET"])
def show(request: Request, pk: UUID) -> Response:
    """Describe one of the person's own assignments, and with `since` how the rubric differs from that version."""
    assignment = own_assignment(request, pk)
    response = _response(request, assignment)
    since = request.query_params.get("since", "")
    if since.isdecimal() and len(since) < MOST_DIGITS:
        response.data["rubric_changes"] = describe.rubric_changes(assignment.campaign, int(since))
    return response


@api_view(["GET"])
def list_sent_back(request: Request) -> Response:
    """List the person's own annotations that were sent back and wait, the oldest first."""
    rows = SendBack.objects.waiting().to(person(request)).select_related("assignment__campaign")
    return Response(
        {
            "sent_back": [
                {"assignment": str(row.assignment_id), "campaign": row.assignment.campaign.slug}
                | (describe.sent_back(row) or {})
                for row in rows
            ]
        }
    )


@api_view(["PUT"])
def draft(request: Request, pk: UUID) -> Response:
    """Keep an unfinished annotation."""
    body = _body(request)
    assignment = own_assignment(request, pk)
    # The version lets two tabs notice each other: without it the later one would overwrite the earlier draft.
    version = body.get("version")
    if not isinstance(version, int):
        raise BadInput(_("version: the whole number of the draft last seen is accepted"))
    saved = assign.save_draft(assignment, body.get("draft"), version=version, by=person(request))
    return Response({"version": saved, **describe.news(assignment.campaign, body.get("draft"))})


@api_view(["POST"])
def heartbeat(request: Request, pk: UUID) -> Response:
    """Extend the lease while the page is open."""
    assignment = own_assignment(request, pk)
    lease_until = assign.renew_lease(assignment, by=person(request))
    return Response({"lease_until": lease_until.isoformat(), **describe.news(assignment.campaign)})


@api_view(["POST"])
def commit(request: Request, pk: UUID) -> Response:
    """Store the annotation's first revision."""
    if "next" not in request.query_params:
        return _response(request, annotate.commit_annotation(pk, request.data, by=person(request)))
    return _response_with_next(request, *annotate.commit_and_go_on(pk, request.data, by=person(request)))


@api_view(["POST"])
def revise(request: Request, pk: UUID) -> Response:
    """Store what was made of the annotation after the reveal."""
    if "next" not in request.query_params:
        return _response(request, annotate.revise_annotation(pk, request.data, by=person(request)))
    return _response_with_next(request, *annotate.revise_and_go_on(pk, request.data, by=person(request)))


@api_view(["POST"])
def correct(request: Request, pk: UUID) -> Response:
    """Store a late correction of the person's own annotation, or what became of it once it was sent back."""
    return _response(
        request, annotate.correct_annotation(own_assignment(request, pk), request.data, by=person(request))
    )


@api_view(["POST"])
def question(request: Request, pk: UUID) -> Response:
    """Ask the organiser about the image."""
    questions.ask_question(own_assignment(request, pk), str(_body(request).get("text", "")), by=person(request))
    return _response(request, own_assignment(request, pk))


@api_view(["POST"])
def skip(request: Request, pk: UUID) -> Response:
    """Skip an image."""
    reason, words = (str(_body(request).get(name, "")) for name in ("reason", "words"))
    assign.skip_assignment(own_assignment(request, pk), reason, by=person(request), words=words)
    return _response(request, own_assignment(request, pk))


@api_view(["POST"])
def take_back(request: Request, pk: UUID) -> Response:
    """Take a skip back, for some minutes after it."""
    return _response(request, take_back_skip(own_assignment(request, pk), by=person(request)))


def own_assignment(request: Request, pk: UUID) -> Assignment:
    """Return one of the person's own assignments where they annotate; any other does not exist for them."""
    # Not a 403, which would confirm that the identifier is one of ours.
    return get_object_or_404(Assignment.objects.readable_by(request.user).select_related("campaign"), pk=pk)


def _body(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise BadInput(_("an object is accepted"))
    return request.data


def _response_with_next(request: Request, assignment: Assignment, following: Assignment | None) -> Response:
    """Describe what became of an assignment and, where it is done, what comes next (`?next`)."""
    if assignment.state != Assignment.State.DONE:
        return _response(request, assignment)
    campaign, user = assignment.campaign, person(request)
    try:
        following = following or assign.next_assignment(campaign, user)
    except (Conflict, NotAllowed):
        # What was stored is stored; the page asks again by itself, and is told why.
        return _response(request, assignment)
    news = campaigns.describe_next(following, user) if following else campaigns.describe_nothing(campaign, user)
    return Response({"assignment": describe.outcome(assignment), "progress": news["progress"], "next": news})


def _response(request: Request, assignment: Assignment) -> Response:
    progress = describe.progress(assignment.campaign, request.user)
    return Response({"assignment": describe.assignment(assignment), "progress": progress})
