"""The pages of second factors and passkeys."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as passkey_views
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .factor_forms import ActivateAppForm, CodeForm, ConfirmCodeForm, PasskeyForm

# Where somebody was on their way to when they stopped to set up a passkey.
THEN = "after_factor"


class SecondFactorPage(factor_views.AuthenticateView):
    """Ask for the second factor after the password."""

    template_name = "accounts/second_factor.html"
    form_class = CodeForm


class ConfirmByCodePage(factor_views.ReauthenticateView):
    """Ask for a code before something grave."""

    template_name = "accounts/card.html"
    form_class = ConfirmCodeForm
    extra_context = {
        "title": _("Is it you?"),
        "lead": _("What follows changes how you sign in, so a code of your app, or a recovery code, is asked for."),
        "submit": _("Go on"),
    }


class ConfirmByPasskeyPage(passkey_views.ReauthenticateWebAuthnView):
    """Ask for a passkey before something grave."""

    template_name = "accounts/confirm_by_passkey.html"


class ActivateAppPage(totp_views.ActivateTOTPView):
    """Set up an authenticator app."""

    template_name = "accounts/activate_app.html"
    form_class = ActivateAppForm

    def form_valid(self, form: ActivateAppForm) -> HttpResponse:
        """Store it, and say so."""
        messages.success(self.request, gettext("Your authenticator app is set up."))
        return super().form_valid(form)  # type: ignore[no-any-return]


class DeactivateAppPage(totp_views.DeactivateTOTPView):
    """Do without an authenticator app."""

    template_name = "accounts/card.html"
    success_url = reverse_lazy("account")
    extra_context = {
        "title": _("Remove the authenticator app"),
        "lead": _("Its codes are not asked for any more. Without another factor the recovery codes go too."),
        "submit": _("Remove it"),
        "back": reverse_lazy("account"),
    }


class RecoveryCodesPage(recovery_views.ViewRecoveryCodesView):
    """Show recovery codes, once."""

    template_name = "accounts/recovery_codes.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add where to go on."""
        then = self.request.session.pop(THEN, None) or reverse("account")
        return super().get_context_data(then=then, **options)  # type: ignore[no-any-return]


class NewRecoveryCodesPage(recovery_views.GenerateRecoveryCodesView):
    """Make recovery codes anew."""

    template_name = "accounts/card.html"
    extra_context = {
        "title": _("New recovery codes"),
        "lead": _("The codes so far are not good any more. The new ones are shown once."),
        "submit": _("Make new codes"),
        "back": reverse_lazy("account"),
    }


class AddPasskeyPage(passkey_views.AddWebAuthnView):
    """Add a passkey."""

    template_name = "accounts/add_passkey.html"
    form_class = PasskeyForm

    def get_success_url(self) -> str:
        """Return where recovery codes are shown, where they were made, else where one was on the way to."""
        if self.did_generate_recovery_codes:
            return reverse("mfa_view_recovery_codes")
        return str(self.request.session.pop(THEN, None) or reverse("account"))

    def form_valid(self, form: PasskeyForm) -> HttpResponse:
        """Store it, and say so."""
        answer: HttpResponse = super().form_valid(form)
        # Whoever has just made it has shown who they are: the recovery codes that follow ask for nothing more.
        record_authentication(self.request, self.request.user, method="mfa", reauthenticated=True)
        messages.success(self.request, gettext("Your passkey is stored."))
        return answer


class RemovePasskeyPage(passkey_views.RemoveWebAuthnView):
    """Do without a passkey."""

    template_name = "accounts/card.html"
    success_url = reverse_lazy("account")
    extra_context = {
        "title": _("Remove a passkey"),
        "lead": _("It lets nobody in any more. Your device may still list it; remove it there too."),
        "submit": _("Remove it"),
        "back": reverse_lazy("account"),
    }


class PasskeySignInPage(passkey_views.LoginWebAuthnView):
    """Sign in by a passkey alone."""

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Tell the browser what to sign."""
        return JsonResponse(begin_authentication(user=None))
