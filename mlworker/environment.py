"""Read the worker's few settings from the environment, at the moment they are asked for.

The defaults are those of the web application, so that on one machine both find the same images and the same queue.
"""

from __future__ import annotations

import os
from pathlib import Path

from mlworker.queue.broker import LONGEST_BATCH

DEFAULT_KEY_PREFIX = "connoisseur:"


def var_dir() -> Path:
    """Return the folder that holds what a running installation keeps (`VAR_DIR`, else `var/` in the repository)."""
    return Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var")


def media_root() -> Path:
    """Return the folder that image references are relative to (`MLWORKER_MEDIA_ROOT`, else `MEDIA_ROOT`)."""
    named = os.environ.get("MLWORKER_MEDIA_ROOT") or os.environ.get("MEDIA_ROOT")
    return Path(named) if named else var_dir() / "media"


def redis_url() -> str | None:
    """Return the Redis address (`REDIS_URL` or `CELERY_BROKER_URL`), or None for the queue of files."""
    return os.environ.get("REDIS_URL") or os.environ.get("CELERY_BROKER_URL") or None


def key_prefix() -> str:
    """Return what every Redis key of ours begins with (`REDIS_KEY_PREFIX`)."""
    return os.environ.get("REDIS_KEY_PREFIX", DEFAULT_KEY_PREFIX)


def image_hosts() -> list[str]:
    """Return the hosts, with their ports, to fetch images from (`MLWORKER_IMAGE_HOSTS`); none by default."""
    return [host.strip() for host in os.environ.get("MLWORKER_IMAGE_HOSTS", "").split(",") if host.strip()]


def most_image_bytes() -> int:
    """Return how large a fetched image may be (`MLWORKER_MAX_IMAGE_BYTES`)."""
    named = os.environ.get("MLWORKER_MAX_IMAGE_BYTES")
    return whole_number("MLWORKER_MAX_IMAGE_BYTES", named, 200 * 1024 * 1024)


def image_seconds() -> int:
    """Return how long fetching an image may take (`MLWORKER_IMAGE_SECONDS`)."""
    return whole_number("MLWORKER_IMAGE_SECONDS", os.environ.get("MLWORKER_IMAGE_SECONDS"), 60)


def artimuse() -> str:
    """Return the checkpoint of the model `artimuse`, a folder or a name on the Hub (`MLWORKER_ARTIMUSE`)."""
    return os.environ.get("MLWORKER_ARTIMUSE", "")


def sscd() -> str:
    """Return the file of the embedder `sscd`, a TorchScript module (`MLWORKER_SSCD`)."""
    return os.environ.get("MLWORKER_SSCD", "")


def memory_mib() -> int:
    """Return how much memory a process may take beside its weights (`MLWORKER_MEMORY_MIB`); 0: what is free."""
    return whole_number("MLWORKER_MEMORY_MIB", os.environ.get("MLWORKER_MEMORY_MIB"), 0)


def preloaded() -> list[str]:
    """Return the models that a worker process loads as it starts (`MLWORKER_PRELOAD`)."""
    return [name.strip() for name in os.environ.get("MLWORKER_PRELOAD", "").split(",") if name.strip()]


def longest_batch() -> int:
    """Return how many seconds a batch may take (`PREFILL_LONGEST_BATCH`); raises SystemExit for no whole number."""
    return whole_number("PREFILL_LONGEST_BATCH", os.environ.get("PREFILL_LONGEST_BATCH"), LONGEST_BATCH)


def whole_number(name: str, given: str | None, default: int) -> int:
    """Return a setting that is a whole number; raises SystemExit in one line for anything else."""
    try:
        return int(given) if given else default
    except ValueError:
        raise SystemExit(f"{name}: a whole number is accepted, not {given!r}") from None
