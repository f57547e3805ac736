"""The commands that publish, check, unpack and compare releases."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.rederive import IN_FULL
from annotation.dataset.format.manifest import files_below, sha256_of
from annotation.models import Release
from tests.harness.installation import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def test_the_commands_publish_and_check(annotated, tmp_path):
    out = StringIO()
    call_command("release", "portraits", "0.1.0", out=str(tmp_path), stdout=out)
    folder = tmp_path / "portraits-0.1.0"
    assert out.getvalue() == f"{folder}\n"
    out = StringIO()
    call_command("verify_release", str(folder), json=True, stdout=out)
    assert json.loads(out.getvalue()) == {
        "folder": str(folder),
        "holds": True,
        "manifest_sha256": sha256_of(folder / "MANIFEST.sha256"),
        "signed": False,
        "signature_checked": False,
        "rows_checked": True,
        "files": len(files_below(folder)) - 1,  # The manifest does not list itself.
        "images": 1,
        "findings": [],
        "remarks": [IN_FULL],
    }


def test_commands_unpack_and_compare(annotated, tmp_path):
    publish_release(annotated, "0.1.0", out=tmp_path, by=None)
    publish_release(annotated, "0.1.1", out=tmp_path, by=None)
    folders = [str(tmp_path / f"portraits-0.1.{patch}") for patch in (0, 1)]
    out = StringIO()
    call_command("unpack_release", folders[0], json=True, stdout=out)
    assert json.loads(out.getvalue()) == {
        "folder": folders[0],
        "images": f"{folders[0]}/images",
        "written": 1,
        "there": 0,
    }
    out = StringIO()
    call_command("diff_releases", *folders, json=True, stdout=out)
    assert json.loads(out.getvalue())["level"] == "patch"
    out = StringIO()
    call_command("diff_releases", *folders, stdout=out)
    assert out.getvalue() == "patch: the same data\n"
    with pytest.raises(CommandError, match="is not a release"):
        call_command("diff_releases", folders[0], str(tmp_path))
    with pytest.raises(CommandError, match="is not a release"):
        call_command("unpack_release", str(tmp_path))


def test_the_release_command_prints_one_json_object(annotated, tmp_path):
    out = StringIO()
    call_command("release", "portraits", "0.1.0", out=str(tmp_path), json=True, stdout=out)
    output = json.loads(out.getvalue())
    release = Release.objects.get()
    assert output["folder"] == release.folder
    assert output["manifest_sha256"] == release.manifest_hash
    assert output["images"] == sum(output["splits"].values()) == 1


def test_commands_that_cannot_do_anything_say_why(annotated, tmp_path):
    with pytest.raises(CommandError, match="three whole numbers"):
        call_command("release", "portraits", "one", out=str(tmp_path))
    with pytest.raises(CommandError, match="there are: portraits"):
        call_command("release", "nowhere", "1.0.0", out=str(tmp_path))


def test_a_release_that_does_not_hold_ends_with_status_1_and_names_what_does_not_fit(annotated, tmp_path):
    release = publish_release(annotated, "0.1.0", out=tmp_path, by=None)
    (Path(release.folder) / "CHANGELOG.md").write_text("mine\n")
    process = subprocess.run(
        [sys.executable, ROOT / "manage.py", "verify_release", release.folder, "--json"],
        env=os.environ | {"DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere"},
        capture_output=True,
        check=False,
    )
    assert process.returncode == 1
    assert json.loads(process.stdout)["findings"] == ["CHANGELOG.md: its hash is not the one in MANIFEST.sha256"]
    assert b"does not hold: 1 findings" in process.stderr
