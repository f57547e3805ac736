"""An auditor at a browser, a report and a release to look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.dataset.format.manifest import sha256_of
from annotation.models import Campaign, Release, Report
from tests.harness.factories import judge, make_campaign, make_release, somebody
from webapp.accounts.models import User


@pytest.fixture
def auditor(client: Client, arthur: User) -> Client:
    client.force_login(arthur)
    return client


@pytest.fixture
def release(campaign: Campaign, olga: User, tmp_path: Path) -> Release:
    """A release of three files beside a file that is not part of it."""
    folder = tmp_path / "0.1.0"
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text("card")
    (folder / "data" / "train.parquet").write_bytes(b"PAR1" * 100)
    (folder / "MANIFEST.sha256").write_text("hashes")
    manifest_hash = sha256_of(folder / "MANIFEST.sha256")
    (tmp_path / "secret").write_text("a secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    return make_release(
        campaign, "0.1.0", state="done", folder=str(folder), manifest_hash=manifest_hash, requested_by=olga
    )


def make_report() -> None:
    alice, bob, carol = map(somebody, ("alice", "bob", "carol"))
    # Any difference opens a case, whoever was handed which image first.
    panel = make_campaign("panel", people=(alice, bob, carol), images=4, annotations_per_image=3, case_spread=1)
    for number, person in enumerate((alice, bob, carol)):
        for image in range(4):
            judge(panel, person, 2 + image + number / 2)
    measure_agreement(panel, by=None, replicates=20)


@pytest.fixture
def report(recall: Callable[[Callable[[], object]], None]) -> Report:
    """A report on four images that three people judged differently, twice in one part of the scale."""
    recall(make_report)
    return Report.objects.get()
