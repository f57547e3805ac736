"""Be a server that misbehaves on purpose: busy, slow, silent, breaking off, answering nonsense."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JSON = ("application/json", "application/vnd.git-lfs+json")


@dataclass
class Reply:
    """What to answer: `announced_length` bytes are announced where that differs from what is sent.

    Headers that drip never end: one byte each so many seconds.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    announced_length: int | None = None
    delay: float = 0.0
    pause: float = 0.0
    dripping_headers: float = 0.0


@dataclass
class Request:
    """What was asked, and when; a body of JSON as what it says, any other as bytes."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    time: float


class Stub:
    """Answer by a function of the number of the request and the request; keep what was asked."""

    def __init__(self, answer: Callable[[int, Request], Reply]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        self.url = ""

    def take(self, handler: BaseHTTPRequestHandler) -> Reply:
        length = int(handler.headers.get("content-length") or 0)
        data = handler.rfile.read(length) if length else None
        is_json = handler.headers.get("content-type", "").partition(";")[0] in JSON
        body = json.loads(data) if data and is_json else data
        request = Request(handler.command, handler.path, dict(handler.headers), body, time.monotonic())
        with self.lock:
            self.requests.append(request)
            number = len(self.requests)
        return self.answer(number, request)


@contextmanager
def run_server(answer: Callable[[int, Request], Reply]) -> Iterator[Stub]:
    """Run the server while the block runs."""
    stub = Stub(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            reply = stub.take(self)
            time.sleep(reply.delay)
            try:
                length = len(reply.body) if reply.announced_length is None else reply.announced_length
                self.send_response(reply.status)
                self.send_header("Content-Length", str(length))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                while reply.dripping_headers:
                    self.wfile.write(b"X")
                    time.sleep(reply.dripping_headers)
                self.end_headers()
                body = b"" if self.command == "HEAD" else reply.body
                for start in range(0, len(body), 8 if reply.pause else max(len(body), 1)):
                    time.sleep(reply.pause)
                    self.wfile.write(body[start : start + (8 if reply.pause else len(body))])
                    self.wfile.flush()
            except OSError:
                pass  # The other side has hung up, as it should on some of these.
            if reply.announced_length is not None:
                self.close_connection = True

        do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  the names are the base class's

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
