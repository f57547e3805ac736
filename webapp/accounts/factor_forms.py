"""The forms of second factors and passkeys."""

from __future__ import annotations

from allauth.mfa.base import forms as factor_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django.utils.translation import gettext_lazy as _

from .password_forms import LABELS, InOurWords

LABELS["code"] = _("Code")
LABELS["name"] = _("What you call it")


class CodeForm(InOurWords, factor_forms.AuthenticateForm):
    """A code of the authenticator app, or a recovery code."""


class ConfirmCodeForm(InOurWords, factor_forms.ReauthenticateForm):
    """The same, before something grave."""


class ActivateAppForm(InOurWords, totp_forms.ActivateTOTPForm):
    """The first code of an authenticator app."""


class PasskeyForm(InOurWords, passkey_forms.AddWebAuthnForm):
    """A new passkey."""
