"""The forms of passwords: changed, forgotten, chosen anew."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from django import forms
from django.utils.translation import gettext_lazy as _

GOOD_PASSWORD = _("At least 10 characters, none of the common passwords, nothing like your name or e-mail.")
LABELS = {
    "email": _("E-mail"),
    "oldpassword": _("Password so far"),
    "password": _("Password"),
    "password1": _("New password"),
    "password2": _("New password once more"),
}


class InOurWords(forms.Form):
    """A form of allauth with labels and hints as everywhere here."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.help_text = GOOD_PASSWORD if name == "password1" else ""
            field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(InOurWords, account_forms.ChangePasswordForm):
    """The password so far, and another one, twice."""


class FirstPasswordForm(InOurWords, account_forms.SetPasswordForm):
    """The first password of whoever came in without one, twice."""


class ForgottenPasswordForm(InOurWords, account_forms.ResetPasswordForm):
    """The address that a link is to be sent to."""


class NewPasswordForm(InOurWords, account_forms.ResetPasswordKeyForm):
    """A new password for whoever holds a link, twice."""


class ConfirmForm(InOurWords, account_forms.ReauthenticateForm):
    """The password once more, before something grave."""
