"""Images fetched by address: whatever the server does, there is an answer in time, and it holds no secret."""

import hashlib
import io
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from mlworker.contract import PrefillRequest
from mlworker.queue.batches import results_for
from tests.harness.stub_server import Reply, run_server
from tests.mlworker.conftest import scene


@pytest.fixture
def image():
    buffer = io.BytesIO()
    scene().save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def fetch_image(monkeypatch, image):
    """Ask a server for the image, and return the answer and the seconds it took."""

    def fetch(reply, **change):
        with run_server(lambda number, _request: reply) as server:
            monkeypatch.setenv("MLWORKER_IMAGE_HOSTS", urlsplit(server.url).netloc)
            sha256 = hashlib.sha256(image).hexdigest()
            request = PrefillRequest(f"{server.url}/images/SECRET-TOKEN/", sha256, "baseline", ())
            start = time.monotonic()
            [answer] = results_for([replace(request, **change)])
            return answer, time.monotonic() - start

    monkeypatch.setenv("MLWORKER_IMAGE_SECONDS", "1")
    return fetch


def test_an_image_is_fetched_by_its_address(fetch_image, image):
    answer, _ = fetch_image(Reply(image))
    assert (answer.error, answer.score is not None) == ("", True)


@pytest.mark.parametrize(
    ("reply", "words", "temporary"),
    [
        (Reply(b"no such thing", status=404), "it is gone", False),
        (Reply(b"", status=302, headers={"Location": "http://127.0.0.1:1/"}), "no image there", False),
        (Reply(b"busy", status=503, headers={"Retry-After": "7"}), "answers 503", True),
        (Reply(b"another image"), "was asked for", False),
        (Reply(b"half", announced_length=4000), "broke off", True),
        (Reply(b"late", delay=3), "no answer from 127.0.0.1 within 1 s", True),
        (Reply(b"drop by drop" * 20, pause=0.3), "no whole answer from 127.0.0.1 within 1 s", True),
    ],
)
def test_a_server_that_misbehaves_is_named_in_time_and_without_the_token(fetch_image, reply, words, temporary):
    answer, seconds = fetch_image(reply)
    assert words in answer.error
    assert "SECRET" not in answer.error
    assert (answer.temporary, answer.retry_after) == (temporary, 7.0 if reply.status == 503 else 0.0)
    assert seconds < 2.5


def test_a_server_that_is_not_there_may_come_back(monkeypatch):
    monkeypatch.setenv("MLWORKER_IMAGE_HOSTS", "127.0.0.1:1")
    [answer] = results_for([PrefillRequest("http://127.0.0.1:1/x/", "0" * 64, "baseline", ())])
    assert answer.temporary
    assert "no answer from 127.0.0.1" in answer.error


def test_an_image_that_is_too_large_is_refused(fetch_image, image, monkeypatch):
    monkeypatch.setenv("MLWORKER_MAX_IMAGE_BYTES", "1000")
    assert "more than 1000 bytes" in fetch_image(Reply(image))[0].error


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest/", "https://127.0.0.1.example.org/x", "http:///x"])
def test_only_hosts_that_the_worker_names_are_asked(fetch_image, image, address):
    assert "name it in MLWORKER_IMAGE_HOSTS" in fetch_image(Reply(image), image=address)[0].error


def test_while_one_batch_is_looked_at_the_images_of_the_next_are_fetched_and_it_waits_its_turn(monkeypatch, image):
    monkeypatch.setenv("MLWORKER_FAKE_SECONDS", "2")
    sha256 = hashlib.sha256(image).hexdigest()
    with run_server(lambda number, _request: Reply(image)) as server, ThreadPoolExecutor(2) as threads:
        monkeypatch.setenv("MLWORKER_IMAGE_HOSTS", urlsplit(server.url).netloc)
        request = PrefillRequest(f"{server.url}/images/1/", sha256, "fake", ())
        start = time.monotonic()
        answers = list(threads.map(results_for, [[request], [request]]))
        seconds = time.monotonic() - start
    assert [answer.error for [answer] in answers] == ["", ""]
    assert seconds >= 4
    assert server.requests[1].time - server.requests[0].time < 2
