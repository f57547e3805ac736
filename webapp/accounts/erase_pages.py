"""The administration's pages on which a person's data are exported, and a person is erased."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from annotation.actions.people.erase_person import erase_person
from annotation.actions.people.export_person import export_person
from annotation.errors import BadInput, Conflict
from annotation.models import Erasure
from webapp.access import person as signed_in
from webapp.accounts.models import User
from webapp.wording import say


class EraseForm(forms.Form):
    """Why somebody is erased, and whether what they answered goes too."""

    reason = forms.ChoiceField(label=_("Reason"), choices=Erasure.Reason.choices)
    with_annotations = forms.BooleanField(
        label=_("Withdraw all they answered, too"),
        help_text=_("It leaves every figure, export and later release; others are asked instead."),
        required=False,
    )


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send all that is kept of a person."""
    person = get_object_or_404(User, pk=pk)
    exported = export_person(person, by=signed_in(request))
    response = JsonResponse(exported, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{person.pseudonym}.json"'
    response["Cache-Control"] = "private, no-store"
    return response


def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, and erase."""
    person = get_object_or_404(User, pk=pk)
    form = EraseForm(request.POST or None)
    context: dict[str, Any] = admin.site.each_context(request) | {
        "person": person,
        "form": form,
        "title": gettext("Erase a person"),
    }
    if request.method == "POST" and form.is_valid():
        try:
            report = erase_person(person, by=signed_in(request), **form.cleaned_data)
        except (BadInput, Conflict) as error:
            context["failure"] = say(error)
        else:
            messages.success(request, gettext("Erased; the account is %(name)s now.") % {"name": report.name})
            return redirect("admin:accounts_user_changelist")
    return render(request, "admin/accounts/user/erase.html", context)
