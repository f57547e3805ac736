"""torch's ways of saying that memory is out, in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mlworker.contract import OutOfMemory


@contextmanager
def report_out_of_memory(what: str) -> Iterator[None]:
    """Turn torch's ways of saying that memory is out into OutOfMemory, which names what did not fit."""
    import torch  # noqa: PLC0415  heavy

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(f"{what} did not fit into the GPU's memory") from error
    except RuntimeError as error:
        if "allocate memory" not in str(error):  # What torch says of a CPU, or of a file it maps.
            raise
        raise OutOfMemory(f"{what} did not fit into memory") from error
