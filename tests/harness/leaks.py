"""A run of the tests that leaves files behind fails: in the repository, in `var/`, among temporary files.

What a test forgets to close fails too, by `filterwarnings` in pyproject.toml.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Where tools and commands keep what they build; git ignores these.
BUILT = {
    ".git",
    ".venv",
    "node_modules",
    "build",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".import_linter_cache",
}

# Of programs that are not ours: the PostgreSQL from pip locks a file, PyTorch keeps a cache.
THEIRS = (".lockfile", "torchinductor_")
# Of browsers and workers that tests kill on purpose: what is killed cannot tidy up.
KILLED = ("org.chromium.", ".org.chromium.", "pymp-", "connoisseur-images-")


def files_below(folder: Path) -> set[Path]:
    files: set[Path] = set()
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in BUILT]
        files.update(Path(at, name) for name in names)
    return files


class Watch:
    """The repository as a run of the tests met it, and the run's own folder for temporary files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.before = files_below(root)
        self.usual = tempfile.gettempdir()
        self.temporary = Path(tempfile.mkdtemp(prefix="connoisseur-run-"))
        self.temporary.chmod(0o711)  # PostgreSQL has a user of its own, who passes through.
        # pytest keeps the folders of its last runs where it always does.
        self.environment = {"TMPDIR": str(self.temporary), "PYTEST_DEBUG_TEMPROOT": self.usual}

    def begin(self) -> None:
        """Let this process and those it starts, the workers of xdist among them, keep temporary files in the folder."""
        os.environ.update(self.environment)
        tempfile.tempdir = None

    def leaks(self) -> list[Path]:
        temporary = [path for path in self.temporary.iterdir() if not path.name.startswith(THEIRS + KILLED)]
        return sorted([*files_below(self.root) - self.before, *temporary])

    def end(self) -> None:
        for name in self.environment:
            os.environ.pop(name, None)
        tempfile.tempdir = self.usual
        shutil.rmtree(self.temporary, ignore_errors=True)


watched = pytest.StashKey[Watch]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[watched] = Watch(config.rootpath)
        config.stash[watched].begin()


# Last: the workers of xdist have ended by then.
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    watch = session.config.stash.get(watched, None)
    if watch and watch.leaks() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    watch = terminalreporter.config.stash.get(watched, None)
    for path in watch.leaks() if watch else ():
        terminalreporter.write_line(f"left behind by the tests: {path}", red=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if watch := config.stash.get(watched, None):
        watch.end()
