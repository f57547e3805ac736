"""The forms of one's own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import User


class NameForm(forms.Form):
    """What one is called."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        required=False,
        help_text=_("As organisers see it; others see a pseudonym."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class EmailForm(forms.Form):
    """Where mail reaches one; asked with the password, as whoever reads that mail can choose a new one."""

    email = forms.EmailField(
        label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, person: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person
        self.fields["email"].initial = person.email
        if not person.has_usable_password():
            del self.fields["password"]

    def clean_email(self) -> str:
        """Keep it in small letters, as it is compared."""
        return str(self.cleaned_data["email"]).lower()

    def clean_password(self) -> str:
        """Refuse whoever does not know it."""
        password: str = self.cleaned_data["password"]
        if not self.person.check_password(password):
            raise ValidationError(_("This is not your password."))
        return password
