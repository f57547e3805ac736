"""Where whoever finds a hole in this installation is asked to report it (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

GOOD_FOR = timedelta(days=180)  # RFC 9116 asks for less than a year.


@require_safe
def security_contact(request: HttpRequest) -> HttpResponse:
    """Tell the contact; where none was set there is nothing to tell."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    # By the day, so that it reads the same all day long.
    expires = (timezone.now() + GOOD_FOR).date()
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires}T00:00:00Z",
        "Preferred-Languages: en, zh",
        f"Canonical: {request.build_absolute_uri()}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
