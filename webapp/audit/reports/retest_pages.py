"""The page of how well people repeat themselves: pseudonyms only, and never for whoever annotates."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotation.actions.agreement.measure_retest import HOLISTIC, PersonsRetest
from annotation.agreement.raters.retest import METHOD
from annotation.models import Campaign
from annotation.rubric.schema import localise
from webapp.access import SignedInRequest
from webapp.audit.access import auditors, find_campaign
from webapp.figures import kept_figures

# The reason annotation/agreement/raters/retest.py gives, marked here to be translated.
NOTES = (gettext_noop("fewer than five repeats; five are needed"),)


@require_safe
@auditors
def retest(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the test-retest figures of each annotator, attribute by attribute."""
    campaign = find_campaign(request, slug)
    figures = kept_figures(campaign, "retest")
    people = [_person(campaign, person, get_language() or "en") for person in figures.content or []]
    context = {"campaign": campaign, "figures": figures, "people": people, "method": METHOD, "here": "retest"}
    return render(request, "audit/reports/retest.html", context)


def _person(campaign: Campaign, person: PersonsRetest, language: str) -> dict[str, Any]:
    """Return what the page shows about a person; `rows` is empty where nothing could be computed."""
    names = {key: localise(attribute.name, language) for key, attribute in campaign.rubric.by_key.items()}
    names[HOLISTIC] = _("Holistic score (weighted sum)")
    computed = any(not figures.note for figures in person.by_field.values())
    return {
        "pseudonym": person.pseudonym,
        "simulated": person.simulated,
        "pairs": person.pairs,
        "rows": [(names[field], figures) for field, figures in person.by_field.items()] if computed else [],
        "note": next((figures.note for figures in person.by_field.values() if figures.note), ""),
    }
