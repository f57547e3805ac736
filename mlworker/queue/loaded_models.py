"""Notes below `VAR_DIR` of the models that processes have loaded, those of the living found again.

The worker's main process, which answers questions from outside while its children work, reads the notes of its own.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from pathlib import Path
from typing import Any

from mlworker import environment
from mlworker.predictors.base import Model

logger = logging.getLogger(__name__)


def note_loaded_model(model: Model[Any, Any]) -> None:
    """Leave a note that this process has loaded a model."""
    facts = {"model": model.name, "version": model.version, **model.state()}
    who = {"host": socket.gethostname(), "pid": os.getpid(), "parent": os.getppid()}
    folder = environment.var_dir() / "workers"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Moved into place whole, as the main process may be reading.
        draft = folder / f"{who['host']}-{who['pid']}-{model.name}.part"
        draft.write_text(json.dumps(who | {"loaded": facts}), encoding="utf-8")
        draft.rename(draft.with_suffix(".json"))
    except OSError as error:
        # On a full or read-only disk predictions go on; only the health command knows less.
        logger.warning("the health command will not know of %s: %s", model.name, error)


def notes_of_living() -> list[dict[str, Any]]:
    """Return the notes of this machine's living processes; those of dead ones are taken away."""
    living = []
    for path in sorted((environment.var_dir() / "workers").glob(f"{socket.gethostname()}-*.json")):
        facts = read_note(path)
        if facts and is_alive(facts["pid"]):
            living.append(facts)
        else:
            path.unlink(missing_ok=True)
    return living


def read_note(path: Path) -> dict[str, Any] | None:
    """Return what a note says, None where it is gone or broken."""
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if {"pid", "parent", "loaded"} <= facts.keys() else None


def is_alive(pid: int) -> bool:
    """Tell whether a process of this machine runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # It runs, as somebody else.
        return True
    return True
