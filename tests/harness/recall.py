"""Make rows and files that are dear to make once a process, and put the very same back for each further test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from annotation.models.tally_triggers import TALLIES, recount

APPS = ("accounts", "annotation")


@dataclass(frozen=True)
class Rows:
    """The rows of a table."""

    table: str
    columns: list[str]
    rows: list[Any]


@dataclass(frozen=True)
class Snapshot:
    """What was made: rows, a folder of files, and where a copy of that folder waits to be lent."""

    rows: list[Rows]
    files: Path
    copy: Path


class Memory:
    """Remember what was made, by the function that made it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.snapshots: dict[Callable[[], object], Snapshot] = {}
        self.lent: Snapshot | None = None

    def recall(self, make: Callable[[], object], media: Path) -> None:
        """Have `make` fill an empty database and a media folder, or put back what it filled them with before."""
        assert not any_row(), "what is put back goes into an empty database"
        if make in self.snapshots:
            self.put_back(self.snapshots[make], media)
            return
        make()
        files = self.folder / str(len(self.snapshots))
        if media.exists():
            shutil.copytree(media, files)
        self.snapshots[make] = Snapshot(table_rows(), files, files.with_suffix(".copy"))

    def put_back(self, snapshot: Snapshot, media: Path) -> None:
        """Fill an empty database and a media folder with what was there then."""
        # At once, as rows refer to rows of tables that come later.
        with transaction.atomic():
            for table in snapshot.rows:
                restore_rows(table)
            # Triggers counted each row as it came, before those it refers to.
            recount(connection)
        if not snapshot.files.exists():
            return
        if snapshot.copy.exists() and not media.exists():
            snapshot.copy.rename(media)
        else:
            shutil.copytree(snapshot.files, media, dirs_exist_ok=True)
        self.lent = snapshot

    def take_back(self, media: Path) -> None:
        """Keep the files of a test that changed none for the next: it is dear to make many folders and remove them."""
        if self.lent and not self.lent.copy.exists() and times_of_files(media) == times_of_files(self.lent.files):
            media.rename(self.lent.copy)
        self.lent = None


def times_of_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what changes with any file below a folder, by its path there: its size and time."""
    files = (Path(at, name) for at, _, names in os.walk(folder) for name in names)
    return {str(file.relative_to(folder)): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


@cache
def columns_of_tables() -> dict[str, list[str]]:
    """Return the columns of our tables, but for what the database works out itself, by the tables' names."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
    return {
        model._meta.db_table: [str(field.column) for field in model._meta.local_concrete_fields if not field.generated]
        for model in sorted(models, key=lambda model: model._meta.db_table)
    }


def any_row() -> bool:
    """Tell whether there is any row of ours, in one question."""
    each = [f"EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})" for table in columns_of_tables()]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' OR '.join(each)}")
        return bool(cursor.fetchone()[0])


def table_rows() -> list[Rows]:
    """Return the rows of ours that are in the database, but for tallies, which are counted anew."""
    tables = []
    with connection.cursor() as cursor:
        for table, columns in columns_of_tables().items():
            if table in TALLIES:
                continue
            names = ", ".join(map(connection.ops.quote_name, columns))
            cursor.execute(f"SELECT {names} FROM {connection.ops.quote_name(table)}")
            if rows := cursor.fetchall():
                tables.append(Rows(table, columns, rows))
    return tables


def restore_rows(table: Rows) -> None:
    names = ", ".join(map(connection.ops.quote_name, table.columns))
    places = ", ".join(["%s"] * len(table.columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {connection.ops.quote_name(table.table)} ({names}) VALUES ({places})", table.rows
        )
