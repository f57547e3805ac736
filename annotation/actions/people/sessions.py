"""Where people are signed in."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.models import Session


def sessions_of(person: AbstractBaseUser) -> list[Session]:
    """Return the sessions in which a person is signed in."""
    # Whose a session is stands inside it, where no query looks.
    rows = Session.objects.iterator(chunk_size=500)
    return [session for session in rows if session.get_decoded().get(SESSION_KEY) == str(person.pk)]
