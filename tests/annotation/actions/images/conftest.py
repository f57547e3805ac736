"""A draft campaign to import into, and a folder of images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from annotation.models import Campaign
from tests.harness.factories import make_campaign
from tests.harness.sources import draw, put


def make_draft() -> None:
    make_campaign(images=0, opened=False)


@pytest.fixture
def draft(recall: Callable[[Callable[[], object]], None]) -> Campaign:
    """A draft campaign without images."""
    recall(make_draft)
    return Campaign.objects.get(slug="portraits")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three good images, one of each format."""
    root = tmp_path / "images"
    put(root, "portrait/a.jpg", draw(1, "JPEG"))
    put(root, "portrait/b.png", draw(2, "PNG"))
    put(root, "daily_photo/c.webp", draw(3, "WEBP"))
    return root
