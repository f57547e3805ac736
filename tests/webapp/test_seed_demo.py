"""The demo: seeded by one command, and left alone by the next."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.harness.installation import embedded_installation

ROLES = (
    "SELECT username FROM accounts_user WHERE is_superuser AND is_staff",
    "SELECT username FROM accounts_user WHERE is_superuser OR is_staff",
)
TABLES = ("accounts_user", "annotation_image", "annotation_annotation", "annotation_prefill", "annotation_release")


def counted(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def test_the_organiser_of_the_demo_reaches_the_administration_and_nobody_else_does(demo_folder):
    with closing(sqlite3.connect(demo_folder / "db.sqlite3")) as database:
        assert [database.execute(question).fetchall() for question in ROLES] == [[("olga",)], [("olga",)]]


def test_a_second_seeding_changes_nothing(demo_folder, tmp_path):
    copy = tmp_path / "var"
    shutil.copytree(demo_folder, copy)
    before = counted(copy)
    assert before == {
        "accounts_user": 9,
        "annotation_image": 60,
        "annotation_annotation": 90,
        "annotation_prefill": 60,
        "annotation_release": 1,
    }
    process = embedded_installation(copy).manage("seed_demo")
    assert counted(copy) == before
    assert "Accounts" not in process.stdout
    assert "0 new answers" in process.stderr
