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
class Said:
    """What to answer: `declared` bytes are announced where that differs from what is sent."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    before: float = 0.0
    between: float = 0.0


@dataclass
class Asked:
    """What was asked, and when; a body of JSON as what it says, any other as bytes."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    at: float


class Stub:
    """Answer by a function of the number of the request and the request; keep what was asked."""

    def __init__(self, answer: Callable[[int, Asked], Said]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        self.url = ""

    def take(self, handler: BaseHTTPRequestHandler) -> Said:
        length = int(handler.headers.get("content-length") or 0)
        sent = handler.rfile.read(length) if length else None
        is_json = handler.headers.get("content-type", "").partition(";")[0] in JSON
        body = json.loads(sent) if sent and is_json else sent
        asked = Asked(handler.command, handler.path, dict(handler.headers), body, time.monotonic())
        with self.lock:
            self.asked.append(asked)
            number = len(self.asked)
        return self.answer(number, asked)


@contextmanager
def serving(answer: Callable[[int, Asked], Said]) -> Iterator[Stub]:
    """Run the server while the block runs."""
    stub = Stub(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            said = stub.take(self)
            time.sleep(said.before)
            try:
                self.send_response(said.status)
                self.send_header("Content-Length", str(len(said.body) if said.declared is None else said.declared))
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                body = b"" if self.command == "HEAD" else said.body
                for start in range(0, len(body), 8 if said.between else max(len(body), 1)):
                    time.sleep(said.between)
                    self.wfile.write(body[start : start + (8 if said.between else len(body))])
                    self.wfile.flush()
            except OSError:
                pass  # The other side has hung up, as it should on some of these.
            if said.declared is not None:
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
