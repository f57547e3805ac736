"""Which models a worker has loaded, on what device, and how much memory is free: workers say it when asked."""

from __future__ import annotations

import logging
import os
import socket
from typing import Any

from celery.concurrency.thread import TaskPool as ThreadPool
from celery.signals import worker_init, worker_process_init
from celery.worker.control import inspect_command
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from mlworker import environment, memory, registry
from mlworker.contract import PredictorError

from . import batches, loaded_models

logger = logging.getLogger(__name__)


def preload_models(**_signal: Any) -> None:
    """Load the models that are to be there before the first image; one that cannot be is tried again with it."""
    for name in environment.preloaded_models():
        try:
            batches.loaded_model(name, registry.kind_of(name))
        except PredictorError:
            # No reason to end the worker: it has other models, and each image will carry the reason.
            logger.exception("model %r cannot be loaded", name)


def preload_models_for_threads(sender: Any, **_signal: Any) -> None:
    """Load them here where this very process will work, in threads; Celery then makes no process that could tell."""
    if sender.pool_cls is ThreadPool:
        preload_models()


worker_process_init.connect(preload_models)
worker_init.connect(preload_models_for_threads)


def machine_facts() -> dict[str, Any]:
    """Return this machine's free memory, in bytes, and its GPUs."""
    return {"host": socket.gethostname(), "free_bytes": memory.free_ram(), "gpus": memory.gpus()}


@inspect_command(name="health")  # type: ignore[untyped-decorator, unused-ignore]
def health(_state: Any, **_arguments: Any) -> dict[str, Any]:
    """Answer the health command: the models that this worker's processes have loaded, and the free memory."""
    pid = os.getpid()
    own_notes = [note for note in loaded_models.notes_of_living() if pid in (note["pid"], note["parent"])]
    return machine_facts() | {"processes": [{"pid": note["pid"], **note["loaded"]} for note in own_notes]}


def ask_workers(seconds: float) -> tuple[dict[str, Any], str]:
    """Return what each worker that answers in time says, by its name, and what went wrong on the way."""
    from mlworker.worker import app  # noqa: PLC0415  which includes this module

    # A person waits: by default Celery would try to reach Redis for ever.
    app.conf.broker_transport_options = app.conf.broker_transport_options | {"max_retries": 1}
    try:
        replies = app.control.broadcast("health", reply=True, timeout=seconds)
    except (OperationalError, RedisError) as error:
        return {}, f"the queue cannot be reached: {type(error).__name__}"
    workers = {name: facts for reply in replies or [] for name, facts in reply.items() if "processes" in facts}
    return (
        workers,
        "" if workers else f"no worker answered within {seconds:g} s; one that is busy in a solo pool does not",
    )


def health_as_text(health: dict[str, Any]) -> str:
    """Return workers and machine as a few lines for people."""
    lines = []
    for name, worker in sorted(health["workers"].items()):
        lines.append(f"{name}: {free_memory_text(worker)}")
        for process in worker["processes"]:
            where = " ".join(str(process[key]) for key in ("device", "dtype") if key in process)
            lines.append(f"  process {process['pid']}: {process['model']} {process['version']} {where}".rstrip())
        if not worker["processes"]:
            lines.append("  no model loaded yet")
    if health["error"]:
        lines.append(health["error"])
    return "\n".join([*lines, f"this machine: {free_memory_text(health['machine'])}"])


def free_memory_text(machine: dict[str, Any]) -> str:
    gpus = [f"{gpu['name']} {int(gpu['free_bytes']) / 2**30:.1f} GiB" for gpu in machine["gpus"]]
    return ", ".join([f"{machine['free_bytes'] / 2**30:.1f} GiB of memory free", *(gpus or ["no GPU"])])
