"""What a page showed goes with each of its forms, signed; whoever sends one from a page that is behind is told.

`{% shown "state" %}` in a form puts the facts of that name (`facts`) into a hidden field, as they stand; another word
behind it says of which thing, such as the number of a run. `refuse_stale` compares them when the form comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotation.models import Campaign
from annotation.roles import ORGANISE
from webapp.access import SignedInRequest

from .facts import FACTS, Fact, plain
from .sent import read_sent

FIELD = "shown"
SALT = "webapp.organiser.shown"
NOT_SENT = (FIELD, "csrfmiddlewaretoken")

register = template.Library()


@dataclass(frozen=True)
class Difference:
    """One thing that changed: what the page showed, and what holds now, in words."""

    label: str
    then: str
    now: str


@register.simple_tag(takes_context=True)
def shown(context: Any, name: str, key: Any = "", **values: Any) -> SafeString:
    """Return the hidden field that says what the page shows of the campaign in its context.

    A list whose rows say already what they show gives the `values`, so that it does not ask for each row.
    """
    return field_of(context["campaign"], name, str(key), values)


def field_of(campaign: Campaign, name: str, key: str, values: Mapping[str, Any] | None = None) -> SafeString:
    """Return the hidden field that holds the facts of a name as they stand, or the values that the page gives."""
    known = values or {one: fact.value for one, fact in FACTS[name](campaign, key).items()}
    values = {one: plain(value) for one, value in known.items()}
    content = {"campaign": campaign.pk, "name": name, "key": key, "values": values}
    return format_html(
        '<input type="hidden" name="{}" value="{}">', FIELD, signing.dumps(content, salt=SALT, compress=True)
    )


def refuse_stale(request: SignedInRequest) -> HttpResponse | None:
    """Return the page that shows both where what a form's page showed has changed since, else None.

    The campaign is locked for as long as the form is seen to, so that of two organisers the later is told. Whoever may
    not organise it is left to the view, which finds nothing for them.
    """
    try:
        content = signing.loads(request.POST[FIELD], salt=SALT)
    except signing.BadSignature:
        return render(request, "organiser/stale.html", status=409)
    campaigns = Campaign.objects.in_which(request.user, ORGANISE).select_related("rubric_version")
    campaign = campaigns.select_for_update(of=("self",), no_key=True).filter(pk=content["campaign"]).first()
    differences = differences_since(campaign, content) if campaign else []
    if campaign is None or not differences:
        return None
    sent = [(name, value) for name, values in request.POST.lists() for value in values if name not in NOT_SENT]
    context = {
        "campaign": campaign,
        "differences": differences,
        "sent": sent,
        "sent_in_words": read_sent(campaign, request.user, sent),
        "shown_now": field_of(campaign, content["name"], content["key"]),
    }
    return render(request, "organiser/stale.html", context, status=409)


def differences_since(campaign: Campaign, content: dict[str, Any]) -> list[Difference]:
    """Return what differs by now from what a page showed."""
    now, then = FACTS[content["name"]](campaign, content["key"]), content["values"]
    # Who is gone is read as those who are there.
    nothing = Fact("", None, next((fact.words for fact in now.values()), str))
    differences = []
    for name in {**then, **now}:
        fact = now.get(name, nothing)
        value = plain(fact.value)
        if (name in then, then.get(name)) != (name in now, value):
            words = [
                fact.words(one) if there else "–"
                for one, there in ((then.get(name), name in then), (value, name in now))
            ]
            differences.append(Difference(fact.label or name, *words))
    return differences
