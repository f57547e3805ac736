"""A release of one campaign, and another of the same images that it may be imported into."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from annotation.models import Campaign, Release
from tests.harness.published import make_annotated, make_judged
from tests.harness.round_trip import make_source, make_target, released


def make_both() -> None:
    make_target(make_source())
    released("source", "1.0.0", Path(settings.MEDIA_ROOT) / "released")


@pytest.fixture
def first(recall, media, tmp_path):
    """The folder of the source's release; the target has not imported it."""
    recall(make_both)
    folder = Path(shutil.move(media / "released" / "source-1.0.0", tmp_path))
    Release.objects.update(folder=folder)
    return folder


@pytest.fixture
def target(first):
    return Campaign.objects.get(slug="target")


@pytest.fixture
def judged_campaign(recall):
    """A campaign of twelve images; alice and bob have judged all, carol none."""
    recall(make_judged)
    return Campaign.objects.get()


def make_open_still() -> None:
    make_judged(annotations_per_image=3)


@pytest.fixture
def open_still(recall):
    """A campaign of twelve images, each wanting a third answer, which carol may give."""
    recall(make_open_still)
    return Campaign.objects.get()


@pytest.fixture
def annotated(recall):
    """A campaign with a single answer."""
    recall(make_annotated)
    return Campaign.objects.get()
