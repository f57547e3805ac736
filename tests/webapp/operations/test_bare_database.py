"""An installation that was not migrated says so, and the first page of a new one says what to do."""

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection
from django.test import RequestFactory

from tests.harness.factories import make_user
from webapp.management.commands.serve import Command
from webapp.operations.health import server_error

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE annotation_campaign RENAME TO elsewhere")


@pytest.mark.usefixtures("bare")
def test_health_and_pages_say_that_tables_are_missing(client):
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "the database has no tables yet: run manage.py migrate"},
    )
    try:
        raise OperationalError("no such table: accounts_user")
    except OperationalError:
        page = server_error(RequestFactory().get("/sign-in/"))
    assert page.status_code == 503
    assert "has to run manage.py migrate first" in page.content.decode()


@pytest.mark.usefixtures("bare")
def test_serve_is_refused_with_what_to_run():
    with pytest.raises(CommandError, match=r"run `manage\.py migrate` first"):
        Command().refuse_unprepared()


def test_the_empty_first_page_leads_a_new_administrator_to_a_campaign(client):
    client.force_login(make_user("ada", is_superuser=True))
    assert client.get("/").headers["Location"] == "/organiser/"
    assert 'href="/organiser/new/"' in client.get("/organiser/").content.decode()
    [(rubric, _name)] = client.get("/organiser/new/").context["form"].fields["rubric"].choices
    form = {"title": "Spring", "slug": "spring", "rubric": rubric, "preset": "blind-panel", "annotations_per_image": 3}
    assert client.post("/organiser/new/", form).headers["Location"] == "/organiser/spring/"
    assert "Spring" in client.get("/organiser/").content.decode()
