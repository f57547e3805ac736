"""Install what only the operating system carries, where that can be done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable


def ensure(program: str, *packages: str) -> str | None:
    """Return the path of a program, installing Debian's packages where it is missing and we may; else None."""
    found = shutil.which(program)
    if found is None and may_install():
        install(packages or (program,))
        found = shutil.which(program)
    return found


def may_install() -> bool:
    """Tell whether this is Debian or a child of it, and we are root."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install(packages: Iterable[str]) -> bool:
    """Install Debian's packages, reading the package lists anew only when they lack one; tell whether it went well."""
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for prepare in (None, ["apt-get", "update", "--quiet"]):
        if prepare:
            subprocess.run(prepare, env=environment, stdout=subprocess.DEVNULL, check=False)
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if done.returncode == 0:
            return True
    return False


if __name__ == "__main__":
    wanted, *from_packages = sys.argv[1:]
    if ensure(wanted, *from_packages) is None:
        sys.exit(f"{wanted} is missing; install it by the package {' '.join(from_packages) or wanted}")
