"""Images kept in a bucket of a server that speaks S3: imported into it, fetched by workers by signed addresses."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.urls import reverse
from PIL import Image as PILImage

from annotation.actions.images.import_images import import_images
from annotation.actions.jobs.batches import hand_out_batches, requests_for
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import start_run
from annotation.actions.releases.withdraw import withdraw_image
from annotation.models import Campaign, Image, Run
from mlworker.contract import LONGEST_PATIENCE
from mlworker.queue.batches import results_for
from tests.harness.factories import make_campaign, make_rubric
from tests.harness.stub_server import Reply, Request, Stub, run_server
from webapp import settings as ours

pytestmark = pytest.mark.django_db

BUCKET, KEY, SECRET = "images", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def signature_of(request: Request, query: dict[str, str]) -> str:
    """Return the signature that an address must carry (AWS Signature Version 4, query parameters)."""
    parameters = sorted((name, value) for name, value in query.items() if name != "X-Amz-Signature")
    query_string = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in parameters)
    headers = [f"host:{request.headers['Host']}\n", "host", "UNSIGNED-PAYLOAD"]
    canonical_request = ["GET", urlsplit(request.path).path, query_string, *headers]
    date, scope = query["X-Amz-Date"], query["X-Amz-Credential"].partition("/")[2]
    digest = hashlib.sha256("\n".join(canonical_request).encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in (*scope.split("/"), "\n".join(["AWS4-HMAC-SHA256", date, scope, digest])):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


class Bucket:
    """Keep objects as an S3 server does, and refuse whoever has neither key nor signed address."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.by_address: list[dict[str, str]] = []

    def __call__(self, number: int, request: Request) -> Reply:
        query = dict(parse_qsl(urlsplit(request.path).query))
        if "X-Amz-Signature" in query:
            self.by_address.append(query)
            if query["X-Amz-Signature"] != signature_of(request, query):
                return Reply(b"<Error><Code>SignatureDoesNotMatch</Code></Error>", 403)
        elif f"Credential={KEY}/" not in request.headers.get("Authorization", ""):
            return Reply(b"<Error><Code>AccessDenied</Code></Error>", 403)
        name = urlsplit(request.path).path.removeprefix(f"/{BUCKET}/")
        if request.method == "PUT":
            self.objects[name] = bytes(request.body)
            return Reply(headers={"ETag": '"0"'})
        if request.method == "DELETE":
            self.objects.pop(name, None)
            return Reply(status=204)
        if name not in self.objects:
            return Reply(b"<Error><Code>NoSuchKey</Code></Error>", 404)
        return Reply(self.objects[name], headers={"ETag": '"0"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"})


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def server(bucket: Bucket, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """An installation whose settings name a bucket, and workers that may ask its server."""
    with run_server(bucket) as stub:
        for name, value in {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "here"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(ours, "S3_BUCKET", BUCKET)
        monkeypatch.setattr(ours, "S3_ENDPOINT_URL", stub.url)
        settings.STORAGES = settings.STORAGES | {"default": ours.storage_of_images()}
        settings.PREFILL_IMAGES, settings.PREFILL_BATCHES_AHEAD = "storage", 1
        monkeypatch.setenv("MLWORKER_IMAGE_HOSTS", urlsplit(stub.url).netloc)
        yield stub


@pytest.fixture
def imported(server: Stub, tmp_path: Any) -> Campaign:
    """Import three images into the bucket."""
    folder = tmp_path / "new" / next(iter(make_rubric().rubric.subcategories))
    folder.mkdir(parents=True)
    for number in range(3):
        PILImage.effect_noise((120 + number, 90), 40 + 20 * number).save(folder / f"{number}.png")
    campaign = make_campaign("in-a-bucket", images=0)
    assert import_images(campaign, tmp_path / "new", by=None).counts["imported"] == 3
    return campaign


def test_workers_fetch_imported_images_by_signed_addresses_that_end(imported: Campaign, bucket: Bucket):
    assert {name.partition("/")[0] for name in bucket.objects} == {"originals", "stripped", "display", "thumbnails"}
    run = start_run(imported, Run.Kind.PREFILL, "baseline", by=None)
    [batch] = hand_out_batches(run)
    requests = requests_for(batch)
    first, second, _third = imported.images.all()
    del bucket.objects[str(first.stripped.name)]
    bucket.objects[str(second.stripped.name)] += b"changed"

    store_results(batch, results_for(requests))

    assert len(bucket.by_address) == 3
    assert {query["X-Amz-Expires"] for query in bucket.by_address} == {str(900 + LONGEST_PATIENCE)}
    assert run.counts() == {"waiting": 0, "done": 1, "failed": 2, "total": 3}
    gone, changed = (item.error for item in run.items.failed())
    assert "answers 404: it is gone" in gone
    assert "has SHA-256" in changed
    assert SECRET not in str(requests)


def test_an_address_that_was_tampered_with_is_refused(imported: Campaign, bucket: Bucket):
    run = start_run(imported, Run.Kind.PREFILL, "fake", by=None)
    [batch] = hand_out_batches(run)
    first, *_ = requests_for(batch)
    [answer] = results_for([replace(first, image=f"{first.image}0")])
    assert "answers 403: no image there" in answer.error
    assert "Signature" not in answer.error


def test_people_are_sent_images_out_of_the_bucket_by_us(imported: Campaign, bucket: Bucket, olga: Any, client: Any):
    client.force_login(olga)
    image: Image = imported.images.all()[0]
    answer = client.get(reverse("image", args=[image.pk, "display"]))
    assert b"".join(answer.streaming_content) == bucket.objects[str(image.display.name)]


@pytest.mark.parametrize(("reason", "folders"), [("licence", []), ("error", ["sealed", "sealed"])])
def test_of_a_withdrawn_image_no_address_that_was_signed_before_opens_anything(
    imported: Campaign, bucket: Bucket, reason: str, folders: list[str]
):
    run = start_run(imported, Run.Kind.PREFILL, "fake", by=None)
    [batch] = hand_out_batches(run)
    requests = requests_for(batch)
    image: Image = imported.images.all()[0]
    withdraw_image(image, by=None, reason=reason)
    assert [name.partition("/")[0] for name in bucket.objects if image.sha256 in name] == folders
    answers = {result.sha256: result.error for result in results_for(requests)}
    assert "answers 404: it is gone" in answers.pop(image.stripped_sha256)
    assert set(answers.values()) == {""}
