"""Change what is written once, as someone with every right on the database could."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from annotation.models.append_only_triggers import drop_triggers, install_triggers


@contextmanager
def triggers_dropped() -> Iterator[None]:
    """Let rows that are written once be changed while the block runs."""
    connection.check_constraints()  # PostgreSQL drops no trigger of a table while a check of its rows is due.
    drop_triggers(connection)
    yield
    connection.check_constraints()
    install_triggers(connection)


def change_behind_the_back(sql: str, *values: str | int) -> None:
    """Run one statement without the triggers."""
    with triggers_dropped(), connection.cursor() as cursor:
        cursor.execute(sql, values)
