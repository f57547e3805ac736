"""The compose file is sound, holds no secret, and its very start commands run as plain processes."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager

import jsonschema
import pytest
import redis
import yaml
from packaging.version import Version

from mlworker import registry
from tests.harness.installation import ROOT, free_port, installation, running_process, wait_until

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
SCHEMA = json.loads((ROOT / "tests" / "compose.schema.json").read_text(encoding="utf-8"))


def test_the_file_obeys_the_schema():
    jsonschema.validate(COMPOSE, SCHEMA)


def test_every_part_of_the_product_is_there():
    assert set(SERVICES) == {"web", "worker", "predict-worker", "gpu-worker", "migrate", "postgres", "redis"}
    assert SERVICES["gpu-worker"]["profiles"] == ["gpu"]


def test_every_named_volume_is_declared():
    used = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert not re.findall(r"\$\{[A-Z_]*(?:SECRET|PASSWORD)[A-Z_]*:?-", text)
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "REDIS_WORKER_PASSWORD"):
        assert f"${{{name}:?" in text


def test_services_that_stay_up_have_a_health_check_and_restart():
    for name, service in SERVICES.items():
        if name != "migrate":
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name


def test_the_model_worker_knows_no_database_and_only_reads_images():
    for name in ("predict-worker", "gpu-worker"):
        assert {"DATABASE_URL", "SECRET_KEY", "REDIS_PASSWORD"}.isdisjoint(SERVICES[name]["environment"])
        assert "media:/data/media:ro" in SERVICES[name]["volumes"]
        assert SERVICES[name]["environment"]["REDIS_URL"].startswith("redis://worker:${REDIS_WORKER_PASSWORD")


def test_our_containers_may_change_nothing_but_their_volumes():
    for name, service in SERVICES.items():
        if "build" in service:
            assert service["read_only"], name
            assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"]), name
            assert service["mem_limit"], name
    assert "--chown" not in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def queues_of(name):
    command = SERVICES[name]["command"]
    return set(command[command.index("--queues") + 1].split(","))


def test_a_model_that_needs_torch_goes_to_the_worker_that_has_it_and_to_no_other():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--requirement requirements-worker.lock" in dockerfile[dockerfile.index("AS gpu") :]
    assert SERVICES["gpu-worker"]["build"]["target"] == "gpu"
    assert "threads" in SERVICES["gpu-worker"]["command"]
    assert queues_of("gpu-worker") == {registry.queue_of("artimuse")}
    others = [name for name in ("predict-worker", "worker") if not queues_of("gpu-worker").isdisjoint(queues_of(name))]
    assert others == []
    assert queues_of("predict-worker") == {registry.queue_of("openai")}


def test_the_checkpoint_is_named_kept_and_seen_by_the_application():
    assert (
        SERVICES["gpu-worker"]["environment"]["MLWORKER_ARTIMUSE"] == "${MLWORKER_ARTIMUSE:-Thunderbolt215215/ArtiMuse}"
    )
    assert "checkpoints:/data/checkpoints" in SERVICES["gpu-worker"]["volumes"]
    for name in ("web", "worker"):
        assert "MLWORKER_ARTIMUSE" in SERVICES[name]["environment"]
        assert "checkpoints:/data/checkpoints:ro" in SERVICES[name]["volumes"]
    assert "HF_HOME=/data/checkpoints" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_versions_with_known_holes_are_not_named():
    versions = {name: SERVICES[name]["image"].partition(":")[2].partition("-")[0] for name in ("postgres", "redis")}
    assert Version(versions["postgres"]) >= Version("15.18")
    assert Version(versions["redis"]) >= Version("7.4.6")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-worker.lock", "requirements-dev.lock"])
def test_each_package_is_locked_with_its_hashes(name):
    entries = re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / name).read_text(encoding="utf-8"))
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 20
    assert [entry.split()[0] for entry in packages if "--hash=sha256:" not in entry] == []


def test_the_image_installs_the_lock_and_runs_without_root():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any("--requirement requirements.lock" in line for line in lines)
    assert "USER connoisseur" in lines
    assert not re.search(r"FROM \S+:latest|FROM [^:\s]+$", "\n".join(lines), re.MULTILINE)


def test_the_secrets_beside_the_compose_file_stay_out_of_the_image():
    assert ".env*" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def module_command(command):
    """Turn `celery ...` or `gunicorn ...` into the same call of this interpreter's module."""
    program, *rest = command
    return rest if program == "python" else ["-m", program, *rest]


PASSWORDS = {"REDIS_PASSWORD": "for-the-application", "REDIS_WORKER_PASSWORD": "for-workers"}


@contextmanager
def redis_of_compose(folder):
    """Run the very command of Redis, with a port and a folder of its own; give its port."""
    port = str(free_port())
    *shell, script = SERVICES["redis"]["command"]
    script = script.replace("$$", "$").replace("/tmp/users.acl", f"{folder}/users.acl")
    command = [*shell, f"{script.rstrip()} --port {port} --bind 127.0.0.1 --dir {folder}"]
    with running_process(command, env=os.environ | PASSWORDS, stdout=subprocess.DEVNULL):
        wait_until(lambda: pings_health(port), "Redis to answer its health check", seconds=30)
        yield port


def pings_health(port):
    _kind, check = SERVICES["redis"]["healthcheck"]["test"]
    command = check.replace("redis-cli", f"redis-cli -p {port}")
    return succeeds("sh", "-c", command)


def succeeds(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def url_of(service, port):
    """Return the address of Redis as a service has it, with the password and the port of this test."""
    url = SERVICES[service]["environment"]["REDIS_URL"]
    for name, password in PASSWORDS.items():
        url = re.sub(rf"\$\{{{name}:\?[^}}]*\}}", password, url)
    return url.replace("@redis:6379", f"@127.0.0.1:{port}")


# What a model worker, with its account, gets out of all others when it asks for what Celery can do.
HOSTILE = """
import json
from mlworker.worker import app
ask = lambda name, **arguments: app.control.broadcast(name, arguments, reply=True, timeout=5) or []
replies = [*ask("conf"), *ask("reserved"), *ask("add_consumer", queue="theirs"), *ask("shutdown")]
print(json.dumps([answer for reply in replies for answer in reply.values()]))
"""
CAMPAIGN = "from tests.harness.factories import make_campaign; make_campaign('queued', images=2)"
installed_redis = pytest.mark.skipif(shutil.which("redis-cli") is None, reason="Redis is not installed here")


@installed_redis
@pytest.mark.engine
def test_the_start_commands_run_as_processes_do_a_run_and_turn_healthy(tmp_path):
    with redis_of_compose(tmp_path) as redis_port, installation(tmp_path / "var") as made:
        made.environment |= {"REDIS_URL": url_of("web", redis_port), "ALLOWED_HOSTS": "judge.example.org"}
        made.environment |= {"HTTPS": "on", "NUM_PROXIES": "1", "SECRET_KEY": "s" * 60}
        # What the users of Redis are for.
        made.environment["REDIS_KEY_PREFIX"] = "connoisseur:"
        migrated = subprocess.run(
            [sys.executable, *module_command(SERVICES["migrate"]["command"])],
            cwd=ROOT,
            env=made.environment,
            capture_output=True,
            check=False,
        )
        assert migrated.returncode == 0
        made.manage("shell", "--no-imports", "--command", CAMPAIGN)
        image_command = json.loads(re.findall(r"^CMD (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0])
        port = str(free_port())
        web = [part.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for part in module_command(image_command)]
        quiet = ("--hostname", "tested@%h", "--pool", "solo")
        of_worker = {"DATABASE_URL": None, "SECRET_KEY": None, "REDIS_URL": url_of("predict-worker", redis_port)}
        worker = module_command(SERVICES["worker"]["command"])
        predictor = module_command(SERVICES["predict-worker"]["command"])
        gpu = module_command(SERVICES["gpu-worker"]["command"])
        with (
            made.process(*web),
            made.process(*worker, *quiet),
            made.process(*predictor, *quiet[2:], "--hostname", "model@%h", **of_worker),
            made.process(*gpu, "--hostname", "gpu@%h", **of_worker),
        ):
            # The very check of the compose file, which asks by address whatever names are accepted.
            check = SERVICES["web"]["healthcheck"]["test"][3].replace(":8000", f":{port}")
            wait_until(lambda: succeeds(sys.executable, "-c", check), "the web to be healthy", seconds=60)
            done = made.manage("prefill", "queued", "--model", "baseline", "--wait", "--json")
            assert json.loads(done.stdout)["done"] == 2
            wait_until(lambda: pings(made, "webapp") >= 3, "all workers to answer", seconds=60)
            env = {name: value for name, value in (made.environment | of_worker).items() if value is not None}
            asked = subprocess.run([sys.executable, "-c", HOSTILE], cwd=ROOT, env=env, capture_output=True, check=True)
            answers = json.loads(asked.stdout)
            assert len(answers) >= 3
            assert [answer for answer in answers if list(answer) != ["error"]] == []
            assert pings(made, "webapp") >= 3, "nobody was stopped"


@installed_redis
def test_a_model_worker_reaches_its_own_queue_and_no_other(tmp_path):
    with redis_of_compose(tmp_path) as port:
        with redis.Redis.from_url(f"redis://127.0.0.1:{port}/0") as nobody, pytest.raises(redis.RedisError):
            nobody.ping()
        with redis.Redis.from_url(url_of("web", port)) as application:
            application.lpush("connoisseur:default", "a message")
            application.set("connoisseur:1:sign-in", "1")
        refused = [
            ("LRANGE", "connoisseur:default", "0", "-1"),
            ("RPOP", "connoisseur:default"),
            ("DEL", "connoisseur:default"),
            ("GET", "connoisseur:1:sign-in"),
            ("SET", "connoisseur:1:sign-in", "2"),
            ("HGETALL", "connoisseur:unacked"),
            ("KEYS", "*"),
            ("FLUSHALL",),
            ("CONFIG", "GET", "*"),
            ("ACL", "LIST"),
            ("EVAL", "return 1", "0"),
        ]
        with redis.Redis.from_url(url_of("predict-worker", port)) as worker:
            for command in refused:
                with pytest.raises(redis.exceptions.NoPermissionError):
                    worker.execute_command(*command)
            assert worker.lpush("connoisseur:default", "a result") == 2


def pings(made, app):
    command = [sys.executable, "-m", "celery", "--app", app, "inspect", "ping", "--timeout", "3"]
    done = subprocess.run(command, cwd=ROOT, env=made.environment, capture_output=True, text=True, check=False)
    return done.stdout.count("pong")
