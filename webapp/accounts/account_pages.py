"""The pages of one's own account."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.views import ConfirmEmailView
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.actions.people.export_person import export_person
from webapp.access import SignedInRequest

from .account_forms import EmailForm, NameForm
from .change_account import end_sessions
from .demanded_factor import lacks_demanded_factor
from .mail import sends_mail
from .models import User
from .user_agents import name_of


@require_safe
@login_required
def account(request: SignedInRequest) -> HttpResponse:
    """Show what one's account holds."""
    return show_account(request)


def show_account(request: SignedInRequest, status: int = 200, **forms: Any) -> HttpResponse:
    """Show the account; `forms` are those that were refused, with what was typed."""
    user = request.user
    addresses = EmailAddress.objects.filter(user=user)
    context = {
        "name_form": NameForm(initial={"display_name": user.first_name}),
        "email_form": EmailForm(user),
        "is_proven": addresses.filter(email=user.email, verified=True).exists(),
        "unproven": addresses.filter(verified=False).exclude(email=user.email).first(),
        "sends_mail": sends_mail(),
        "sessions": [(session, name_of(session.user_agent)) for session in sessions_of(user)],
        "lacks_factor": lacks_demanded_factor(request),
        "app": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first(),
        "passkeys": Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk"),
        "this_session": request.session.session_key,
    }
    return render(request, "accounts/account.html", context | forms, status=status)


def sessions_of(user: User) -> list[UserSession]:
    """Return where somebody is signed in, the latest used first."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda session: session.last_seen_at, reverse=True)


@require_POST
@login_required
def change_name(request: SignedInRequest) -> HttpResponse:
    """Change what one is called."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return show_account(request, status=422, name_form=form)
    request.user.first_name, request.user.last_name = form.cleaned_data["display_name"], ""
    request.user.save(update_fields=["first_name", "last_name"])
    messages.success(request, gettext("Your name is stored."))
    return redirect("account")


@require_POST
@login_required
def change_email(request: SignedInRequest) -> HttpResponse:
    """Change where mail reaches one: once the new address is proven, where mail is sent; else at once."""
    # The password is asked for, so that a browser left alone gives nobody the account; nor may it be guessed here.
    if refusal := ratelimit.consume_or_429(request, action="change_password", user=request.user):
        return refusal  # type: ignore[no-any-return]
    form = EmailForm(request.user, request.POST)
    if not form.is_valid():
        return show_account(request, status=422, email_form=form)
    messages.success(request, store_email(request, form.cleaned_data["email"]))
    return redirect("account")


@transaction.atomic
def store_email(request: SignedInRequest, email: str) -> str:
    """Store an address, and return what came of it."""
    user = request.user
    addresses = EmailAddress.objects.filter(user=user)
    if email and sends_mail() and not addresses.filter(email=email, verified=True).exists():
        addresses.filter(verified=False).delete()
        # The one so far stays in force until then.
        EmailAddress.objects.create(user=user, email=email).send_confirmation(request)
        return gettext("A link is on its way to %(email)s. Open it, and the address is yours.") % {"email": email}
    addresses.exclude(email=email, verified=True).delete()
    user.email = email
    user.save(update_fields=["email"])
    if email:
        EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True})
    return gettext("Your e-mail is stored.")


class ConfirmEmailPage(ConfirmEmailView):
    """Ask whoever opened the link in their mail to confirm that the address is theirs."""

    template_name = "accounts/confirm_email.html"

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer, and let no browser tell another site by which address it came."""
        response: HttpResponseBase = super().dispatch(request, *args, **options)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    def get_redirect_url(self) -> str:
        """Return where a proven address leads."""
        return reverse("account")


@require_POST
@login_required
def sign_out_elsewhere(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    number = end_sessions(request.user, by=request.user, but=request.session.session_key)
    words = ngettext("%(n)s other session is ended.", "%(n)s other sessions are ended.", number) % {"n": number}
    messages.success(request, words)
    return redirect("account")


@require_http_methods(["POST"])
@login_required
def export_own(request: SignedInRequest) -> HttpResponse:
    """Send all that is kept of whoever asks, but what would unblind them."""
    person: User = request.user
    response = JsonResponse(export_person(person, by=person), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{person.pseudonym}.json"'
    return response
