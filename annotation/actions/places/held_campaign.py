"""Hold a campaign until what goes by it is stored: a close waits for that, and what comes next waits for the close."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import OuterRef, QuerySet, Subquery

from annotation.models import Assignment, Campaign, Membership

Row = TypeVar("Row", Assignment, Membership)


class _Held(Subquery):
    """A value of another row, which nobody changes before the transaction ends.

    By PostgreSQL's FOR SHARE, for which Django has no word: whoever reads a row so and whoever changes it wait for each
    other, those who read it so do not. SQLite lets one transaction write at a time anyway.
    """

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(subquery)s FOR SHARE)", **context)


def lock_with_campaign(rows: QuerySet[Row]) -> Row:
    """Return the one row that is asked for to be locked, its campaign held; call it before anything else is locked.

    The campaign is held in the same query, and before the row: whoever changes a campaign locks that first, too.
    """
    campaigns = Campaign.objects.filter(pk=OuterRef("campaign")).order_by()
    row = rows.annotate(
        held_state=_Held(campaigns.values("state")), held_rubric=_Held(campaigns.values("rubric_version"))
    ).get()
    campaign = row.campaign
    if (campaign.state, campaign.rubric_version_id) != (row.held_state, row.held_rubric):
        # Joined as it was when the query began to wait for whoever changed it.
        campaign.refresh_from_db()
    return row
