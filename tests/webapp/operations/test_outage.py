import json

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from webapp.operations.health import server_error


def answered(path, error):
    try:
        raise error
    except type(error):
        return server_error(RequestFactory().get(path))


def test_while_the_database_is_away_a_program_is_told_to_try_again():
    response = answered("/api/v1/campaigns/demo/next/", OperationalError("could not connect to host db.internal"))
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert json.loads(response.content)["error"].startswith("The database cannot be used")
    assert b"db.internal" not in response.content


@pytest.mark.django_db
def test_while_the_database_is_away_a_person_is_told_that_nothing_is_lost():
    response = answered("/workspace/", OperationalError("gone"))
    assert response.status_code == 503
    assert "What you had saved is safe" in response.content.decode()


def test_an_error_of_ours_says_nothing_secret():
    response = answered("/api/v1/campaigns/demo/next/", ValueError("the secret is 42"))
    assert response.status_code == 500
    assert b"42" not in response.content


def test_health_is_told_by_address_and_without_tls_whatever_names_are_accepted(client, settings, db):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["judge.example.org"], True
    assert client.get("/health/", headers={"host": "127.0.0.1:8000"}).json() == {"status": "ok"}
    assert client.get("/sign-in/", headers={"host": "127.0.0.1:8000"}).status_code == 400
