"""Whoever annotates agrees to the terms first."""

import pytest

from annotation.actions.campaigns import consent

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_consent_is_asked_for_before_the_first_image(client, campaign, alice, olga):
    consent.ask_for_consent(campaign, "Your answers are published under a pseudonym.", by=olga)
    client.force_login(alice)
    assert client.get(f"/workspace/{campaign.slug}/")["Location"] == f"/workspace/{campaign.slug}/consent/"
    assert "under a pseudonym" in client.get(f"/workspace/{campaign.slug}/consent/").content.decode()
    agreed = client.post(f"/workspace/{campaign.slug}/consent/", {"version": "1"})
    assert agreed["Location"] == f"/workspace/{campaign.slug}/"
    assert client.get(f"/workspace/{campaign.slug}/").status_code == 200
