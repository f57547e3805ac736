"""Install what only the operating system carries, where that can be done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable


def ensure(program: str, *packages: str) -> str | None:
    """Return the path of a program, installing Debian's packages where it is missing and we may; else None."""
    path = shutil.which(program)
    if path is None and may_install():
        install(packages or (program,))
        path = shutil.which(program)
    return path


def may_install() -> bool:
    """Tell whether this is Debian or a child of it, and we are root."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install(packages: Iterable[str]) -> bool:
    """Install Debian's packages, reading the package lists anew only when they lack one; tell whether it went well."""
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for preparation in (None, ["apt-get", "update", "--quiet"]):
        if preparation:
            subprocess.run(preparation, env=environment, stdout=subprocess.DEVNULL, check=False)
        process = subprocess.run(command, env=environment, capture_output=True, check=False)
        if process.returncode == 0:
            return True
    return False


if __name__ == "__main__":
    program, *packages = sys.argv[1:]
    if ensure(program, *packages) is None:
        sys.exit(f"{program} is missing; install it by the package {' '.join(packages) or program}")
