"""A model worker without a shared folder fetches images by signed addresses that soon end."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.core.files.storage import FileSystemStorage
from django.test import Client

from annotation.actions.jobs import references
from annotation.actions.jobs.batches import hand_out_batches, requests_for
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import start_run
from annotation.models import Campaign, Image, Run
from mlworker.contract import LONGEST_PATIENCE
from mlworker.queue.batches import results_for
from tests.harness.stub_server import Reply, Request, run_server

pytestmark = pytest.mark.django_db


class SigningStorage(FileSystemStorage):
    """Hand out addresses as a bucket does."""

    def url(self, name: str | None) -> str:
        return f"{super().url(name)}?signature=1"


@pytest.fixture(autouse=True)
def one_batch(settings: Any) -> None:
    """Hand all images out together."""
    settings.PREFILL_BATCHES_AHEAD = 1


@pytest.fixture
def image(campaign: Campaign) -> Image:
    return campaign.images.all()[0]


def test_a_token_opens_the_copy_without_metadata_and_is_not_kept_by_caches(client: Client, image: Image):
    answer: Any = client.get(f"/images/{references.sign_image(image)}/")
    assert b"".join(answer.streaming_content) == Path(image.stripped.path).read_bytes()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("token", ["x", "{pk}", "{foreign}", "{cut}", "{other}"])
def test_anything_but_a_token_of_ours_is_not_found(client: Client, image: Image, token: str):
    tokens = {
        "pk": image.pk,
        "foreign": signing.dumps(image.pk, salt="another purpose"),
        "cut": references.sign_image(image)[:-1],
        "other": signing.dumps(image.pk + 1000, salt=references.SALT),
    }
    assert client.get(f"/images/{token.format(**tokens)}/").status_code == 404


def test_a_token_ends(client: Client, image: Image, settings: Any, monkeypatch: pytest.MonkeyPatch):
    token = references.sign_image(image)
    settings.PREFILL_LONGEST_BATCH = -LONGEST_PATIENCE - 1
    assert client.get(f"/images/{token}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "head"])
def test_a_token_is_for_reading_only(client: Client, image: Image, method: str):
    assert getattr(client, method)(f"/images/{references.sign_image(image)}/").status_code == 405


def test_an_image_that_was_deleted_meanwhile_is_not_found(client: Client, image: Image):
    token = references.sign_image(image)
    image.stripped.delete(save=False)
    assert client.get(f"/images/{token}/").status_code == 404


def test_a_worker_fetches_the_images_from_the_web(
    live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, campaign: Campaign, media: Any, tmp_path: Any
):
    settings.PREFILL_IMAGES, settings.PUBLIC_URL = "web", live_server.url
    monkeypatch.setenv("MLWORKER_IMAGE_HOSTS", urlsplit(live_server.url).netloc)
    monkeypatch.setenv("MLWORKER_MEDIA_ROOT", str(tmp_path / "nothing here"))
    run = start_run(campaign, Run.Kind.PREFILL, "baseline", by=None)
    [batch] = hand_out_batches(run)
    requests = requests_for(batch)
    campaign.images.all()[2].stripped.delete(save=False)
    store_results(batch, results_for(requests))
    assert run.counts() == {"waiting": 0, "done": 2, "failed": 1, "total": 3}
    error = run.items.failed().get().error
    assert "answers 404: it is gone" in error
    assert "/images/" not in error


def test_a_worker_fetches_the_images_from_a_storage_that_gives_addresses(
    settings: Any, monkeypatch: pytest.MonkeyPatch, campaign: Campaign, media: Path
):
    def answer(number: int, request: Request) -> Reply:
        return Reply((media / request.path.removeprefix("/bucket/").partition("?")[0]).read_bytes())

    with run_server(answer) as bucket:
        default = {
            "BACKEND": "tests.webapp.api.v1.test_signed_images.SigningStorage",
            "OPTIONS": {"base_url": f"{bucket.url}/bucket/", "location": str(media)},
        }
        settings.STORAGES = settings.STORAGES | {"default": default}
        settings.PREFILL_IMAGES = "storage"
        monkeypatch.setenv("MLWORKER_IMAGE_HOSTS", urlsplit(bucket.url).netloc)
        run = start_run(campaign, Run.Kind.PREFILL, "fake", by=None)
        [batch] = hand_out_batches(run)
        store_results(batch, results_for(requests_for(batch)))
    assert run.counts()["done"] == 3
    assert all("?signature=" in request.path for request in bucket.requests)
