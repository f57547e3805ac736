"""Lay out threads between annotators and organisers for the pages of both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from annotation.models import Assignment, Message

THREADS_A_PAGE = 20


def threads(newest: Iterable[Message]) -> list[dict[str, Any]]:
    """Return each thread with its assignment and all its messages, in two queries for all of them."""
    # The keys go in first: they hold the order of the page, which the second query does not know.
    by_assignment: dict[Any, list[Message]] = {message.assignment_id: [] for message in newest}
    page_messages = Message.objects.filter(assignment__in=by_assignment)
    for message in page_messages.select_related("assignment__image", "assignment__annotator", "assignment__campaign"):
        by_assignment[message.assignment_id].append(message)
    return [thread(messages[0].assignment, messages) for messages in by_assignment.values() if messages]


def thread(assignment: Assignment, messages: list[Message]) -> dict[str, Any]:
    """Return a thread; it waits when the annotator had the last word."""
    return {"assignment": assignment, "messages": messages, "waiting": messages[-1].is_question}
