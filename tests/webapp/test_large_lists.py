"""Pages of long lists: as many statements for many rows as for few, and nothing read that grows with the campaign."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.actions.assignments import assign
from annotation.actions.reviews.send_back import send_back
from annotation.models import Event, EventChain, NearDuplicatePair, Release
from tests.harness.factories import judge, make_campaign, make_image, make_user, somebody, tie
from webapp.organiser.campaigns.stuck import unjudgeable
from webapp.workspace.review import pages as review_pages

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGES = {
    "/organiser/portraits/near-duplicates/": "olga",
    "/organiser/portraits/skips/": "olga",
    "/organiser/portraits/sent-back/": "olga",
    "/audit/portraits/events/": "arthur",
    "/audit/portraits/releases/": "arthur",
}


def statements(client, page):
    with CaptureQueriesContext(connection) as context:
        answer = client.get(page)
    assert answer.status_code == 200
    return [query["sql"] for query in context.captured_queries]


def lengthen(campaign, olga, alice, version):
    """Add a row to each list."""
    entries = campaign.entries.select_related("image").order_by("pk")
    pair = tie(make_image(), entries.first().image, NearDuplicatePair.State.UNDECIDED)
    campaign.entries.create(
        image=pair.one if pair.other == entries.first().image else pair.other,
        subcategory="daily_photo",
        wanted=1,
        places=1,
        number=campaign.entries.count() + 100,
    )
    pair.verdicts.create(campaign=campaign, same=True, by=olga)
    NearDuplicatePair.objects.filter(pk=pair.pk).update(state=NearDuplicatePair.State.SAME)
    send_back(judge(campaign, alice), "Look again.", by=olga)
    assign.skip_assignment(assign.next_assignment(campaign, alice), "cannot_judge", by=alice)
    Release.objects.create(campaign=campaign, version=version, record={}, state="done")


@pytest.mark.parametrize(("page", "name"), PAGES.items())
def test_a_list_asks_no_more_often_for_more_rows(client, olga, alice, page, name):
    campaign = make_campaign(people=(alice,), images=8, annotations_per_image=1)
    somebody("arthur")
    lengthen(campaign, olga, alice, "1.0.0")
    client.force_login(somebody(name))
    statements(client, page)  # What is read once a process is read now.
    few = statements(client, page)
    for version in ("1.1.0", "1.2.0"):
        lengthen(campaign, olga, alice, version)
    assert len(statements(client, page)) == len(few) < 14


def test_events_are_found_by_their_numbers(client, campaign, arthur, monkeypatch):
    monkeypatch.setattr("webapp.audit.events.pages.EVENTS_A_PAGE", 2)
    client.force_login(arthur)
    numbers = list(Event.objects.filter(chain__campaign=campaign).values_list("number", flat=True))
    assert len(numbers) == 6
    for page, shown in ((1, [6, 5]), (2, [4, 3]), (3, [2, 1])):
        with CaptureQueriesContext(connection) as context:
            answer = client.get(f"/audit/portraits/events/?page={page}")
        assert [event.number for event in answer.context["page"]] == shown
        assert not [sql for query in context for sql in [query["sql"]] if "OFFSET" in sql or "COUNT(" in sql]


def test_the_page_of_a_chain_whose_tail_was_cut_off_is_still_there(client, campaign, arthur):
    EventChain.objects.update(length=1000)
    client.force_login(arthur)
    assert "1000" in client.get("/audit/portraits/events/").content.decode()


@pytest.mark.parametrize(
    ("page", "column"),
    [
        ("/organiser/portraits/", '"annotation_release"."record"'),
        ("/audit/portraits/releases/", '"annotation_release"."record"'),
        ("/audit/portraits/releases/", '"annotation_report"."figures"'),
    ],
)
def test_a_list_reads_nothing_that_is_as_large_as_the_campaign(client, campaign, olga, page, column):
    Release.objects.create(campaign=campaign, version="1.0.0", record={}, state="done")
    client.force_login(olga)
    sql = statements(client, page)
    assert [statement for statement in sql if '"annotation_release"' in statement]
    assert not [statement for statement in sql if column in statement]


def test_open_cases_come_page_by_page_the_oldest_first(client, rita, alice, bob, monkeypatch):
    monkeypatch.setattr(review_pages, "CASES_A_PAGE", 2)
    campaign = make_campaign(people=(alice, bob), images=3, annotations_per_image=2)
    for person, score in ((alice, 1), (bob, 9)):
        for _ in range(3):
            judge(campaign, person, score)
    first, second, third = campaign.cases.order_by("pk")
    client.force_login(rita)
    page = client.get("/workspace/cases/")
    assert list(page.context["page"]) == [first, second]
    assert 'rel="next" href="?page=2">Newer' in page.content.decode()
    page = client.get("/workspace/cases/?page=2")
    assert list(page.context["page"]) == [third]
    assert 'rel="prev" href="?page=1">Older' in page.content.decode()


def test_images_that_nobody_may_judge_are_looked_for_where_enough_people_had_them(campaign, alice, bob, carol):
    campaign = make_campaign("two", people=(alice, bob), images=4, annotations_per_image=3)
    judge(campaign, alice)
    judge(campaign, bob)
    assert unjudgeable([campaign]).count() == campaign.entries.filter(had=2).count()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = unjudgeable([campaign]).explain()
    # SQLite takes another index that begins with the campaign.
    assert "images_by_who_had_them" in plan or connection.vendor == "sqlite"
    assert "SCAN annotation_campaignimage" not in plan


def test_nobody_may_judge_what_all_who_are_there_have_had(alice, bob, carol):
    campaign = make_campaign("three", people=(alice, bob, carol), images=1, annotations_per_image=4)
    for person in (alice, bob):
        judge(campaign, person)
    assert not unjudgeable([campaign]).exists()
    # Somebody else who has not had it is there still; then nobody is.
    campaign.memberships.filter(user=carol).update(annotator=False)
    assert unjudgeable([campaign]).count() == 1
    campaign.memberships.create(user=make_user("dora"), annotator=True)
    assert not unjudgeable([campaign]).exists()
