"""Times are shown in the zone of whoever reads them, and the zone is named; what is counted by the day is not moved."""

import re
from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from annotation.models import Assignment, Event
from tests.harness.factories import judge
from tests.harness.installation import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def moment(campaign, alice):
    """When alice gave an annotation that she may still correct: so late in UTC that it is tomorrow in Shanghai."""
    judged = judge(campaign, alice)
    finished = timezone.now().astimezone(UTC).replace(second=0, microsecond=0)
    Assignment.objects.filter(pk=judged.pk).update(finished_at=finished)
    return finished


def recent(client, zone):
    if zone is not None:
        client.cookies["timezone"] = zone
    return client.get("/workspace/portraits/recent/").content.decode()


@pytest.mark.parametrize(("zone", "name", "hours"), [("Asia/Shanghai", "CST", 8), ("Asia/Tokyo", "JST", 9)])
def test_a_time_is_shown_in_the_persons_zone_which_is_named(client, alice, moment, zone, name, hours):
    client.force_login(alice)
    page = recent(client, zone)
    local = moment.replace(hour=(moment.hour + hours) % 24)
    assert f"{local:%H:%M} {name}" in page
    assert f"Times are in {zone}." in page


def test_the_log_is_in_utc_as_it_says_whatever_zone_is_the_readers(client, campaign, olga):
    client.force_login(olga)
    client.cookies["timezone"] = "Asia/Shanghai"
    page = client.get("/audit/portraits/events/").content.decode()
    assert "times in UTC" in page
    newest = Event.objects.filter(chain__campaign=campaign).order_by("number").last()
    assert f">{newest.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}</time>" in page


def test_no_page_shows_a_time_without_its_zone():
    times = re.compile(r"\w+(?:\|utc)?\|date:\"[^\"]*H:i[^\"]*\"")
    pages = (ROOT / "webapp").rglob("*.html")
    shown = [time for page in pages for time in times.findall(page.read_text(encoding="utf-8"))]
    assert len(shown) > 10
    assert [time for time in shown if not time.endswith(' e"') and "|utc|" not in time] == []


@pytest.mark.parametrize("zone", [None, "", "nonsense", "../../etc/passwd", "Asia", "x" * 4000])
def test_without_a_zone_of_the_persons_it_is_the_installations(client, alice, moment, zone):
    client.force_login(alice)
    page = recent(client, zone)
    assert f"{moment:%H:%M} UTC" in page
    assert "Times are in UTC." in page


def test_the_zone_of_a_reader_changes_nothing_that_is_counted(client, alice, campaign, moment):
    client.force_login(alice)
    client.cookies["timezone"] = "Pacific/Kiritimati"
    client.get("/workspace/")
    assert timezone.get_current_timezone_name() == "UTC"
    assert datetime.now(UTC).date() == timezone.localdate()


@pytest.mark.parametrize("name", ["404.html", "500.html", "403_csrf.html"])
def test_a_page_that_is_made_without_a_reader_is_made_all_the_same(name):
    assert "<html" in render_to_string(name)
