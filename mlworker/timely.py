"""Connections whose whole answer has to be there by a time, headers too.

A limit on each read, which is all that the HTTP library has, begins anew with every byte: a server that sends one now
and then would hold a request for ever.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

END: ContextVar[float] = ContextVar("END", default=float("inf"))


@contextmanager
def answers_until(end: float) -> Iterator[None]:
    """Let answers that begin in the block take until `end`, a time of `time.monotonic`."""
    token = END.set(end)
    try:
        yield
    finally:
        END.reset(token)


class TimelyBytes(io.RawIOBase):
    """What a socket receives until a time."""

    def __init__(self, connection: Any, received: Any, end: float) -> None:
        self.connection, self.received, self.end = connection, received, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Receive some bytes. Raise TimeoutError when the time is over."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is over")
        if left < float("inf"):
            self.connection.settimeout(left)
        return cast(int | None, self.received.readinto(buffer))

    def close(self) -> None:
        """Let go of the socket."""
        self.received.close()
        super().close()


class TimelyResponse(http.client.HTTPResponse):
    """An answer that is read through a limit of time."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(TimelyBytes(sock, self.fp.detach(), END.get()))


class TimelyConnection(HTTPConnection):
    """A plain connection with such answers."""

    response_class = TimelyResponse


class TimelySecureConnection(HTTPSConnection):
    """An encrypted connection with such answers."""

    response_class = TimelyResponse


class TimelyPool(urllib3.HTTPConnectionPool):
    """Plain connections to one host."""

    ConnectionCls = TimelyConnection


class TimelySecurePool(urllib3.HTTPSConnectionPool):
    """Encrypted connections to one host."""

    ConnectionCls = TimelySecureConnection
