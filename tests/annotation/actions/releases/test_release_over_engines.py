"""One record of a release, two databases: PostgreSQL, where the tests run on it too, and SQLite give the same bytes."""

import json
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.answers.annotate import commit_annotation, revise_annotation
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.releases.publish_release import publish_release
from annotation.dataset.format.manifest import files_below
from annotation.models import Assignment, Preset
from tests.harness.factories import force_arm, make_campaign, make_content, prefill_all
from tests.harness.installation import embedded_installation, migrate_installation

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

BUILD = """
from pathlib import Path
from annotation.actions.releases.build_release import build_release
from annotation.models import Release
print(build_release(Release.objects.get(), Path("{folder}")).manifest_sha256)
"""


@pytest.fixture
def judged_campaign(alice, bob):
    """A campaign of six images that two people have judged before and after they saw a model's answer."""
    campaign = make_campaign(people=(alice, bob), images=6, preset=Preset.COMMIT_THEN_REVIEW, annotations_per_image=2)
    prefill_all(campaign)
    force_arm(campaign, reveal=60, blind=40)
    for person, score in ((alice, 6), (bob, 8.5)):
        for number in range(6):
            annotation = make_content(score - number / 2)
            annotation["judgements"]["overall_gestalt"] |= {"critique": "线条清晰", "pins": [{"x": 0.1, "y": 1 / 3}]}
            assignment = commit_annotation(next_assignment(campaign, person), annotation, by=person)
            if assignment.state == Assignment.State.COMMITTED:
                revise_annotation(assignment, make_content(score), by=person)
    measure_agreement(campaign, by=None, replicates=10)
    return campaign


def test_the_same_record_gives_the_same_bytes_in_another_database(judged_campaign, media, tmp_path):
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    rows = tmp_path / "rows.json"
    call_command("dumpdata", "annotation", "accounts", output=str(rows), verbosity=0)
    assert len(json.loads(rows.read_text(encoding="utf-8"))) > 100
    other = migrate_installation(embedded_installation(tmp_path / "var"))
    other.manage("loaddata", str(rows), "--verbosity", "0")
    shutil.copytree(media, tmp_path / "var" / "media", dirs_exist_ok=True)
    folder = tmp_path / "again"
    folder.mkdir()
    built = other.manage("shell", "--no-imports", "--command", BUILD.format(folder=folder)).stdout.strip()
    own_files, other_files = files_below(Path(release.folder)), files_below(folder)
    assert own_files.keys() == other_files.keys()
    assert [name for name in own_files if own_files[name].read_bytes() != other_files[name].read_bytes()] == []
    assert built == release.manifest_hash
