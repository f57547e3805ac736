"""Keep reports of agreement, each at a permanent address, with all that is needed to recompute it; and their plan."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.roles import VIEW

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign
from .visibility import with_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class AnalysisPlan(AppendOnly):
    """What a campaign's reports are to contain, frozen before its first answer; the newest is in force."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="analysis_plans")
    number = models.PositiveSmallIntegerField(_("number"))
    content: Any = models.JSONField(_("plan"))
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AppendOnlyQuerySet["AnalysisPlan"].as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("analysis plan")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="plans_are_numbered"),
        ]

    def __str__(self) -> str:
        return f"plan {self.number} of {self.campaign}"


class ReportQuerySet(AppendOnlyQuerySet["Report"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> ReportQuerySet:
        """Keep those this person may read."""
        return self.filter(with_role(user, VIEW, "campaign"))

    def whole(self) -> ReportQuerySet:
        """Keep those on all of a campaign, not on a part."""
        return self.on((), (), {})

    def on(
        self, also: Sequence[str], rubric_versions: Sequence[int], excluded: Mapping[str, Sequence[str]]
    ) -> ReportQuerySet:
        """Keep those on all of a campaign and of further ones, named by slug in this order, not on a part.

        Where `rubric_versions` are named, by number, they are on answers by these; where images or raters are
        `excluded`, on all but their answers.
        """
        # Place by place, and nothing after the last: SQLite has no `contains` for JSON.
        conditions_on_also: dict[str, Any] = {
            f"query__also__{place}__campaign": slug for place, slug in enumerate(also)
        }
        conditions_on_also[f"query__also__{len(also)}__isnull"] = True
        conditions_on_versions: dict[str, Any] = (
            {"query__rubric_versions": list(rubric_versions)} if rubric_versions else {}
        )
        conditions_on_versions = conditions_on_versions or {"query__rubric_versions__isnull": True}
        conditions_on_excluded: dict[str, Any] = (
            {"query__excluded": excluded} if excluded else {"query__excluded__isnull": True}
        )
        return self.filter(query__scope={}, **conditions_on_also, **conditions_on_versions, **conditions_on_excluded)


class Report(AppendOnly):
    """One computed report: the query, the engine's version, the seed, the hash of the input, the figures.

    The query says which answers (`as_of` is the cut-off), which scope, sections, scopes and exclusions, by which plan,
    and in what it departs from that.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reports", verbose_name=_("campaign"))
    query: Any = models.JSONField(_("query"))
    engine_version = models.CharField(_("engine version"), max_length=100)
    seed = models.PositiveBigIntegerField(_("seed"))
    input_hash = models.CharField(_("SHA-256 of the input"), max_length=64)
    figures: Any = models.JSONField(_("figures"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, verbose_name=_("asked for by")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")

    def __str__(self) -> str:
        return f"report {self.pk} on {self.campaign}"

    def stated_plan(self, hidden_names: Container[str]) -> dict[str, Any] | None:
        """Return its analysis plan and in what it departs from that; None where there is none.

        `hidden_names` are raters and images that may not be named, as they are withdrawn or excluded.
        """
        if self.query.get("plan") is None:
            return None
        plan = self.campaign.analysis_plans.get(number=self.query["plan"])
        # The plan is frozen and names them for ever; what is published of it must not.
        exclusions = {
            kind: {key: reason for key, reason in reasons.items() if key not in hidden_names}
            for kind, reasons in plan.content["exclusions"].items()
        }
        frozen_on = plan.frozen_at.astimezone(UTC).date().isoformat()
        departures = [row["field"] for row in self.query["departures"]]
        statement = {"number": plan.number, "frozen_on": frozen_on, **plan.content}
        return statement | {"exclusions": exclusions, "departures": departures}


class Recomputation(AppendOnly):
    """What differed when a report was computed again, each figure by its path."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="recomputations")
    engine_version = models.CharField(_("engine version"), max_length=100)
    input_hash = models.CharField(_("SHA-256 of the input"), max_length=64)
    n_differences = models.PositiveIntegerField(_("number of differences"))
    differences: Any = models.JSONField(_("differences"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AppendOnlyQuerySet["Recomputation"].as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("recomputation")

    def __str__(self) -> str:
        return f"{self.report} again"

    @property
    def same_engine(self) -> bool:
        """Tell whether the engine was the same."""
        return self.engine_version == self.report.engine_version

    @property
    def same_input(self) -> bool:
        """Tell whether the answers were the same."""
        return self.input_hash == self.report.input_hash
