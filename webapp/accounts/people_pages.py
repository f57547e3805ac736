"""The administrators' pages of people: all accounts, and one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.actions.people.erase_person import erase_person
from annotation.errors import BadInput, Conflict
from annotation.models import Erasure, Membership
from webapp.access import SignedInRequest, administrators
from webapp.wording import say

from . import change_account
from .erase_pages import EraseForm
from .models import User

PAGE = 50

# Each change by the word in its address, and what is said when it was made.
CHANGES: dict[str, tuple[Callable[..., Any], Any]] = {
    "end": (change_account.end_account, _("The account is closed, and signed out everywhere.")),
    "reopen": (change_account.reopen_account, _("The account is open again.")),
    "make-administrator": (change_account.make_administrator, _("Is an administrator now.")),
    "unmake-administrator": (change_account.unmake_administrator, _("Is no administrator any more.")),
    "remove-factors": (
        change_account.remove_factors,
        _("Signs in without a second factor now."),
    ),
    "sign-out": (change_account.end_sessions, _("Signed out everywhere.")),
}


def with_last_seen(people: QuerySet[User]) -> QuerySet[User]:
    """Add to each when they were last here (`last_seen`), null for who never was."""
    rows = UserSession.objects.filter(user=OuterRef("pk")).order_by().values("user")
    seen = Subquery(rows.annotate(latest=Max("last_seen_at")).values("latest"))
    # Of what is null on one side, some databases would make nothing.
    return people.annotate(last_seen=Greatest(Coalesce(seen, "last_login"), Coalesce("last_login", seen)))


def with_memberships(people: QuerySet[User]) -> QuerySet[User]:
    """Fetch the campaigns in which each has a role along with them (`in_campaigns`)."""
    rows = Membership.objects.having_roles().select_related("campaign").order_by("campaign__slug")
    return people.prefetch_related(Prefetch("memberships", queryset=rows, to_attr="in_campaigns"))


@require_safe
@administrators
def people(request: SignedInRequest) -> HttpResponse:
    """List all accounts, or those whose name or e-mail holds what is looked for."""
    words = request.GET.get("q", "").strip()[:150]
    rows = User.objects.order_by("username")
    if words:
        fields = ("username", "first_name", "last_name", "email", "pseudonym")
        rows = rows.filter(Q(*((f"{field}__icontains", words) for field in fields), _connector=Q.OR))
    page = Paginator(with_memberships(with_last_seen(rows)), PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"page": page, "words": words, "n": page.paginator.count})


@require_safe
@administrators
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one account, and what can be done with it."""
    rows = with_memberships(with_last_seen(User.objects.filter(pk=pk)))
    account = get_object_or_404(rows)
    is_erased = Erasure.objects.filter(person=account).exists()
    factors = [factor.get_type_display() for factor in Authenticator.objects.filter(user=account).order_by("pk")]
    context = {"person": account, "is_erased": is_erased, "factors": factors}
    return render(request, "accounts/person.html", context)


@require_POST
@administrators
def change_person(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Do with an account what the address says."""
    account = get_object_or_404(User, pk=pk)
    act, words = CHANGES[verb]
    try:
        act(account, by=request.user)
    except Conflict as error:
        messages.error(request, say(error))
    else:
        messages.success(request, f"{account}: {words}")
    return redirect("person", pk=pk)


@require_http_methods(["GET", "POST"])
@administrators
def erase(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask once more, and erase a person."""
    account = get_object_or_404(User, pk=pk)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            report = erase_person(account, by=request.user, **form.cleaned_data)
        except (BadInput, Conflict) as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, gettext("Erased; the account is %(name)s now.") % {"name": report.name})
            return redirect("people")
    return render(request, "accounts/erase.html", {"person": account, "form": form}, status=422 if form.errors else 200)
