"""The first start: a link that makes the first administrator of an installation."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from .invite import Invitee, invite
from .models import Invitation, User

GOOD_FOR = timedelta(days=1)


@transaction.atomic
def make_set_up_link(base: str) -> str:
    """Return a link below an address such as "http://127.0.0.1:8000"; "" where there is an administrator.

    A link that was made before is good no more.
    """
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        return ""
    Invitation.objects.waiting().filter(administrator=True, invited_by=None).update(withdrawn_at=timezone.now())
    [link] = invite([Invitee()], by=None, administrator=True)
    link.invitation.expires_at = timezone.now() + GOOD_FOR
    link.invitation.save(update_fields=["expires_at"])
    return base.rstrip("/") + reverse("invitation-link", args=[link.token])


def usual_base() -> str:
    """Return the address at which this site is reached, as far as the settings tell."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    host = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "127.0.0.1")
    # Behind a proxy its port is the usual one; else it is that of `serve` and of the compose file.
    return f"https://{host}" if settings.HTTPS else f"http://{host}:8000"
