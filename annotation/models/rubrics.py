"""Keep rubrics as versioned data, frozen once published."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.errors import Conflict
from annotation.phrases import phrase as gettext_noop
from annotation.rubric.schema import Rubric, content_hash, parse

# By content and not by key of the row, so that nothing stale can be returned.
PARSED: dict[str, Rubric] = {}


class RubricVersionQuerySet(models.QuerySet["RubricVersion"]):
    def published(self) -> RubricVersionQuerySet:
        """Keep the versions that never change, in their order."""
        return self.filter(published_at__isnull=False).order_by("slug", "number")

    def draft_of(self, slug: str) -> RubricVersion | None:
        """Return the draft of a rubric, if it has one."""
        return self.filter(slug=slug, published_at__isnull=True).first()

    def after(self, version: RubricVersion) -> RubricVersionQuerySet:
        """Keep the published versions that can follow one."""
        return self.published().filter(slug=version.slug, number__gt=version.number)


class RubricVersion(models.Model):
    """One version of a rubric; every answer is stamped with it."""

    slug = models.SlugField(_("rubric"))
    number = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"))
    content_hash = models.CharField(_("SHA-256 of the content"), max_length=64, editable=False)
    edits = models.JSONField(_("edits since the version before"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("edited by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    objects = RubricVersionQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "number"]
        verbose_name = _("rubric version")
        verbose_name_plural = _("rubric versions")
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="one_rubric_version_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.number}"

    @cached_property
    def rubric(self) -> Rubric:
        """Return the parsed rubric; what is published never changes, and is parsed once in a process."""
        if self.published_at is None:
            return parse(self.content)
        if self.content_hash not in PARSED:
            PARSED[self.content_hash] = parse(self.content)
        return PARSED[self.content_hash]

    def save(self, *args: Any, **options: Any) -> None:
        """Save a version that parses. Raise RubricInvalid, or Conflict when a published one would change."""
        parse(self.content)
        self.content_hash = content_hash(self.content)
        # Only the content is frozen: the row itself is still written to, as when a draft is published.
        published_rows = RubricVersion.objects.filter(pk=self.pk, published_at__isnull=False)
        if published_rows.exclude(content_hash=self.content_hash).exists():
            raise Conflict(gettext_noop("rubric %(version)s is published and frozen; make a new version", version=self))
        super().save(*args, **options)
