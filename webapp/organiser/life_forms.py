"""Check what an organiser changes in a campaign under way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotation.actions.open_campaign import check_slug
from annotation.errors import BadInput
from annotation.models import Campaign, Preset
from annotation.roles import Role
from annotation.rubric import localise
from webapp.accounts.models import User
from webapp.wording import say

MOST_ANSWERS = 99
SUGGESTED = 200


class AnswersForm(forms.Form):
    """Ask how many answers an image is to have."""

    answers_per_image = forms.IntegerField(label=_("Answers per image"), min_value=1, max_value=MOST_ANSWERS)

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {"answers_per_image": campaign.answers_per_image}
        super().__init__(*args, **{"auto_id": "ask_%s", "initial": initial} | options)


class PresetForm(forms.Form):
    """Ask how arms are drawn."""

    preset = forms.ChoiceField(label=_("Arms of new assignments"), choices=Preset.choices)

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "arms_%s", "initial": {"preset": campaign.preset}} | options)


class InviteForm(forms.Form):
    """Ask who is to take part, and for which categories."""

    username = forms.CharField(
        label=_("Name of the account"),
        max_length=150,
        widget=forms.TextInput(attrs={"list": "annotators", "autocomplete": "off"}),
    )
    categories = forms.MultipleChoiceField(
        label=_("Categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means all of them."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "invite_%s"} | options)
        language = get_language() or "en"
        categories: Any = self.fields["categories"]
        categories.choices = [(one.key, localise(one.name, language)) for one in campaign.rubric.categories]
        here = campaign.participations.filter(active=True).values("user")
        self.suggested = annotators().exclude(pk__in=here).values_list("username", flat=True)[:SUGGESTED]

    def clean_username(self) -> str:
        """Refuse a name that no annotator has, and keep the account in `person`."""
        username: str = self.cleaned_data["username"]
        person = annotators().filter(username=username).first()
        if person is None:
            words = _("No annotator's account is called %(name)s. Accounts are made in the administration.")
            raise forms.ValidationError(words, params={"name": username})
        self.person = person
        return username


class DismissForm(forms.Form):
    """Ask whom to let go, and whether that is meant."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"), empty_label=_("Choose a person"))
    confirmed = forms.BooleanField(
        label=_("Hand their unfinished work to others now; their answers stay."),
        error_messages={"required": _("Tick this to confirm that their unfinished work goes to others now.")},
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "dismiss_%s"} | options)
        people: Any = self.fields["person"]
        here = campaign.participations.filter(active=True).values("user")
        people.queryset = User.objects.filter(pk__in=here).order_by("username")


class CloneForm(forms.Form):
    """Ask what a copy is to be called."""

    title = forms.CharField(label=_("Title"), max_length=200)
    slug = forms.SlugField(label=_("Short name"), max_length=50, help_text=_("Letters, digits and hyphens."))

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "clone_%s"} | options)

    def clean_slug(self) -> str:
        """Refuse a name that cannot be."""
        try:
            return check_slug(self.cleaned_data["slug"])
        except BadInput as error:
            raise forms.ValidationError(say(error)) from error


# Each by the name the campaign page knows it by.
FORMS: dict[str, type[Any]] = {
    "answers_form": AnswersForm,
    "preset_form": PresetForm,
    "invite_form": InviteForm,
    "dismiss_form": DismissForm,
    "clone_form": CloneForm,
}


def annotators() -> QuerySet[User]:
    """Return the accounts that can be invited, by name."""
    return User.objects.filter(role=Role.ANNOTATOR, is_active=True).order_by("username")
