"""Rows that are written once and never changed, such as annotations, prefills and events.

`append_only_triggers` holds the database to the same.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models

from annotation.errors import ConnoisseurError


class WrittenOnce(ConnoisseurError):
    """A change or removal of a row that is written once."""


Row = TypeVar("Row", bound=models.Model)


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """Rows that no bulk change slips past `save` of."""

    def update(self, **fields: Any) -> NoReturn:
        """Refuse."""
        raise WrittenOnce(f"{self.model.__name__} rows are written once; add a new row instead")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise WrittenOnce(f"{self.model.__name__} rows are kept for ever")


class AppendOnly(models.Model):
    """A row that `save` inserts; neither a second `save` nor `delete` is possible."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Insert the row. Raise WrittenOnce when it is there already."""
        if not self._state.adding:
            raise WrittenOnce(f"{type(self).__name__} {self.pk} is written once; add a new row instead")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        """Refuse."""
        raise WrittenOnce(f"{type(self).__name__} {self.pk} is kept for ever")
