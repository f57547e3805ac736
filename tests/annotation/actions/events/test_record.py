import pytest

from annotation.actions.events.record import event_content, hash_content, record_event
from annotation.models import Event, EventChain, WrittenOnce

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_events_are_numbered_and_chained(campaign, olga):
    for title in ("one", "two"):
        record_event(campaign, "campaign.renamed", campaign, by=olga, content={"title": title})
    chain = EventChain.objects.get(campaign=campaign)
    events = list(chain.events.all())
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert chain.head == events[-1].hash
    assert chain.length == len(events)


def test_the_hash_of_an_event_covers_its_fields(campaign, olga):
    event = record_event(campaign, "campaign.renamed", campaign, by=olga, content={}, details={"title": "one"})
    row = Event.objects.get(pk=event.pk)
    assert hash_content(event_content(row)) == row.hash
    row.details = {"title": "two"}
    assert hash_content(event_content(row)) != row.hash


def test_events_are_written_once(campaign):
    event = Event.objects.first()
    event.verb = "nothing.happened"
    for attempt in (event.save, event.delete, Event.objects.all().delete, lambda: Event.objects.update(verb="")):
        with pytest.raises(WrittenOnce):
            attempt()


def test_the_digest_does_not_depend_on_the_order_of_keys():
    assert hash_content({"a": 1, "b": "画"}) == hash_content({"b": "画", "a": 1})
