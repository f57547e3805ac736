"""Hold a campaign until what goes by it is stored: a close waits for that, and what comes next waits for the close."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONArray

from annotation.models import Assignment, Campaign, Membership

Row = TypeVar("Row", Assignment, Membership)


# What handing out and storing go by.
HELD = (
    "state",
    "rubric_version_id",
    "blind_share",
    "reveal_share",
    "assisted_share",
    "arms_by",
    "shown_model_id",
    "lease_minutes",
    "repeat_share",
    "repeat_gap_days",
    "daily_cap",
    "case_spread",
    "correction_minutes",
    "precision_target",
    "most_annotations_per_image",
    "consent_text",
    "consent_version",
    "calibration_id",
)


class _Held(Subquery):
    """A value of another row, which nobody changes before the transaction ends.

    By PostgreSQL's FOR SHARE, for which Django has no word: whoever reads a row so and whoever changes it wait for each
    other, those who read it so do not. SQLite lets one transaction write at a time anyway.
    """

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(subquery)s FOR SHARE)", **context)


def with_campaign_held(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Hold the campaign of the rows too: in the same query, and before them, as whoever changes it locks it first."""
    campaigns = Campaign.objects.filter(pk=OuterRef("campaign")).order_by()
    values = JSONArray(*HELD, output_field=JSONField())
    return rows.annotate(held=_Held(campaigns.annotate(held=values).values("held")))


def read_held_campaign(row: Assignment | Membership) -> None:
    """Read the row's campaign anew where it was joined as it was when the query began to wait for who changed it."""
    campaign, held = row.campaign, vars(row)["held"]
    if [getattr(campaign, name) for name in HELD] != held:
        campaign.refresh_from_db()


def lock_with_campaign(rows: QuerySet[Row]) -> Row:
    """Return the one row that is asked for to be locked, its campaign held; call it before anything else is locked."""
    row = with_campaign_held(rows).get()
    read_held_campaign(row)
    return row
