"""Prepared queries return what the same QuerySet would, with other values each time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.actions.assignments.assign import next_assignment
from annotation.models import Assignment, CampaignImage, Membership
from annotation.models.prepared import prepared
from tests.harness.factories import make_campaign

pytestmark = pytest.mark.engine


@prepared
def assignment_of(pk: UUID, user: int) -> QuerySet[Assignment]:
    rows = Assignment.objects.filter(pk=pk, annotator=user)
    return rows.select_related("campaign__rubric_version", "shown_prefill").defer("campaign__rubric_version__content")


@prepared
def leased_until(campaign: int, moment: datetime) -> QuerySet[Assignment]:
    return Assignment.objects.filter(campaign=campaign).returnable(moment)


@prepared
def images_numbered(subcategories: Annotated[Sequence[str], 2], numbers: Annotated[Sequence[int], 2]):
    return CampaignImage.objects.filter(subcategory__in=subcategories, number__in=numbers).order_by("number")


@prepared
def annotators(annotates: bool) -> QuerySet[Membership]:
    return Membership.objects.filter(annotator=annotates)


def test_rows_are_those_of_the_queryset_with_what_is_joined_and_without_what_is_deferred(alice, bob):
    campaign = make_campaign(people=(alice, bob))
    mine, other = (next_assignment(campaign, person) for person in (alice, bob))
    for assignment in (mine, other):
        [row] = assignment_of(pk=assignment.pk, user=assignment.annotator_id)
        values = {field.attname: getattr(row, field.attname) for field in Assignment._meta.concrete_fields}
        assert values == Assignment.objects.filter(pk=assignment.pk).values().get()
        with CaptureQueriesContext(connection) as statements:
            assert (row.campaign, row.campaign.rubric_version.number, row.shown_prefill) == (campaign, 1, None)
        assert len(statements) == 0
        assert "content" in row.campaign.rubric_version.get_deferred_fields()
    assert assignment_of(pk=mine.pk, user=bob.pk) == []
    assert assignment_of.first(pk=uuid.uuid4(), user=alice.pk) is None


def test_moments_lists_and_flags_are_bound_as_their_fields_want_them(alice):
    campaign = make_campaign(people=(alice,), images=3)
    assignment = next_assignment(campaign, alice)
    late, early = (timezone.now() + timedelta(minutes=minutes) for minutes in (31, 29))
    assert leased_until(campaign=campaign.pk, moment=late) == [assignment]
    assert leased_until(campaign=campaign.pk, moment=early) == []
    name = campaign.entries.first().subcategory
    assert [row.number for row in images_numbered(subcategories=[name, "none"], numbers=[2, 0])] == [0, 2]
    assert [len(annotators(annotates=flag)) for flag in (True, False)] == [1, 0]


def test_one_statement_is_asked_and_nothing_is_compiled_again(alice, monkeypatch):
    campaign = make_campaign(people=(alice,))
    assignment = next_assignment(campaign, alice)
    assignment_of(pk=assignment.pk, user=alice.pk)
    monkeypatch.setattr(assignment_of, "_build", None)
    with CaptureQueriesContext(connection) as statements:
        assert assignment_of(pk=assignment.pk, user=alice.pk) == [assignment]
    assert len(statements) == 1
