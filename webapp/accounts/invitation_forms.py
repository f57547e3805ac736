"""The forms by which people are invited, and accept."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotation.errors import FieldsInvalid
from annotation.imports.encoding import decode_text
from annotation.models import ROLE_NAMES, Campaign
from annotation.roles import Role, roles_clash
from annotation.rubric.schema import localise
from webapp.wording import translate

from .invite import Invitee, with_roles
from .invitees import read_invitees
from .models import Invitation, User
from .password_forms import GOOD_PASSWORD

LONGEST_LIST = 100_000  # Characters, or bytes of a file.


class InvitationsForm(forms.Form):
    """Whom to invite, one or many, in which roles, for which categories."""

    people = forms.CharField(
        label=_("Whom"),
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "placeholder": "Ada Byron <ada@example.org>"}),
        help_text=_(
            "One address a line, with a name if you like; or a table whose first line names its columns: email, name, "
            "roles, categories. Leave it empty for one link that you hand on yourself."
        ),
    )
    file = forms.FileField(
        label=_("Or a table from a file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=[(role.value, ROLE_NAMES[role]) for role in Role],
        initial=[Role.ANNOTATOR],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who annotates or adjudicates does not read: these two go with no other role."),
    )
    categories = forms.MultipleChoiceField(
        label=_("Categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means all of them."),
    )
    administrator = forms.BooleanField(
        label=_("As an administrator, who runs this installation and every campaign"), required=False
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, campaign: Campaign | None, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.campaign = campaign
        self.invitees: list[Invitee] = []
        if campaign is None:
            del self.fields["roles"], self.fields["categories"]
            return
        del self.fields["administrator"]
        language = get_language() or "en"
        categories: Any = self.fields["categories"]
        categories.choices = [
            (category.key, localise(category.name, language)) for category in campaign.rubric.categories
        ]

    def clean_roles(self) -> frozenset[Role]:
        """Refuse roles that clash."""
        roles = frozenset(map(Role, self.cleaned_data["roles"]))
        if roles_clash(roles):
            raise ValidationError(_("Annotator and adjudicator do not go together with the other roles."))
        return roles

    def clean(self) -> dict[str, Any]:
        """Read who is invited into `invitees`; each line that is wrong is named."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        text, file = cleaned["people"], cleaned["file"]
        if text and file:
            raise ValidationError(_("Either a list or a file is accepted, not both."))
        categories = tuple(category.key for category in self.campaign.rubric.categories) if self.campaign else ()
        field = "file" if file else "people"
        if file and file.size > LONGEST_LIST:
            raise ValidationError({"file": _("A list of at most 100 kB is accepted.")})
        try:
            text = decode_text(file.read())[0] if file else text
            invitees = read_invitees(text, categories) if text.strip() or file else [Invitee()]
        except FieldsInvalid as refusal:
            for place, message in refusal.errors.items():
                words = f"{translate(place)}: {translate(message)}" if place else translate(message)
                self.add_error(field, words)
            return cleaned
        except ValueError as refusal:
            raise ValidationError({field: str(refusal)}) from refusal
        if self.campaign is None:
            self.invitees = invitees
            return cleaned
        self.invitees = [with_roles(invitee, cleaned["roles"], cleaned["categories"]) for invitee in invitees]
        for invitee in self.invitees:
            if not invitee.roles:
                self.add_error("roles", _("Tick at least one role."))
                break
        return cleaned


class AcceptForm(forms.Form):
    """The account of somebody who was invited and has none."""

    username = forms.CharField(
        label=_("Name of the account"),
        max_length=150,
        help_text=_("You sign in with it. Letters, digits, and . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    display_name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        required=False,
        help_text=_("As organisers see it; others see a pseudonym."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    passkey = forms.BooleanField(
        label=_("Sign in with a passkey instead of a password: a fingerprint, a face, a PIN or a security key"),
        required=False,
    )
    password1 = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        help_text=GOOD_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Password once more"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, invitation: Invitation, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.invitation = invitation
        self.fields["display_name"].initial = invitation.name

    def clean_username(self) -> str:
        """Refuse a name that is taken, in whatever case, or that could be taken for another person's e-mail."""
        name: str = self.cleaned_data["username"]
        for validator in User._meta.get_field("username").validators:
            validator(name)
        if "@" in name:
            raise ValidationError(_("An e-mail address is no name here; you can sign in with it all the same."))
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError(_("Somebody is called so already. Choose another name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse a password that is weak, or typed otherwise the second time."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors or cleaned["passkey"]:
            return cleaned
        if not cleaned["password1"]:
            raise ValidationError({"password1": _("A password is needed, unless you sign in with a passkey.")})
        if cleaned["password1"] != cleaned["password2"]:
            raise ValidationError({"password2": _("This is not the same password.")})
        owner = User(username=cleaned["username"], first_name=cleaned["display_name"], email=self.invitation.email)
        try:
            validate_password(cleaned["password1"], cast(Any, owner))
        except ValidationError as weak:
            self.add_error("password1", weak)
        return cleaned
