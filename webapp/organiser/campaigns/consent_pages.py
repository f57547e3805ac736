"""The page of what people consent to before their first image, and of how many agreed to what."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation.actions.campaigns.consent import ask_for_consent, count_consents
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.wording import say

from .consent_forms import ConsentForm


@require_http_methods(["GET", "HEAD", "POST"])
@organisers
def consent(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the text in force and its history; show a new one as annotators will see it, or publish it."""
    campaign = find_campaign(request, slug)
    if request.method != "POST":
        return _show(request, campaign, ConsentForm(initial=_in_force(campaign)))
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _show(request, campaign, form, 422)
    if "preview" in request.POST:
        return _show(request, campaign, form, preview=form.cleaned_data)
    english, chinese, seen_version = (form.cleaned_data[name] for name in ("english", "chinese", "seen"))
    try:
        new_wording = ask_for_consent(campaign, english, chinese=chinese, seen=seen_version, by=request.user)
    except Conflict as error:
        campaign = find_campaign(request, slug)
        # What the other one published is on the page now, so sending the form again is a decision made in its sight.
        form.data = {**form.data.dict(), "seen": campaign.consent_version}  # type: ignore[attr-defined]
        form.add_error(None, say(error))
        return _show(request, campaign, form, 409, clash=campaign.consent_wording())
    except BadInput as error:
        form.add_error(None, say(error))
        return _show(request, campaign, form, 422)
    if new_wording is None:
        messages.info(request, _("Nothing has changed, so nobody is asked again."))
    elif new_wording.english:
        words = _("Version %(number)s is published. Everybody is asked for it before their next image.")
        messages.success(request, words % {"number": new_wording.number})
    else:
        messages.success(request, _("Nobody is asked for consent any more."))
    return redirect("organiser:consent", slug)


def _in_force(campaign: Campaign) -> dict[str, Any]:
    wording = campaign.consent_wording()
    texts = {"english": wording.english, "chinese": wording.chinese} if wording else {}
    return {**texts, "seen": campaign.consent_version}


def _show(
    request: SignedInRequest, campaign: Campaign, form: ConsentForm, status: int = 200, **extra: Any
) -> HttpResponse:
    counts = count_consents(campaign)
    people = campaign.memberships.annotators()
    context = {
        "campaign": campaign,
        "form": form,
        "history": [
            {"wording": wording, "agreed": counts.get(wording.number, 0)}
            for wording in campaign.consent_wordings.select_related("published_by")
        ],
        "people": people.count(),
        "up_to_date": people.filter(consented_version=campaign.consent_version).count(),
        **extra,
    }
    return render(request, "organiser/campaigns/consent.html", context, status=status)
