"""How Celery reaches its queue: the same for the web application, its worker and the model worker.

With an address it is Redis; without one, files in a folder, so that commands, web and workers share a queue on one
machine without any service.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

LONGEST_BATCH = 900  # Seconds a worker has for one batch, unless set otherwise.
# Seconds until Redis hands a message of a vanished worker to another one, at least.
VISIBILITY_TIMEOUT = 3600
# Seconds a worker process may take to load the models it was told to; Celery would end it after four.
LONGEST_LOADING = 1800


def broker_settings(
    redis_url: str | None,
    folder: Path,
    *,
    key_prefix: str = "",
    longest_batch: int = LONGEST_BATCH,
    unacked: str = "unacked",
) -> dict[str, Any]:
    """Return Celery's settings, names in lower case; makes the queue's folders when there is no Redis address.

    `key_prefix` begins every key and channel in Redis, so that installations can share a server. A message of a worker
    that vanished is handed on after twice the time of the longest batch, in seconds, so that no batch that is merely
    slow is worked on twice. `unacked` begins the keys in Redis of messages under way: with one of their own, model
    workers need not see those of the application.
    """
    broker = redis_broker(redis_url, key_prefix, longest_batch, unacked) if redis_url else file_broker(folder)
    return broker | {
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_serializer": "json",
        "event_serializer": "json",
        "result_backend": None,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_default_queue": "default",
        "task_routes": {name: {"queue": "predict"} for name in ("mlworker.predict", "mlworker.embed")},
        "worker_prefetch_multiplier": 1,
        "worker_proc_alive_timeout": LONGEST_LOADING,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # An answer may be minutes of work: try for half a minute to pass it on, as while Redis restarts.
        "task_publish_retry_policy": {"max_retries": 10, "interval_start": 0.5, "interval_step": 1, "interval_max": 4},
    }


def redis_broker(url: str, key_prefix: str, longest_batch: int, unacked: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "visibility_timeout": max(VISIBILITY_TIMEOUT, 2 * longest_batch),
        "socket_connect_timeout": 5,  # Seconds; a person waits for the answer.
        "socket_keepalive": True,
        "unacked_key": unacked,
        "unacked_index_key": f"{unacked}_index",
        "unacked_mutex_key": f"{unacked}_mutex",
    }
    if key_prefix:
        options["global_keyprefix"] = key_prefix
    return {"broker_url": url, "broker_transport_options": options}


def file_broker(folder: Path) -> dict[str, Any]:
    """Return the settings for a queue of files below `folder`, which is made if missing."""
    messages, processed, control = folder / "messages", folder / "processed", folder / "control"
    for part in (messages, processed, control):
        part.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://localhost//",
        "broker_transport": "mlworker.queue.file_queue:Transport",
        "broker_transport_options": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "processed_folder": str(processed),
            "control_folder": str(control),
            "polling_interval": 0.05,
        },
    }
