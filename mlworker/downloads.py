"""Images fetched by a signed address, for workers that share no folder with the application.

Only hosts that the worker's own settings name are asked, no redirect is followed, and the bytes count only with the
SHA-256 that was asked for.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from . import environment
from .contract import ImageUnavailable, Request, TemporaryFailure
from .http import TooLarge, exchange


def is_address(reference: str) -> bool:
    """Tell whether a reference is an address rather than a path."""
    return reference.startswith(("https://", "http://"))


def fetch(request: Request, folder: Path) -> Path:
    """Return the path, below `folder`, of the image fetched; its hash is still to be checked.

    Raises ImageUnavailable for a host that is not named, an image that is not there or too large, and
    TemporaryFailure for what may pass.
    """
    parts = urlsplit(request.image)
    # Lest whoever can write to the queue make a worker ask servers behind its firewall.
    if parts.netloc not in environment.image_hosts():
        raise ImageUnavailable(f"images from {parts.netloc!r} are refused; name it in MLWORKER_IMAGE_HOSTS")
    # Named by the hash asked for, not by the address: that may hold slashes, dots and a signature.
    path = folder / request.sha256[:64]
    limit, seconds = environment.most_image_bytes(), environment.image_seconds()
    with path.open("wb") as file:
        try:
            reply = exchange("GET", request.image, file, limit=limit, seconds=seconds, headers={})
        except TooLarge as error:
            raise ImageUnavailable(f"the image is too large: {error}; see MLWORKER_MAX_IMAGE_BYTES") from error
    if reply.may_pass:
        raise TemporaryFailure(f"{parts.hostname} answers {reply.status} instead of an image", reply.retry_after)
    if reply.status != 200:
        reason = "it is gone, or the signature of its address has ended" if reply.status == 404 else "no image there"
        raise ImageUnavailable(f"{parts.hostname} answers {reply.status}: {reason}")
    return path
