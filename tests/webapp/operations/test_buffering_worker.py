"""Clients who send half a request, or never take an answer, keep nobody else waiting."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.harness.installation import ROOT, free_port, running_process, wait_until
from webapp.operations.arrival import (
    HEAD_TOO_LARGE,
    MOST_BODY,
    MOST_HEAD,
    NO_LENGTH,
    TOO_LARGE,
    bytes_expected,
    refusal,
)

WORKER = "webapp.operations.buffering_worker.BufferingWorker"
# The plainest application: it answers with the length of the body it was sent.
ECHO = """
from webapp.operations.buffering_worker import BufferingWorker
class Hasty(BufferingWorker):
    seconds_to_arrive = 0.2
def application(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(str(len(body)))))])
    return [str(len(body)).encode()]
"""


@contextmanager
def served(folder: Path, worker: str) -> Iterator[int]:
    """Serve by one process with two threads, and give its port."""
    number = free_port()
    (folder / "echo.py").write_text(ECHO)
    command = [sys.executable, "-m", "gunicorn", "echo:application", "--bind", f"127.0.0.1:{number}"]
    environment = os.environ | {"PYTHONPATH": f"{folder}:{ROOT}"}
    options = ("--threads", "2", "--worker-class", worker, "--log-level", "error")
    with running_process([*command, *options], env=environment):
        wait_until(lambda: answered(number) == 200, "the server to answer")
        yield number


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with served(tmp_path_factory.mktemp("echo"), WORKER) as number:
        yield number


def answered(port: int, body: bytes | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST" if body else "GET", "/", body)
        reply = connection.getresponse()
        assert reply.read().decode() == str(len(body or b""))
        return reply.status
    except OSError:
        return 0
    finally:
        connection.close()


def said(port: int, *pieces: bytes) -> bytes:
    """Return what the server says to these bytes, sent one after the other."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.01)
        return client.recv(4096)


HALF_REQUESTS = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: a.example\r\n",
    "half a body": b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\nhalf",
    "half a second request": b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\nGET / HTTP/1.1\r\n",
}


@pytest.mark.parametrize("half", HALF_REQUESTS.values(), ids=HALF_REQUESTS)
def test_forty_clients_who_send_half_a_request_keep_nobody_waiting(port: int, half: bytes):
    with ExitStack() as opened:
        for _number in range(40):
            client = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(half)
        start = time.monotonic()
        assert answered(port) == 200
        assert answered(port, b"x" * 3_000_000) == 200
        assert time.monotonic() - start < 4


def test_who_takes_too_long_is_sent_away(tmp_path: Path):
    with served(tmp_path, "echo.Hasty") as port:
        assert said(port, b"GET / HTTP/1.1\r\n") == b""


def test_a_request_in_pieces_is_answered_when_it_is_whole(port: int):
    head = b"POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\ncontent-length:5\r\n"
    assert said(port, head, b"\r\n", b"ab", b"cde").endswith(b"\r\n\r\n5")


def test_a_connection_is_used_for_several_requests(port: int):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for body in (b"a", b"bc", b"def"):
        connection.request("POST", "/", body)
        assert connection.getresponse().read() == str(len(body)).encode()
    connection.close()


def test_two_requests_sent_at_once_get_two_answers(port: int):
    one = b"GET / HTTP/1.1\r\nHost: a.example\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(one + b"\r\n" + one + b"Connection: close\r\n\r\n")
        said_twice = b"".join(iter(lambda: client.recv(4096), b""))
    assert said_twice.count(b"HTTP/1.1 200") == 2


def test_a_client_that_asks_first_is_told_to_go_on(port: int):
    head = b"POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert said(port, head).startswith(b"HTTP/1.1 100 Continue")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9000000\r\n\r\n", TOO_LARGE),
        (b"POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n", NO_LENGTH),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * MOST_HEAD, HEAD_TOO_LARGE),
    ],
    ids=["too large", "of no length", "an endless head"],
)
def test_what_cannot_be_waited_for_is_refused_at_once(port: int, sent: bytes, status: str):
    assert said(port, sent).startswith(f"HTTP/1.1 {status}".encode())


@pytest.mark.parametrize("lengths", [b"5\r\nContent-Length: 6", b"-1", b"+5", b"five", b"5, 5"], ids=str)
def test_a_length_that_is_none_waits_for_nothing_and_is_refused(port: int, lengths: bytes):
    head = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + lengths + b"\r\n\r\n"
    assert bytes_expected(head) == len(head)
    assert said(port, head).startswith(b"HTTP/1.1 400")


def test_the_largest_body_is_accepted_and_one_more_byte_is_not():
    head = "POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n"
    assert refusal(head.format(MOST_BODY).encode()) == ""
    assert refusal(head.format(MOST_BODY + 1).encode()) == TOO_LARGE
