"""The web server's worker: a thread is given to a request only when all of it has arrived.

gunicorn's own gives a connection a thread with the first byte, so that a few clients who send half a request stop the
site. Here one loop collects what arrives, of a thousand connections at once, and ends those that take too long.
"""

from __future__ import annotations

import gc
import socket
import struct
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from .arrival import bytes_expected, refusal, waits_for_word

SECONDS_TO_TAKE = 30  # What a client may let a thread wait while it takes nothing of what it asked for.
MOST_HELD = 256 * 1024 * 1024
MOST_WAITING = 800  # Below gunicorn's limit of connections, so that there is always room for who comes next.
PIECE = 64 * 1024
COLLECT_AFTER = (20_000, 20, 20)


class BufferingWorker(ThreadWorker):  # type: ignore[misc]
    """Threads that answer whole requests, and one loop that waits for them."""

    seconds_to_arrive = 20.0

    def load_wsgi(self) -> None:
        """Load the application, and let the collector of cycles leave it alone and come less often than by default."""
        super().load_wsgi()
        # What is loaded stays; a task makes thousands of objects, of which hardly any are cycles: a seventh of its CPU.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)

    def enqueue_req(self, conn: TConn) -> None:
        """Take a new connection, or one that goes on: first its request has to arrive."""
        conn.arrived = bytearray(conn.parser.unreader.take_buffered() if conn.parser else b"")
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.seconds_to_arrive
        while len(self.pending_conns) >= MOST_WAITING:
            self.drop(self.pending_conns[0])
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.collect, conn))
        self.look_at(conn)

    def collect(self, conn: TConn, _socket: Any) -> None:
        """Add what has arrived of a request."""
        try:
            piece = conn.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        conn.arrived += piece
        if not piece or sum(len(other.arrived) for other in self.pending_conns) > MOST_HELD:
            self.drop(conn)
            return
        self.look_at(conn)

    def look_at(self, conn: TConn) -> None:
        """Refuse a request that cannot be waited for, and hand on one that is whole."""
        status, length = refusal(conn.arrived), bytes_expected(conn.arrived)
        if status:
            self.say(conn, f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            self.drop(conn)
        elif length is not None and len(conn.arrived) >= length:
            self.hand_on(conn)
        elif waits_for_word(conn.arrived):
            self.say(conn, "HTTP/1.1 100 Continue\r\n\r\n")

    def hand_on(self, conn: TConn) -> None:
        """Give a whole request to a thread, which reads it from memory and never waits for the client to send."""
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)
        conn.parser = get_parser(self.cfg, iter(()), conn.client)
        conn.parser.unreader.unread(bytes(conn.arrived))
        conn.arrived = bytearray()
        conn.data_ready = True
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SECONDS_TO_TAKE, 0))
        super().enqueue_req(conn)

    def say(self, conn: TConn, words: str) -> None:
        """Send a line without waiting."""
        with suppress(OSError):  # Whoever does not listen is dropped in time.
            conn.sock.send(words.encode())

    def drop(self, conn: TConn) -> None:
        """End a connection whose request does not arrive."""
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
