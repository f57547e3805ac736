"""Introduce the cast: alice, bob and carol annotate, rita reviews, olga organises, arthur audits, mallory is out.

The staff (rita, olga, arthur) have their roles in every campaign that the factories make; olga is an administrator too.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from inspect import signature
from pathlib import Path
from typing import Any

import hypothesis.configuration
import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.http import FileResponse
from django.test import Client
from xdist.scheduler import LoadFileScheduling

from annotation.actions.agreement import measure_agreement
from annotation.demo import build_demo_set
from annotation.models import Campaign
from annotation.models.append_only_triggers import drop_triggers
from tests.harness.factories import make_campaign, somebody
from tests.harness.installation import (
    ROOT,
    TemplateDatabase,
    embedded_installation,
    migrate_installation,
    share_migrated_database,
)
from tests.harness.recall import Memory, any_row
from tests.harness.release_samples import write
from tests.harness.shared import keep_folder, make_shared_folder
from webapp.accounts.models import User

pytest_plugins = ["tests.harness.leaks"]

CAST = ("alice", "bob", "carol", "rita", "olga", "arthur", "mallory")

# A busy machine is no defect: no deadlines. The same examples every time, but in `make soak`, which looks further.
busy = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("house", busy, derandomize=True)
hypothesis.settings.register_profile("soak", busy, max_examples=1000)
hypothesis.configuration.set_hypothesis_home_dir(ROOT / "build" / "hypothesis")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("soak" if "soak" in config.option.markexpr else "house")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spare the run on PostgreSQL and Redis the import of files that have no test for it."""
    if config.option.markexpr != "engine" or not collection_path.match("test_*.py"):
        return None
    return "mark.engine" not in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave long studies to `make soak`, locks of rows to PostgreSQL; begin with the browser, which takes longest."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    for item in items:
        begin_with_what_is_remembered(item)
    left_out = [
        *([] if "soak" in config.option.markexpr else ["soak"]),
        *([] if connection.vendor == "postgresql" else ["postgresql"]),
    ]
    elsewhere = [item for item in items if any(map(item.get_closest_marker, left_out))]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]


def pytest_collection_finish() -> None:
    """Spare the collector what stays for the whole run, and have it come less often: it took an eighth of the time."""
    gc.freeze()
    gc.set_threshold(5_000, 10, 20)


def begin_with_what_is_remembered(item: pytest.Item) -> None:
    """Let fixtures that recall meet an empty database, into which alone they can put back what they made before."""
    if not isinstance(item, pytest.Function):
        return
    names, definitions = item.fixturenames, item._fixtureinfo.name2fixturedefs
    asked_for = {*signature(item.function).parameters, *CAST}
    begin = min((place for place, name in enumerate(names) if name in asked_for), default=0)
    late = [name for name in names[begin:] if name in definitions and "recall" in definitions[name][-1].argnames]
    names[begin:] = [*late, *(name for name in names[begin:] if name not in late)]


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Tests handed to the processes by file, those with a browser together: one server, one browser, one demo."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/e2e" if nodeid.startswith("tests/e2e/") else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


# What decides the tables of a migrated database, and the images of the demo.
TABLES = ("annotation/migrations", "annotation/models", "webapp/accounts", "webapp/settings.py", "requirements.lock")
DRAWINGS = ("annotation/demo", "requirements-dev.lock")


@pytest.fixture(scope="session", autouse=True)
def migrated() -> Iterator[TemplateDatabase]:
    """A database for all installations of a run, migrated again when migrations change."""

    def migrate(folder: Path) -> None:
        embedded_installation(folder).manage("migrate", "--verbosity", "0")

    with share_migrated_database(lambda: keep_folder("migrated", TABLES, migrate) / "db.sqlite3") as template:
        yield template


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, migrated: TemplateDatabase) -> Iterator[None]:
    """Let the tests' own database begin as a copy of the migrated one."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.template()
        yield
        return

    def copy(connection: Any, **_: Any) -> None:
        if connection.is_in_memory_db() and not connection.introspection.table_names():
            with closing(sqlite3.connect(migrated.file())) as source:
                source.backup(connection.connection)

    connection_created.connect(copy)
    yield
    connection_created.disconnect(copy)


@pytest.fixture(scope="session")
def drawn() -> Path:
    """The folder of the demo's images, which take a while to draw."""
    return keep_folder("drawn", DRAWINGS, build_demo_set)


# Who looked at their screen today already; bob has not.
SCREENS_CHECKED = """
from annotation.models import ViewingCheck
from webapp.accounts.models import User
for name in ("alice", "carol"):
    ViewingCheck.objects.create(user=User.objects.get(username=name), screen={})
"""


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Path:
    """The folder of the demo: images, people, campaigns, prefills, simulated answers, a release; to be copied."""

    def seed(folder: Path) -> None:
        made = migrate_installation(embedded_installation(folder))
        shutil.copytree(drawn, folder / "demo")
        made.manage("seed_demo")
        made.manage("shell", "-c", SCREENS_CHECKED)

    return make_shared_folder(tmp_path_factory, "seeded", seed)


@pytest.fixture(scope="session")
def sample_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release of four images, made without a database; to be copied."""
    folder = tmp_path_factory.mktemp("sample") / "release"
    write(folder)
    return folder


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep each test's images and releases in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.RELEASES_DIR = tmp_path / "releases"
    monkeypatch.setenv("MLWORKER_MEDIA_ROOT", str(settings.MEDIA_ROOT))
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def files_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every file that is sent to its end, as a browser does, so that it is closed."""
    ask = Client.request

    def request(self: Client, **environ: Any) -> Any:
        response: Any = ask(self, **environ)
        is_file = isinstance(response, FileResponse)
        if is_file:
            response.streaming_content = [response.getvalue()]
        return response

    monkeypatch.setattr(Client, "request", request)


@pytest.fixture
def transactional_db(transactional_db: None) -> Iterator[None]:
    """Let the database be emptied after the test, which its triggers would refuse; emptying puts them up again."""
    yield
    drop_triggers(connection)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw few replicates, where whole reports are computed for other things' sake."""
    monkeypatch.setattr(measure_agreement, "REPLICATES", 10)


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Memory:
    return Memory(tmp_path_factory.mktemp("memory"))


@pytest.fixture
def recall(db: None, memory: Memory, media: Path) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Begin a test with what a function makes; what it made the first time is put back for the tests that follow.

    Where another fixture was there before, it is made as anything else is.
    """

    def begin_with(make: Callable[[], object]) -> None:
        if any_row():
            make()
        else:
            memory.recall(make, media)

    yield begin_with
    memory.take_back(media)


@pytest.fixture
def alice(db: None) -> User:
    return somebody("alice")


@pytest.fixture
def bob(db: None) -> User:
    return somebody("bob")


@pytest.fixture
def carol(db: None) -> User:
    return somebody("carol")


@pytest.fixture
def rita(db: None) -> User:
    return somebody("rita")


@pytest.fixture
def olga(db: None) -> User:
    """An organiser of every campaign and the administrator of the installation."""
    return somebody("olga", is_superuser=True)


@pytest.fixture
def arthur(db: None) -> User:
    return somebody("arthur")


@pytest.fixture
def mallory(db: None) -> User:
    """Somebody with an account and no role anywhere."""
    return somebody("mallory")


def make_panel() -> None:
    make_campaign(people=tuple(map(somebody, ("alice", "bob", "carol"))))


@pytest.fixture
def campaign(recall: Callable[[Callable[[], object]], None]) -> Campaign:
    """An open blind panel of three images, three answers an image, for alice, bob and carol."""
    recall(make_panel)
    return Campaign.objects.get(slug="portraits")
