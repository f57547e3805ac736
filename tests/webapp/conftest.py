"""Introduce the organiser at a browser, and let queued work be done at once."""

from __future__ import annotations

import pytest
from django.test import Client

from webapp.accounts.models import User
from webapp.celery import app as celery_app


@pytest.fixture
def organiser(client: Client, olga: User) -> Client:
    """Olga, signed in."""
    client.force_login(olga)
    return client


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run queued work in this process."""
    monkeypatch.setitem(celery_app.conf, "task_always_eager", True)
    monkeypatch.setitem(celery_app.conf, "task_eager_propagates", True)
