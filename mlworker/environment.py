"""The worker's few settings, read at the moment they are asked for.

The defaults are those of the web application, so that on one machine both find the same images and the same queue.
"""

from __future__ import annotations

from pathlib import Path

from mlworker.queue.broker import LONGEST_BATCH

from .contract import PredictorError
from .variables import Variables

DEFAULT_KEY_PREFIX = "connoisseur:"
LARGEST_IMAGE = 200 * 1024 * 1024  # Bytes; the application imports no larger ones either.

env = Variables()
# Read while a model is asked: a process that ended then would leave its batch to the next one, to end it as well.
request_env = Variables(PredictorError)


def var_dir() -> Path:
    """Return the folder that holds what a running installation keeps (`VAR_DIR`, else `var/` in the repository)."""
    return Path(env.text("VAR_DIR") or Path(__file__).resolve().parent.parent / "var")


def media_root() -> Path:
    """Return the folder that image references are relative to (`MLWORKER_MEDIA_ROOT`, else `MEDIA_ROOT`)."""
    # Its own name first: on a worker's machine the folder may be mounted elsewhere.
    folder = env.text("MLWORKER_MEDIA_ROOT") or env.text("MEDIA_ROOT")
    return Path(folder) if folder else var_dir() / "media"


def redis_url() -> str | None:
    """Return the Redis address (`REDIS_URL` or `CELERY_BROKER_URL`), or None for the queue of files."""
    # The second is Celery's own variable for the same.
    return env.text("REDIS_URL") or env.text("CELERY_BROKER_URL") or None


def key_prefix() -> str:
    """Return what every Redis key of ours begins with (`REDIS_KEY_PREFIX`)."""
    return env.text("REDIS_KEY_PREFIX", DEFAULT_KEY_PREFIX)


def image_hosts() -> list[str]:
    """Return the hosts, with their ports, to fetch images from (`MLWORKER_IMAGE_HOSTS`); none by default."""
    return env.texts("MLWORKER_IMAGE_HOSTS")


def most_image_bytes() -> int:
    """Return how many bytes a fetched image may have (`MLWORKER_MAX_IMAGE_BYTES`); raises PredictorError."""
    return request_env.whole_number("MLWORKER_MAX_IMAGE_BYTES", LARGEST_IMAGE)


def image_seconds() -> int:
    """Return how many seconds fetching an image may take (`MLWORKER_IMAGE_SECONDS`); raises PredictorError."""
    return request_env.whole_number("MLWORKER_IMAGE_SECONDS", 60, least=1)


def artimuse_checkpoint() -> str:
    """Return the checkpoint of the model `artimuse`, a folder or a name on the Hub (`MLWORKER_ARTIMUSE`)."""
    return env.text("MLWORKER_ARTIMUSE")


def sscd_file() -> str:
    """Return the file of the embedder `sscd`, a TorchScript module (`MLWORKER_SSCD`)."""
    return env.text("MLWORKER_SSCD")


def hub_address() -> str | None:
    """Return the address of the Hub that checkpoints are fetched from (`HF_ENDPOINT`), None for the usual one."""
    return env.text("HF_ENDPOINT") or None


def memory_mib() -> int:
    """Return the MiB a process may take beside its weights (`MLWORKER_MEMORY_MIB`); 0: what is free."""
    return request_env.whole_number("MLWORKER_MEMORY_MIB", 0)


def fake_failures() -> list[str]:
    """Return the SHA-256 prefixes of images on which the predictor `fake` fails (`MLWORKER_FAKE_FAILS`)."""
    return request_env.texts("MLWORKER_FAKE_FAILS")


def fake_seconds() -> float:
    """Return how many seconds `fake` and `grid` take for an image (`MLWORKER_FAKE_SECONDS`)."""
    return request_env.number("MLWORKER_FAKE_SECONDS", 0.0)


def preloaded_models() -> list[str]:
    """Return the models that a worker process loads as it starts (`MLWORKER_PRELOAD`)."""
    return env.texts("MLWORKER_PRELOAD")


def longest_batch() -> int:
    """Return how many seconds a batch may take (`PREFILL_LONGEST_BATCH`)."""
    return env.whole_number("PREFILL_LONGEST_BATCH", LONGEST_BATCH, least=1)
