"""The compose file is sound, holds no secret, and its very start commands run as plain processes."""

import json
import re
import subprocess
import sys

import jsonschema
import pytest
import yaml

from tests.harness.installation import ROOT, answers, free_port, installation, wait_until

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
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert f"${{{name}:?" in text


def test_services_that_stay_up_have_a_health_check_and_restart():
    for name, service in SERVICES.items():
        if name != "migrate":
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name


def test_the_model_worker_knows_no_database_and_only_reads_images():
    for name in ("predict-worker", "gpu-worker"):
        assert "DATABASE_URL" not in SERVICES[name]["environment"]
        assert SERVICES[name]["volumes"] == ["media:/data/media:ro"]


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


@pytest.mark.engine
def test_the_start_commands_run_as_processes_and_turn_healthy(tmp_path):
    with installation(tmp_path) as made:
        migrated = subprocess.run(
            [sys.executable, *module_command(SERVICES["migrate"]["command"])],
            cwd=ROOT,
            env=made.environment,
            capture_output=True,
            check=False,
        )
        assert migrated.returncode == 0
        image_command = json.loads(re.findall(r"^CMD (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0])
        port = str(free_port())
        web = [part.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for part in module_command(image_command)]
        worker = module_command(SERVICES["worker"]["command"])
        predictor = module_command(SERVICES["predict-worker"]["command"])
        quiet = ("--hostname", "tested@%h", "--pool", "solo")
        with made.process(*web), made.process(*worker, *quiet):
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/health/"), "the web to be healthy")
            wait_until(lambda: pings(made, "webapp"), "the worker to answer")
        with made.process(*predictor, *quiet, DATABASE_URL=None, SECRET_KEY=None):
            wait_until(lambda: pings(made, "mlworker.worker"), "the model worker to answer")


def pings(made, app):
    command = [sys.executable, "-m", "celery", "--app", app, "inspect", "ping", "--timeout", "3"]
    done = subprocess.run(command, cwd=ROOT, env=made.environment, capture_output=True, text=True, check=False)
    return "pong" in done.stdout
