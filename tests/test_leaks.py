"""What tests leave behind fails their run."""

import re
import subprocess
import sys

import pytest

from tests.harness.installation import ROOT

CONFTEST = "pytest_plugins = ['tests.harness.leaks']\n"
TEST = """
import tempfile
from pathlib import Path

def test_it(tmp_path):
    {leak}
"""


def run_test_that(leak, tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(TEST.format(leak=leak))
    # Django is not needed, and takes most of the time.
    plain = ["-p", "no:cacheprovider", "-p", "no:django", "-c", str(ROOT / "pyproject.toml")]
    folders = ["--rootdir", str(folder), "--basetemp", str(tmp_path / "kept"), str(folder)]
    command = [sys.executable, "-m", "pytest", *plain, *folders]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("leak", "words"),
    [
        ("Path(__file__).with_name('left.txt').touch()", "left behind by the tests: .*left.txt"),
        ("tempfile.mkdtemp(prefix='forgotten-')", "left behind by the tests: .*forgotten-"),
        ("open(__file__)", "unclosed file"),
    ],
)
def test_a_run_that_leaves_something_behind_fails_and_says_what(tmp_path, leak, words):
    status, output = run_test_that(leak, tmp_path)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert re.search(words, output)


def test_what_lies_in_the_folder_of_the_test_is_no_leak(tmp_path):
    status, output = run_test_that("(tmp_path / 'kept.txt').touch()", tmp_path)
    assert status == pytest.ExitCode.OK, output
