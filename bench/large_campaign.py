"""Rows of a campaign as large as is asked for, made by the database itself; nothing is behind them but the rows.

Every image has as many answers as it wants, but for the last thirtieth of them. What is rare in a campaign is rare
here: repeats, surplus and superseded answers, skips, cases, threads, answers sent back, near duplicates, withdrawals.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

from django.db import connection

DAYS = 300
SEGMENTS = 20  # People who annotate; image and answer say who of them gave it.

STATEMENTS = dict(
    re.findall(r"-- name: (.*)\n([^;]*);", Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
)
# Filled quicker without their indexes, which are made anew afterwards.
WITHOUT_INDEXES = {
    "assignments": "annotation_assignment",
    "annotations": "annotation_annotation",
    "revisions": "annotation_revision",
    "judgements": "annotation_judgement",
    "events": "annotation_event",
}


def fill(values: dict[str, Any], images: int) -> None:
    """Fill a campaign that is there with so many images and all that becomes of them."""
    lists = {
        name: "ARRAY[" + ", ".join(map(_literal, value)) + "]"
        for name, value in values.items()
        if isinstance(value, list)
    }
    numbers = {"images": images, "judged": images * 29 // 30, "begun": images * 59 // 60, "segments": SEGMENTS}
    words = {**values, **lists, **numbers, "days": DAYS, "prefill": _literal(values["prefill"])}
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'")
        for name, statement in STATEMENTS.items():
            start = time.perf_counter()
            # Neither foreign keys nor triggers are asked; what triggers count is counted at the end.
            cursor.execute("SET session_replication_role = replica")
            indexes = _drop_indexes(cursor, WITHOUT_INDEXES[name]) if name in WITHOUT_INDEXES else []
            cursor.execute(statement % words)
            for index in indexes:
                cursor.execute(index)
            cursor.execute("SET session_replication_role = origin")
            print(f"{name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
        for table in ("annotation_image", "annotation_nearduplicategroup"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''").replace("%", "%%") + "'"


def _drop_indexes(cursor: Any, table: str) -> list[str]:
    """Drop what can be dropped of a table's indexes, and return the statements that make them again."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'",
        [table],
    )
    constraints = [(name, f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}") for name, text in cursor.fetchall()]
    for name, _text in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
        " (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
        [table, table],
    )
    indexes = cursor.fetchall()
    for name, _text in indexes:
        cursor.execute(f"DROP INDEX {name}")
    return [text for _name, text in [*constraints, *indexes]]
