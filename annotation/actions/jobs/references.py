"""Say how a model worker gets at an image: a path in a shared folder, or an address that is signed and soon ends."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from annotation.models import Image
from mlworker.contract import LONGEST_PATIENCE

# A token signed for anything else, such as a session, opens no image.
SALT = "annotation.actions.jobs.references"


def image_reference(image: Image) -> str:
    """Return where the worker finds the copy without metadata (`PREFILL_IMAGES`).

    `folder`: its name below the media root. `web`: an address of our own web application, signed by us. `storage`: the
    address the storage gives, which signs it if it is set up to do so.
    """
    if settings.PREFILL_IMAGES == "web":
        return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('signed-image', args=[sign_image(image)])}"
    if settings.PREFILL_IMAGES == "storage":
        return str(image.stripped.url)
    # Not an absolute path: on the worker's machine the folder is mounted elsewhere (`MLWORKER_MEDIA_ROOT`).
    return str(image.stripped.name)


def sign_image(image: Image) -> str:
    """Return a token that opens this image's copy for a while."""
    return signing.dumps(image.pk, salt=SALT)


def signed_image(token: str) -> Image | None:
    """Return the image a token opens; None when it is not ours, has ended, or the image is gone or withdrawn."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=token_lifetime())
    except signing.BadSignature:
        return None
    return Image.objects.not_withdrawn().filter(pk=pk).first()


def token_lifetime() -> int:
    """Return for how many seconds a token is good: as long as a batch may wait for a worker and be worked on."""
    return int(settings.PREFILL_LONGEST_BATCH + LONGEST_PATIENCE)
