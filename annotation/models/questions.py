"""What annotators ask the organiser about an image, and what they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .assignments import Assignment
from .campaigns import Campaign

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class MessageQuerySet(models.QuerySet["Message"]):
    def last_of_threads(self) -> MessageQuerySet:
        """Keep the newest message of each thread, the newest thread first."""
        # A subquery, for DISTINCT ON is PostgreSQL's alone.
        newest = Message.objects.filter(assignment=OuterRef("assignment")).order_by("-pk").values("pk")[:1]
        related = ("assignment__annotator", "assignment__image", "author")
        return self.filter(pk=Subquery(newest)).select_related(*related).order_by("-pk")

    def threads_of(self, user: AbstractBaseUser | AnonymousUser) -> MessageQuerySet:
        """Return the newest message of each thread this person began in campaigns in which they still annotate."""
        # Whoever began a thread wrote in it, and wrote less than they were assigned.
        own = Message.objects.filter(author=user.pk).values("assignment")
        return self.filter(assignment__in=Assignment.objects.readable_by(user).filter(pk__in=own)).last_of_threads()

    def threads_in(self, campaign: Campaign) -> MessageQuerySet:
        """Return the newest message of each thread in a campaign."""
        return self.filter(assignment__campaign=campaign).last_of_threads()

    def waiting(self) -> MessageQuerySet:
        """Keep those by annotators; the newest of a thread, if it is one, waits for an answer."""
        return self.filter(author=models.F("assignment__annotator"))


class Message(models.Model):
    """One message of the thread between an annotator and the organisers about one assignment's image."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    # Emptied when its author is erased: its event holds the hash alone.
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("message")

    def __str__(self) -> str:
        return f"{self.author} on {self.assignment}"

    @property
    def is_question(self) -> bool:
        """Tell whether the annotator wrote it."""
        return self.author_id == self.assignment.annotator_id
