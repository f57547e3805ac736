"""How much memory is free, on this machine or a GPU."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def free_ram() -> int:
    """Return the bytes a process can still have: of the machine, or of its container where that is less; 0 unknown."""
    # A container sees its machine's free memory, and is killed at its own limit.
    free = [size for size in (free_of_machine(), free_of_container()) if size is not None]
    return min(free, default=0)


def free_of_machine() -> int | None:
    """Return the bytes Linux calls available, None where nobody says."""
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kibibytes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(kibibytes[0]) * 1024 if kibibytes else None


def free_of_container() -> int | None:
    """Return the bytes left below the container's limit, None where there is no limit."""
    try:
        limit, usage = (
            (CGROUP / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current")
        )
    except OSError:
        return None
    return max(0, int(limit) - int(usage)) if limit.isdecimal() and usage.isdecimal() else None


def gpus() -> list[dict[str, object]]:
    """Return name, free and whole memory (bytes) of each NVIDIA GPU, as its own tool tells them: no CUDA is begun."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    # Asked through its tool, as whoever begins CUDA holds some hundred MB of the GPU for good.
    command = [tool, "--query-gpu=name,memory.free,memory.total", "--format=csv,noheader,nounits"]
    try:
        text = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in text.splitlines() if line.count(",") == 2]
    return [
        {"name": name, "free_bytes": int(free) << 20, "bytes": int(total) << 20}
        for name, free, total in rows
        if free.isdecimal() and total.isdecimal()
    ]
