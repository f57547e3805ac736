"""The tests' own services come from wherever they can be had, and leave nothing behind."""

import os
import subprocess
import sys

import psycopg
import pytest
import redis

from tests import services
from tests.installation import ROOT, Installation, free_port, installation


@pytest.fixture
def postgres():
    with services.started_postgres() as service:
        yield service


def databases(url):
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


@pytest.mark.parametrize("way", ["binaries", "pip"])
def test_services_are_started_used_and_stopped_again(way):
    with services.services(way) as environment:
        assert services.reachable_postgres(environment["DATABASE_URL"])
        assert services.reachable_redis(environment["REDIS_URL"])
    assert not services.reachable_postgres(environment["DATABASE_URL"])
    assert not services.reachable_redis(environment["REDIS_URL"])


def test_an_installation_migrates_on_the_postgresql_from_pip(tmp_path, monkeypatch):
    with services.packaged_postgres() as service:
        monkeypatch.setenv("DATABASE_URL", service.url)
        with installation(tmp_path) as made:
            assert isinstance(made, Installation)
            assert made.manage("check", "--database", "default").returncode == 0
        assert databases(service.url) == {"postgres", "template0", "template1"}


def test_other_peoples_databases_and_keys_are_left_alone(postgres, monkeypatch):
    with services.started_redis() as queue:
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


def test_a_command_runs_with_both_and_its_status_comes_back():
    code = "import os, sys; sys.exit(7 if os.environ['DATABASE_URL'] and os.environ['REDIS_URL'] else 1)"
    command = [sys.executable, "-m", "tests.services", "--only", "binaries", "--", sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert "PostgreSQL" in done.stdout


def test_without_any_service_the_reason_is_one_line(monkeypatch):
    environment = os.environ | {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0", "DATABASE_URL": ""}
    command = [sys.executable, "-m", "tests.services", "--only", "found", "--", "true"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The tests need PostgreSQL and Redis: no ")
