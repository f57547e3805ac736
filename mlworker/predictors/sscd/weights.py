"""The TorchScript file that holds the embedding, and its SHA-256."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from mlworker import environment
from mlworker.contract import PredictorError

ACCEPTED_FILE = "the TorchScript file of a copy-detection embedding is accepted, such as sscd_disc_mixup.torchscript.pt"


def file_from_settings() -> Path:
    """Return the file that `MLWORKER_SSCD` names; raises PredictorError."""
    name = environment.sscd_file()
    if not name:
        raise PredictorError(f"MLWORKER_SSCD is not set: {ACCEPTED_FILE}")
    if not Path(name).is_file():
        raise PredictorError(f"MLWORKER_SSCD: {name!r} is no file; {ACCEPTED_FILE}")
    return Path(name)


def version_of(path: Path) -> str:
    """Return a file's SHA-256, worked out once as long as it does not change; raises PredictorError."""
    try:
        status = path.stat()
        return _sha256(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise unreadable_file_error(path, error) from error


def unreadable_file_error(path: Path, error: OSError) -> PredictorError:
    return PredictorError(f"MLWORKER_SSCD: {path.name!r} cannot be read: {error.strerror or error}")


# Size and time of change are there for the cache only: a file replaced in place has another version.
@cache
def _sha256(path: Path, _size: int, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
