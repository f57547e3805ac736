"""The pages on which passwords are changed, and chosen anew by a link."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from annotation import policy
from webapp.access import SignedInRequest, administrators
from webapp.access import person as signed_in
from webapp.accounts.models import User
from webapp.operations.access_log import record_access

from .mail import sends_mail
from .password_forms import ChangePasswordForm, ConfirmForm, FirstPasswordForm, ForgottenPasswordForm, NewPasswordForm

CARD = "accounts/card.html"


class ChangePasswordPage(views.PasswordChangeView):
    """Change one's own password; other browsers are signed out by it."""

    template_name = CARD
    form_class = ChangePasswordForm
    extra_context = {
        "title": _("Change your password"),
        "lead": _("Your other browsers are signed out by this."),
        "submit": _("Change it"),
        "back": reverse_lazy("account"),
    }

    def form_valid(self, form: ChangePasswordForm) -> HttpResponse:
        """Change it, and say so."""
        messages.success(self.request, gettext("Your password is changed."))
        return super().form_valid(form)  # type: ignore[no-any-return]


class FirstPasswordPage(views.PasswordSetView):
    """Choose a password after coming in without one."""

    template_name = CARD
    form_class = FirstPasswordForm
    extra_context = {
        "title": _("Choose a password"),
        "lead": _("You signed in without one so far."),
        "submit": _("Store it"),
        "back": reverse_lazy("account"),
    }

    def form_valid(self, form: FirstPasswordForm) -> HttpResponse:
        """Store it, and say so."""
        messages.success(self.request, gettext("Your password is stored."))
        return super().form_valid(form)  # type: ignore[no-any-return]


class ConfirmPage(views.ReauthenticateView):
    """Ask for the password again before something grave."""

    template_name = CARD
    form_class = ConfirmForm
    extra_context = {
        "title": _("Is it you?"),
        "lead": _("What follows changes how you sign in, so your password is asked for once more."),
        "submit": _("Go on"),
    }


class ForgottenPasswordPage(views.PasswordResetView):
    """Ask for a link by mail; the same is said whether an account has the address or not."""

    template_name = "accounts/forgotten_password.html"
    form_class = ForgottenPasswordForm

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Send the link, where mail is sent at all."""
        return super().post(request, *args, **options) if sends_mail() else self.get(request)  # type: ignore[no-any-return]

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Tell whether mail is sent."""
        return super().get_context_data(sends_mail=sends_mail(), **options)  # type: ignore[no-any-return]


class NewPasswordPage(views.PasswordResetFromKeyView):
    """Choose a new password by a link, which is good once and for a day."""

    template_name = "accounts/new_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("sign-in")

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer, and let no browser tell another site by which address it came."""
        response: HttpResponseBase = super().dispatch(request, *args, **options)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        """Store it, and let the person sign in."""
        messages.success(self.request, gettext("Your password is changed. Sign in with it."))
        return super().form_valid(form)  # type: ignore[no-any-return]


def reset_link(person: User, *, by: User, request: HttpRequest) -> str:
    """Return the address at which a person chooses a new password, once, for an administrator to hand on."""
    policy.require(policy.may_administer, by)
    # Worked out from the password as it is, so that nothing is stored, and no link is good once that changed.
    key = default_token_generator.make_token(person)
    record_access("password link made", request=request, account=person.get_username())
    arguments = {"uidb36": user_pk_to_url_str(person), "key": key}
    return request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=arguments))


@require_http_methods(["GET", "POST"])
@administrators
def make_reset_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask once, and show a link by which a person chooses a new password."""
    # Nobody is to sign in as one that a program answers for.
    person = get_object_or_404(User, pk=pk, is_active=True, simulated=False)
    context: dict[str, Any] = {"person": person}
    if request.method == "POST":
        context["link"] = reset_link(person, by=signed_in(request), request=request)
    return render(request, "accounts/reset_link.html", context)
