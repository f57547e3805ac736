"""Wording the consent: versions, languages, preview, who agreed to what."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.actions.campaigns import change_campaign
from annotation.actions.campaigns.consent import ask_for_consent, count_consents, give_consent
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign, ConsentWording, Event, WrittenOnce
from tests.harness.factories import make_user
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGE = "/organiser/portraits/consent/"


def send(client: Client, status: int = 200, **fields: Any) -> str:
    answer = client.post(PAGE, {"english": "", "chinese": "", "seen": 0} | fields, follow=True)
    assert answer.status_code == status
    return " ".join(unescape(answer.content.decode()).split())


def test_a_text_is_published_in_both_languages_and_read_in_ones_own(organiser: Client, campaign: Campaign, alice: User):
    page = send(organiser, english="Be kind.\r\n\r\nTwice.", chinese="请友善。")
    assert "Version 1 is published." in page
    reader = Client()
    reader.force_login(alice)
    assert "<p>Be kind.</p>" in reader.get("/workspace/portraits/consent/").content.decode()
    reader.cookies["django_language"] = "zh-hans"
    assert "请友善。" in reader.get("/workspace/portraits/consent/").content.decode()


def test_without_a_chinese_text_chinese_readers_see_the_english(organiser: Client, campaign: Campaign, alice: User):
    send(organiser, english="Be kind.")
    reader = Client()
    reader.force_login(alice)
    reader.cookies["django_language"] = "zh-hans"
    assert "Be kind." in reader.get("/workspace/portraits/consent/").content.decode()


def test_another_text_in_either_language_asks_again_and_the_same_does_not(campaign: Campaign, olga: User, alice: User):
    ask_for_consent(campaign, "Be kind.", by=olga)
    give_consent(campaign, by=alice, version=1)
    assert ask_for_consent(campaign, " Be kind.\r\n", by=olga) is None
    assert ask_for_consent(campaign, "Be kind.", chinese="请友善。", by=olga)
    give_consent(campaign, by=alice, version=2)
    assert count_consents(campaign) == {1: 1, 2: 1}
    assert ask_for_consent(campaign, "", by=olga)
    campaign.refresh_from_db()
    assert (campaign.consent_text, campaign.consent_version, campaign.consent_wording()) == ("", 3, None)
    assert ask_for_consent(campaign, "", by=olga) is None
    assert [event.details for event in Event.objects.filter(verb="consent.worded")] == [
        {"consent_version": number} for number in (1, 2, 3)
    ]


def test_a_version_is_never_rewritten(campaign: Campaign, olga: User):
    wording = ask_for_consent(campaign, "Be kind.", by=olga)
    assert wording
    wording.english = "Be quick."
    with pytest.raises(WrittenOnce):
        wording.save()


def test_a_chinese_text_alone_is_refused_and_stays(organiser: Client, campaign: Campaign, olga: User):
    page = send(organiser, 422, chinese="请友善。")
    assert "An English wording is needed" in page
    assert "请友善。</textarea>" in page
    with pytest.raises(BadInput, match="English text is needed"):
        ask_for_consent(campaign, "", chinese="请友善。", by=olga)


def test_a_preview_publishes_nothing(organiser: Client, campaign: Campaign):
    page = send(organiser, english="Be kind.", preview="yes")
    assert "As annotators see it" in page
    assert page.count("<p>Be kind.</p>") == 2
    assert not ConsentWording.objects.exists()


def test_whoever_publishes_on_top_of_another_version_sees_both_texts(organiser: Client, campaign: Campaign, olga: User):
    ask_for_consent(campaign, "Theirs.", by=make_user("oscar", is_superuser=True))
    page = send(organiser, 409, english="Mine.", seen=0)
    assert "version 1 was published meanwhile" in page
    assert "oscar published version 1" in page
    assert "<p>Theirs.</p>" in page
    assert "Mine.</textarea>" in page
    assert 'name="seen" value="1"' in page
    assert "Version 2 is published." in send(organiser, english="Mine.", seen=1)
    with pytest.raises(Conflict, match="version 2 was published meanwhile"):
        ask_for_consent(campaign, "Late.", seen=1, by=olga)


def test_the_history_says_how_many_agreed(organiser: Client, campaign: Campaign, olga: User, alice: User, bob: User):
    ask_for_consent(campaign, "First text.", by=olga)
    give_consent(campaign, by=alice, version=1)
    give_consent(campaign, by=bob, version=1)
    ask_for_consent(campaign, "Second text.", by=olga)
    give_consent(campaign, by=bob, version=2)
    page = " ".join(organiser.get(PAGE).content.decode().split())
    assert "1 of 3 people agreed to it" in page
    first, second = page.index("First text.</summary>"), page.index("Second text.</summary>")
    assert second < first
    assert '<td class="number">2</td>' in page[second:first]


def test_the_page_takes_as_many_queries_for_many_versions(organiser: Client, campaign: Campaign, olga: User):
    organiser.get(PAGE)  # The first request of a while notes that somebody is here.
    counts = []
    for words in ("One", "Two", "Three"):
        ask_for_consent(campaign, words, by=olga)
        with CaptureQueriesContext(connection) as queries:
            organiser.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2] <= 12


def test_a_copy_asks_for_the_same_as_its_own_first_version(campaign: Campaign, olga: User):
    ask_for_consent(campaign, "One.", by=olga)
    ask_for_consent(campaign, "Two.", chinese="二。", by=olga)
    copy = change_campaign.clone_campaign(campaign, "second", title="Second", by=olga)
    wording = Campaign.objects.get(pk=copy.pk).consent_wording()
    assert wording
    assert (wording.number, wording.english, wording.chinese) == (1, "Two.", "二。")
