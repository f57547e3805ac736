"""Keep what pages count, so that no page counts the rows of a large campaign: rows whose sums are the counts.

Triggers in the database write them (`tally_triggers`), one for each change and in its transaction: whoever changes a
row waits for nobody else's change, and no change is missed. Now and then those of a campaign are added up (`folded`).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce


class TallyQuerySet(models.QuerySet[Any]):
    def totals(self, *names: str) -> dict[str, Any]:
        """Return the counts of these names."""
        sums = self.aggregate(**{f"all_{name}": Sum(name) for name in names})
        return {name: sums[f"all_{name}"] or 0 for name in names}

    def totals_by(self, key: str, *names: str) -> dict[Any, tuple[int, ...]]:
        """Return the counts of these names by a column's values."""
        rows = self.order_by().values(key).annotate(**{f"n_{name}": Sum(name) for name in names})
        return {row[0]: row[1:] for row in rows.values_list(key, *(f"n_{name}" for name in names))}

    def total_of_campaign(self, total: Any) -> Coalesce:
        """Return one count, such as `F("judged")`, for queries of campaigns."""
        rows = self.filter(campaign=OuterRef("pk")).order_by().values("campaign")
        return Coalesce(Subquery(rows.annotate(n=Sum(total)).values("n")), 0)


class ImageTally(models.Model):
    """What has become of a campaign's images, by subcategory in force.

    Of those that are not excluded (`judged`): how many have all answers they want (`complete`), how many answers count
    (`annotations`) and are `missing`, and how many images are `held`.
    """

    campaign = models.ForeignKey(
        "annotation.Campaign", on_delete=models.CASCADE, related_name="image_tallies", db_constraint=False
    )
    subcategory = models.CharField(max_length=50)
    images = models.IntegerField(default=0)
    judged = models.IntegerField(default=0)
    complete = models.IntegerField(default=0)
    annotations = models.IntegerField(default=0)
    missing = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    folded = models.BooleanField(default=False)

    objects = TallyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.images} images of {self.subcategory}"


class PersonTally(models.Model):
    """What has become of a person's assignments in a campaign, and of all that was answered in their name.

    `done` are images with a final answer, hidden repeats left out. Of all annotations (`given`) some count; others are
    surplus, superseded, repeats or imported, or none of these where their image is excluded. Whether the person
    withdrew is not looked at.
    """

    campaign = models.ForeignKey(
        "annotation.Campaign",
        on_delete=models.CASCADE,
        related_name="person_tallies",
        db_constraint=False,
        # The index below begins with it.
        db_index=False,
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    done = models.IntegerField(default=0)
    unfinished = models.IntegerField(default=0)
    given = models.IntegerField(default=0)
    counted = models.IntegerField(default=0)
    surplus = models.IntegerField(default=0)
    superseded = models.IntegerField(default=0)
    repeats = models.IntegerField(default=0)
    imports = models.IntegerField(default=0)
    folded = models.BooleanField(default=False)

    objects = TallyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["campaign", "person"], name="tallies_of_a_person")]

    def __str__(self) -> str:
        return f"{self.given} answers"


class RunTally(models.Model):
    """How far a run is: images by state, and what was spent; `_finished` on those done or failed."""

    run = models.ForeignKey("annotation.Run", on_delete=models.CASCADE, related_name="tallies", db_constraint=False)
    waiting = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    cost = models.FloatField(default=0.0)
    seconds_finished = models.FloatField(default=0.0)
    cost_finished = models.FloatField(default=0.0)
    folded = models.BooleanField(default=False)

    objects = TallyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.done} images done"
