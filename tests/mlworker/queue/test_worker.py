"""The worker is a process of its own: it takes requests from the queue and passes answers to the next task.

The queue is the one the environment names (`REDIS_URL`), else files.
"""

import json
import os
import subprocess
import sys
import uuid
from typing import Any

import pytest
import redis
from celery import Celery, chain

from mlworker.contract import EmbedRequest
from mlworker.queue.broker import broker_settings
from mlworker.tasks import embed, predict
from tests.harness.installation import running_process
from tests.mlworker.conftest import request_for, scene

REDIS_URL = os.environ.get("REDIS_URL")


@pytest.fixture
def key_prefix():
    """Use Redis keys of our own, and take them away afterwards."""
    prefix = f"test-{uuid.uuid4().hex}:"
    yield prefix
    if REDIS_URL:
        with redis.Redis.from_url(REDIS_URL) as client:
            for key in client.scan_iter(f"{prefix}*"):
                client.delete(key)


@pytest.fixture
def app(tmp_path, key_prefix):
    """Stand in for the web application: the same queue, and a task that would store the answer."""
    web = Celery("web", set_as_current=False)
    web.conf.update(broker_settings(REDIS_URL, tmp_path / "queue", key_prefix=key_prefix))
    yield web
    web.close()


@pytest.fixture
def environment(tmp_path, key_prefix, media_root):
    """The environment of a worker's machine."""
    return os.environ | {
        "VAR_DIR": str(tmp_path),
        "MLWORKER_MEDIA_ROOT": str(media_root),
        "MLWORKER_PRELOAD": "fake, artimuze, grid",
        "REDIS_KEY_PREFIX": key_prefix,
        "DJANGO_SETTINGS_MODULE": "no.such.settings",
    }


@pytest.fixture(params=["--concurrency 1", "--pool threads --concurrency 2"])
def worker(tmp_path, environment, request):
    """Run the documented start command with a file to log to."""
    command = [sys.executable, "-m", "celery", "-A", "mlworker.worker", "worker", "--queues", "predict"]
    with (tmp_path / "worker.log").open("wb") as log:
        options = {"env": environment, "stdout": log, "stderr": log}
        with running_process([*command, *request.param.split()], **options) as process:
            yield process


def task_arguments(app: Celery, count: int) -> list[Any]:
    """Return the arguments of the next `count` tasks on the default queue."""
    with app.connection_for_read() as connection, connection.SimpleQueue(app.amqp.queues["default"]) as queue:
        return [take(queue) for _ in range(count)]


def take(queue: Any) -> Any:
    message = queue.get(timeout=120)
    message.ack()
    return message.payload[0]


@pytest.mark.engine
def test_a_worker_process_passes_on_answers_for_good_and_bad_images_and_lives(
    app, worker, environment, save_image, tmp_path
):
    requests = [
        request_for(save_image(scene(), "scene.png")),
        request_for(save_image(scene(), "poison.png"), "fake"),
        request_for(save_image(scene(2), "last.png"), "fake"),
    ]
    for run_id, request in enumerate(requests):
        first = app.tasks[predict.name].s([request.to_json()]).set(queue="predict")
        chain(first, app.signature("store", args=[run_id], queue="default"), app=app).apply_async()

    answers = {run_id: prefill for [prefill], run_id in task_arguments(app, 3)}

    assert [answers[run_id]["image"] for run_id in range(3)] == ["scene.png", "poison.png", "last.png"]
    assert answers[0]["score"] > 0
    assert len(answers[0]["attributes"]) == 8
    assert "told to fail" in answers[1]["error"]
    assert len(answers[2]["distribution"]) == 101
    replies = app.control.inspect(timeout=5, limit=1).ping()
    assert list(replies.values()) == [{"ok": "pong"}]
    assert worker.poll() is None
    assert "model 'artimuze' cannot be loaded" in (tmp_path / "worker.log").read_text()
    assert sorted(model for model, _version in loaded_models(environment)) == ["baseline", "fake", "grid"]


@pytest.mark.engine
@pytest.mark.usefixtures("worker")
def test_a_worker_process_passes_on_embeddings_for_good_and_missing_images(app, save_image):
    image_request = request_for(save_image(scene(), "scene.png"))
    requests = [EmbedRequest(name, image_request.sha256, "grid") for name in ("scene.png", "gone.png")]

    first = app.tasks[embed.name].s([request.to_json() for request in requests]).set(queue="predict")
    chain(first, app.signature("store", args=[7], queue="default"), app=app).apply_async()

    [([success, failure], number)] = task_arguments(app, 1)
    assert (number, success["error"], len(success["vector"])) == (7, "", 256)
    assert (failure["vector"], "is not below the media root" in failure["error"]) == ("", True)


def loaded_models(environment):
    """Return the models that the one worker there tells the health command of, having checked the rest it tells."""
    command = [sys.executable, "-m", "mlworker", "health", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    health = json.loads(result.stdout)
    (worker,) = health["workers"].values()
    assert (health["error"], worker["host"], worker["gpus"]) == (
        "",
        health["machine"]["host"],
        health["machine"]["gpus"],
    )
    assert 0 < worker["free_bytes"] < 1 << 50
    return [(process["model"], process["version"]) for process in worker["processes"]]


def test_the_health_command_without_a_worker_tells_of_this_machine_and_fails(environment):
    command = [sys.executable, "-m", "mlworker", "health", "--seconds", "0.2"]
    process = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (process.returncode, process.stderr) == (1, "")
    assert process.stdout.startswith("no worker answered within 0.2 s")
    assert "this machine: " in process.stdout
    unreachable = environment | {"REDIS_URL": "redis://127.0.0.1:9/0"}
    process = subprocess.run(command, capture_output=True, text=True, check=False, env=unreachable, timeout=300)
    assert (process.returncode, process.stderr, process.stdout[:31]) == (1, "", "the queue cannot be reached: Op")


HIDE = "sys.modules.update(dict.fromkeys(['django', 'torch', 'transformers', 'annotation', 'webapp']));"
WITHOUT_DJANGO_SET_UP = (
    "assert not {'django.conf', 'torch', 'transformers', 'annotation', 'webapp'} & set(sys.modules);"
)


@pytest.mark.parametrize(("before", "after"), [(HIDE, ""), ("", WITHOUT_DJANGO_SET_UP)])
def test_the_worker_needs_neither_django_nor_torch_and_loads_no_model(before, after, tmp_path):
    code = (
        f"import sys; {before}"
        "from mlworker.worker import app; app.loader.import_default_modules(); app.finalize();"
        "assert {'mlworker.predict', 'mlworker.embed'} <= app.tasks.keys();"
        "heavy = {'mlworker.predictors.baseline.predictor', 'mlworker.predictors.grid.predictor'};"
        "assert not heavy & sys.modules.keys();"
        f" {after}"
    )
    environment = os.environ | {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
