"""What becomes of the files of a withdrawn image, in a folder and whatever the storage."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.actions.answers.verify_events import verify_events
from annotation.actions.images.remove_files import remove_unfinished
from annotation.actions.releases.withdraw import withdraw_image
from annotation.errors import Conflict
from annotation.models import Campaign, Event, Image, ImageEmbedding, ModelVersion
from tests.harness.factories import give_tiles

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def image(campaign: Campaign) -> Image:
    image = campaign.images.all()[0]
    image.title, image.author = "My neighbour at the window", "A. Neighbour"
    image.save()
    give_tiles(image)
    return image


def files_of(image: Image, media: Path) -> set[str]:
    return {path.relative_to(media).parts[0] for path in media.rglob(f"*{image.sha256}*")}


@pytest.mark.parametrize("reason", ["consent", "licence", "depicted", "content"])
def test_whoever_may_ask_for_it_has_every_byte_erased(image: Image, media: Path, reason: str):
    assert files_of(image, media) >= {"originals", "stripped", "display", "thumbnails", "tiles"}
    version = ModelVersion.objects.create(name="sscd", version="1")
    ImageEmbedding.objects.create(image=image, model_version=version, vector=b"\0" * 4)
    withdraw_image(image, by=None, reason=reason)
    image.refresh_from_db()
    assert files_of(image, media) == set()
    assert (image.files, bytes(image.miniature), image.embeddings.count()) == ("erased", b"", 0)
    assert (image.title, image.author, str(image)) == ("", "", f"{image.sha256[:12]}.png")


def test_by_mistake_the_files_are_sealed_and_can_be_erased_later(campaign: Campaign, image: Image, media: Path):
    original = Path(image.original.path).read_bytes()
    withdraw_image(image, by=None, reason="error")
    image.refresh_from_db()
    assert files_of(image, media) == {"sealed"}
    assert (image.files, Path(image.original.path).read_bytes()) == ("sealed", original)
    with pytest.raises(Conflict, match="withdrawn already"):
        withdraw_image(image, by=None, reason="error")
    withdraw_image(image, by=None, reason="depicted")
    image.refresh_from_db()
    assert (image.files, files_of(image, media)) == ("erased", set())
    verbs = Event.objects.filter(verb__startswith="image.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["image.sealed", "image.erased"]
    assert verify_events(campaign) == []


def test_what_a_storage_refused_is_removed_by_the_next_try(
    image: Image, media: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def refuse(name: str) -> None:
        raise ConnectionError("the bucket is away")

    with monkeypatch.context() as patch:
        patch.setattr(image.original.storage, "delete", refuse)
        withdraw_image(image, by=None, reason="licence")
    assert image.files == "served"
    assert image.is_withdrawn
    assert "could not be removed" in caplog.text
    assert [(one.sha256, one.files) for one in remove_unfinished()] == [(image.sha256, "erased")]
    assert files_of(image, media) == set()
    assert remove_unfinished() == []


def test_other_images_keep_their_files(campaign: Campaign, image: Image, media: Path):
    others = campaign.images.exclude(pk=image.pk)
    withdraw_image(image, by=None, reason="depicted")
    assert all(files_of(other, media) for other in others)
