"""Whoever finds a hole in an installation is told where to report it."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.mark.parametrize("contact", ["mailto:security@example.org", "https://example.org/security"])
def test_the_contact_is_told_with_its_end(client, settings, contact):
    settings.SECURITY_CONTACT = contact
    fields = dict(line.split(": ", 1) for line in client.get("/.well-known/security.txt").content.decode().splitlines())
    assert fields["Contact"] == contact
    expires = datetime.fromisoformat(fields["Expires"])
    assert datetime.now(UTC) + timedelta(days=30) < expires < datetime.now(UTC) + timedelta(days=365)


def test_without_a_contact_there_is_nothing(client):
    assert client.get("/.well-known/security.txt").status_code == 404
