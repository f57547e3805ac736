"""HTTP with servers that may be slow, busy, gone or lying about length: every exchange ends in time.

A failure that may pass is a TemporaryFailure that names the host, never the address: an address may hold a signature.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any
from urllib.parse import urlsplit

import urllib3

from .contract import PredictorError, TemporaryFailure
from .timely import TimelyPool, TimelySecurePool, answers_until

CHUNK = 64 * 1024
LONGEST_CONNECT = 10  # Seconds; a host that is away is found out long before a slow answer is given up.
LONGEST_WAIT = 86_400  # Seconds; what asks us to wait for more is asked again after a day.
MAY_PASS = (408, 409, 425, 429, 500, 502, 503, 504, 529)
# No retries and no redirects of its own: who calls decides.
POOL = urllib3.PoolManager(maxsize=16, retries=False)
POOL.pool_classes_by_scheme = {"http": TimelyPool, "https": TimelySecurePool}


class TooLarge(PredictorError):
    """A reply that is longer than was agreed."""


@dataclass(frozen=True)
class Reply:
    """The status and headers of a reply; its body went where it was to go."""

    status: int
    headers: Mapping[str, str]

    @property
    def may_pass(self) -> bool:
        """Tell whether the same request may succeed later."""
        return self.status in MAY_PASS

    @property
    def retry_after(self) -> float:
        """Return how many seconds the server asks us to wait, 0 where it says nothing that can be read (RFC 9110)."""
        text = self.headers.get("retry-after", "").strip()
        try:
            seconds = (
                float(text) if text.isdecimal() else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
            )
        except (ValueError, TypeError, OverflowError):
            return 0.0
        return min(max(0.0, seconds), LONGEST_WAIT)


def exchange(
    method: str, url: str, into: IO[bytes], *, limit: int, seconds: float, headers: Mapping[str, str], body: bytes = b""
) -> Reply:
    """Send a request, write the body of the answer to `into`, and return the rest.

    Raises TemporaryFailure when the server cannot be reached, takes longer than `seconds` for its answer, headers and
    body together, or breaks off, and TooLarge for a body of more than `limit` bytes.
    """
    host = urlsplit(url).hostname
    timeout = urllib3.Timeout(connect=min(seconds, LONGEST_CONNECT), read=seconds)
    with report_network_errors(f"{host} within {seconds:g} s"), answers_until(time.monotonic() + seconds):
        options: dict[str, Any] = {"timeout": timeout, "redirect": False, "preload_content": False}
        request_headers = dict(headers) | {"Accept-Encoding": "identity"}  # So that the limit counts what is written.
        response = POOL.request(method, url, body=body or None, headers=request_headers, **options)
        try:
            size = 0
            while chunk := response.read1(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise TooLarge(f"{host} sends more than {limit} bytes")
                into.write(chunk)
        except urllib3.exceptions.TimeoutError as error:
            response.close()
            raise TemporaryFailure(f"no whole answer from {host} within {seconds:g} s") from error
        except (PredictorError, urllib3.exceptions.HTTPError):
            response.close()  # What is left on this connection belongs to nobody.
            raise
        response.release_conn()
        return Reply(response.status, {name.lower(): value for name, value in response.headers.items()})


@contextmanager
def report_network_errors(server: str) -> Iterator[None]:
    """Say in our own words what goes wrong on the way; raises TemporaryFailure."""
    try:
        yield
    except urllib3.exceptions.TimeoutError as error:
        raise TemporaryFailure(f"no answer from {server}") from error
    except (urllib3.exceptions.ProtocolError, urllib3.exceptions.IncompleteRead) as error:
        raise TemporaryFailure(f"no whole answer from {server}: the connection broke off") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise TemporaryFailure(f"no answer from {server}: {type(error).__name__}") from error
