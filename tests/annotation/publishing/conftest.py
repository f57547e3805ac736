"""Have a published release, and a Hub that takes it."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from huggingface_hub import constants

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.releases.publish_release import publish_release
from annotation.models import Campaign, Release
from tests.harness.factories import judge, make_campaign, make_user
from tests.harness.hub_server import Hub
from tests.harness.stub_server import run_server


@pytest.fixture(autouse=True)
def allowed_out(monkeypatch):
    """Let the client ask, also where the environment keeps everybody from the real Hub."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def hub_server(monkeypatch):
    """A Hub that takes files the plain way."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    hub = Hub()
    with run_server(hub) as stub:
        hub.url = stub.url
        yield hub


def make_released():
    alice = make_user("alice")
    campaign = make_campaign("portraits", people=(alice,), images=1, annotations_per_image=1)
    judge(campaign, alice)
    measure_agreement(campaign, by=None, replicates=10)
    publish_release(campaign, "1.0.0", out=Path(settings.MEDIA_ROOT) / "released", by=None)


@pytest.fixture
def released(recall, media, tmp_path):
    """A campaign of one image with release 1.0.0."""
    recall(make_released)
    Release.objects.update(folder=shutil.move(media / "released" / "portraits-1.0.0", tmp_path))
    return Campaign.objects.get()
