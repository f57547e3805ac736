"""Run an installation of its own as real processes: a database, a queue, folders, workers and a web server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough word"


class Installation:
    """The environment of one installation, and run commands and processes in it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        # No DJANGO_SETTINGS_MODULE of the tests: these processes run as in production.
        inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        self.environment = inherited | {
            "VAR_DIR": str(folder),
            "MEDIA_ROOT": str(folder / "media"),
            "MLWORKER_MEDIA_ROOT": str(folder / "media"),
            "RELEASES_DIR": str(folder / "releases"),
            "DEMO_PASSWORD": PASSWORD,
            "PYTHONPATH": str(ROOT),
            **environment,
        }

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        process = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or process.returncode == 0, f"{arguments}: {process.stdout}\n{process.stderr}"
        return process

    @contextmanager
    def process(self, *command: str, **environment: str | None) -> Iterator[subprocess.Popen[bytes]]:
        """Keep a process and its children running while the block runs; None takes a variable away from them."""
        variables: dict[str, Any] = self.environment | environment
        env = {name: value for name, value in variables.items() if value is not None}
        with running_process([sys.executable, *command], cwd=ROOT, env=env) as process:
            yield process

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve the product as `make demo` does, and give its address."""
        port = free_port()
        with self.process("manage.py", "serve", "--port", str(port)):
            address = f"http://127.0.0.1:{port}"
            wait_until(lambda: answers(f"{address}/health/"), f"{address} to answer")
            yield address


@contextmanager
def running_process(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a process and its children running while the block runs."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        # A worker takes seconds to say goodbye, and nothing of it is needed any more.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class TemplateDatabase:
    """A database that a run of the tests migrates once, when first asked for, and installations copy."""

    def __init__(self, file: Callable[[], Path], url: str) -> None:
        self.file = file
        self.url = url
        self.name = ""

    def template(self) -> str:
        """Return the name of the one on PostgreSQL."""
        if not self.name:
            self.name = f"connoisseur_test_{uuid.uuid4().hex[:12]}"
            execute(self.url, f'CREATE DATABASE "{self.name}"')
            Installation(self.file().parent, DATABASE_URL=database_url(self.url, self.name)).manage(
                "migrate", "--verbosity", "0"
            )
        return self.name

    def drop(self) -> None:
        """Leave nothing behind on PostgreSQL."""
        if self.name:
            execute(self.url, f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


# What this run copies; without it, as in benchmarks, each installation migrates a database of its own.
template_database: TemplateDatabase | None = None


@contextmanager
def share_migrated_database(file: Callable[[], Path]) -> Iterator[TemplateDatabase]:
    """Let installations made in the block copy a migrated database: the SQLite one in `file`, or one of PostgreSQL."""
    global template_database  # noqa: PLW0603
    template_database = TemplateDatabase(file, os.environ.get("DATABASE_URL", ""))
    try:
        yield template_database
    finally:
        template_database.drop()
        template_database = None


def embedded_installation(folder: Path, **environment: str) -> Installation:
    """Return an installation on the embedded default, its database not made yet."""
    return Installation(folder, **{"DATABASE_URL": "", "REDIS_URL": "", **environment})


def migrate_installation(new_installation: Installation) -> Installation:
    """Give an installation on SQLite its tables."""
    if template_database:
        new_installation.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(template_database.file(), new_installation.folder)
    else:
        new_installation.manage("migrate", "--verbosity", "0")
    return new_installation


def database_url(url: str, name: str) -> str:
    """Return the address of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """Make a migrated installation on the engine the tests run on, and leave nothing of it behind."""
    # Below the run's own prefix, so that `tests.harness.services` removes these keys too.
    run = os.environ.get("REDIS_KEY_PREFIX", "connoisseur-test-")
    environment = {"REDIS_KEY_PREFIX": f"{run}{uuid.uuid4().hex[:8]}:"}
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield migrate_installation(Installation(folder, DATABASE_URL="", **environment))
        return
    name = f"connoisseur_test_{uuid.uuid4().hex[:12]}"
    template = template_database.template() if template_database and template_database.url == url else ""
    execute(url, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    try:
        new_installation = Installation(folder, DATABASE_URL=database_url(url, name), **environment)
        if not template:
            new_installation.manage("migrate", "--verbosity", "0")
        yield new_installation
    finally:
        execute(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def execute(url: str, sql: str) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Tell whether an address answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until(condition: Any, what: str, *, seconds: float = 180) -> None:
    """Wait until a condition holds; fail naming what was waited for."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}"
        time.sleep(0.1)
