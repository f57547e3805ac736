from threading import Thread

import pytest
from django.db import connection, transaction

from annotation.actions.campaigns.change_campaign import change_annotations_per_image
from annotation.actions.releases.withdraw import withdraw_image, withdraw_person
from annotation.models import ImageTally, PersonTally
from annotation.models.tally_triggers import FOLD_AFTER, TRIGGERS, drop_triggers, install_triggers, recount
from tests.harness.factories import judge, make_campaign
from tests.harness.tallies import check_counts, kept_counts

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def judged(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=3, annotations_per_image=2)
    for person in (alice, alice, bob, carol):
        judge(campaign, person)
    return campaign


CHANGES = {
    "answers become repeats": lambda campaign: campaign.assignments.update(repeat=True),
    "answers are superseded": lambda campaign: campaign.assignments.update(superseded=True),
    "answers become surplus": lambda campaign: campaign.assignments.update(surplus=True),
    "work is given back": lambda campaign: campaign.assignments.update(state="returned", committed_at=None),
    "images are excluded": lambda campaign: campaign.entries.update(excluded=True, held=True),
    "images are held": lambda campaign: campaign.entries.update(held=True),
    "images move": lambda campaign: campaign.entries.filter(number=0).update(subcategory="portrait", excluded=True),
    "images go": lambda campaign: campaign.entries.filter(number=0).delete(),
    "more is wanted": lambda campaign: change_annotations_per_image(campaign, 3, by=None),
    "an image is withdrawn": lambda campaign: withdraw_image(campaign.images.first(), by=None, reason="licence"),
    "a person withdraws": lambda campaign: withdraw_person(campaign, campaign.memberships.first().user, by=None),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_the_counts_equal_a_recount(judged, change):
    before = kept_counts()
    change(judged)
    assert kept_counts() != before
    check_counts()


def test_what_is_changed_and_changed_back_counts_as_before(judged):
    before = kept_counts()
    for superseded in (True, False):
        judged.assignments.update(superseded=superseded)
    for excluded in (True, False):
        judged.entries.update(excluded=excluded)
    assert kept_counts() == before


def test_what_is_undone_is_not_counted(judged):
    before = kept_counts()
    with transaction.atomic():
        judged.entries.update(excluded=True)
        transaction.set_rollback(True)
    assert kept_counts() == before


def test_rows_of_tallies_are_added_up_and_stay_few(judged):
    before = kept_counts()
    for held in (True, False) * (FOLD_AFTER // 3):
        judged.entries.update(held=held)
    assert kept_counts() == before
    assert ImageTally.objects.count() < 2 * FOLD_AFTER
    for superseded in (True, False) * (FOLD_AFTER // 4):
        judged.assignments.update(superseded=superseded)
    assert kept_counts() == before
    assert PersonTally.objects.count() < 2 * FOLD_AFTER


def test_a_recount_mends_what_was_counted_wrongly(judged):
    before = kept_counts()
    ImageTally.objects.all().delete()
    PersonTally.objects.update(done=7)
    recount(connection)
    assert kept_counts() == before


def test_what_changed_without_triggers_is_counted_as_they_are_put_up(judged):
    drop_triggers(connection)
    judged.assignments.update(repeat=True)
    before = kept_counts()
    install_triggers(connection)
    assert kept_counts() != before
    check_counts()


def test_each_trigger_is_there_once(db):
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'tally%'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'tally%'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert sorted(name for (name,) in cursor.fetchall()) == sorted(trigger.name for trigger in TRIGGERS)


@pytest.mark.postgresql
@pytest.mark.usefixtures("transactional_db")
def test_nobody_waits_for_a_count_and_none_is_lost_while_others_add_up(judged):
    entries = list(judged.entries.order_by("pk"))
    errors = []

    def change_one(entry):
        try:
            for held in (True, False) * (FOLD_AFTER // 3):
                judged.entries.filter(pk=entry.pk).update(held=held)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connection.close()

    before = kept_counts()
    with transaction.atomic():
        # This one is not over while the others add up.
        judged.entries.filter(pk=entries[0].pk).update(excluded=True)
        threads = [Thread(target=change_one, args=[entry]) for entry in entries[1:]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not errors
    assert kept_counts() != before
    check_counts()
