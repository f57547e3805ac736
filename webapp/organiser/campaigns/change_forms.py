"""Check what an organiser changes in a campaign under way."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotation.actions.campaigns.change_campaign import LICENCE, LONGEST_GAP, MOST_REPEATS
from annotation.actions.campaigns.open_campaign import check_slug
from annotation.dataset.contents.statements import LONGEST_STATEMENT, STATEMENTS
from annotation.errors import BadInput
from annotation.models import ROLE_NAMES, Campaign, Preset
from annotation.models.visibility import any_of
from annotation.roles import Role, Roles, clash
from annotation.rubric.schema import localise
from webapp.accounts.models import User
from webapp.wording import say

MOST_ANSWERS = 99
SUGGESTED = 200
LICENCES = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC0-1.0", "ODC-By-1.0", "ODbL-1.0")


def _words(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=LONGEST_STATEMENT,
        widget=forms.Textarea({"rows": 2}),
    )


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


class RepeatsForm(forms.Form):
    """Ask how often an image comes back unannounced."""

    share = forms.IntegerField(
        label=_("Hidden repeats in per cent"),
        min_value=0,
        max_value=MOST_REPEATS,
        help_text=_("Of all images handed out; 3 to 5 tell how steady each expert is. 0: none."),
    )
    gap_days = forms.IntegerField(
        label=_("Days in between"),
        min_value=1,
        max_value=LONGEST_GAP,
        help_text=_("Long enough to forget what one said; a week or more."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {"share": campaign.repeat_share, "gap_days": campaign.repeat_gap_days}
        super().__init__(*args, **{"auto_id": "repeats_%s", "initial": initial} | options)


class PrecisionForm(forms.Form):
    """Ask how certain a mean score has to be, and how many answers that may cost."""

    target = forms.DecimalField(
        label=_("Points up or down"),
        required=False,
        min_value=Decimal("0.05"),
        max_value=5,
        decimal_places=2,
        help_text=_(
            "Half the width of the interval of an image's mean holistic score, such as 0.75. Empty sets no target."
        ),
        widget=forms.NumberInput({"step": "0.05"}),
    )
    most = forms.IntegerField(
        label=_("Most answers per image"),
        required=False,
        min_value=2,
        max_value=MOST_ANSWERS,
        help_text=_("Where experts go on differing, asking ends here."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        target = campaign.precision_target
        initial = {
            "target": None if target is None else Decimal(target) / 100,
            "most": campaign.most_answers_per_image,
        }
        super().__init__(*args, **{"auto_id": "precision_%s", "initial": initial} | options)

    def hundredths(self) -> int | None:
        """Return the target in hundredths of a point."""
        target = self.cleaned_data["target"]
        return None if target is None else int(target * 100)

    def clean(self) -> dict[str, Any]:
        """Refuse one without the other."""
        given = super().clean() or self.cleaned_data
        for name, other in (("target", "most"), ("most", "target")):
            if not self.errors and given.get(name) is None and given.get(other) is not None:
                self.add_error(name, _("Fill in both fields, or neither."))
        return given


class InviteForm(forms.Form):
    """Ask who is to come in, in which roles, and for which categories they annotate."""

    username = forms.CharField(
        label=_("Name of the account"),
        max_length=150,
        widget=forms.TextInput(attrs={"list": "accounts", "autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
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

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "invite_%s"} | options)
        language = get_language() or "en"
        categories: Any = self.fields["categories"]
        categories.choices = [(one.key, localise(one.name, language)) for one in campaign.rubric.categories]
        here = campaign.memberships.filter(any_of(frozenset(Role))).values("user")
        self.suggested = accounts().exclude(pk__in=here).values_list("username", flat=True)[:SUGGESTED]

    def clean_roles(self) -> Roles:
        """Refuse roles that clash."""
        roles = frozenset(map(Role, self.cleaned_data["roles"]))
        if clash(roles):
            raise forms.ValidationError(_("Annotator and adjudicator do not go together with the other roles."))
        return roles

    def clean_username(self) -> str:
        """Refuse a name that no account has, and keep the account in `person`."""
        username: str = self.cleaned_data["username"]
        person = accounts().filter(username=username).first()
        if person is None:
            words = _("No account is called %(name)s. Accounts are made in the administration.")
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
        here = campaign.memberships.filter(any_of(frozenset(Role))).values("user")
        people.queryset = User.objects.filter(pk__in=here).order_by("username")


class TermsForm(forms.Form):
    """Ask under which licence the annotations are given away, and what the datasheet says in the organisers' words."""

    annotations_licence = forms.RegexField(
        LICENCE,
        label=_("Licence of the annotations"),
        required=False,
        help_text=_("A name of SPDX such as CC-BY-4.0 or CC0-1.0. Images keep their own."),
        error_messages={"invalid": _("A name of SPDX is accepted, such as CC-BY-4.0.")},
        widget=forms.TextInput(attrs={"list": "licences", "autocomplete": "off"}),
    )
    creators = _words(_("Creators"), _("One a line: people as “Doe, Olga”, organisations by their name."))
    contact = _words(_("Contact"))
    funding = _words(_("Funding"))
    ethics_review = _words(_("Ethics review"))
    recruitment = _words(_("Recruitment and training of the raters"))
    payment = _words(_("Payment of the raters"))

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {**campaign.statements, "annotations_licence": campaign.annotations_licence}
        super().__init__(*args, **{"auto_id": "terms_%s", "initial": initial} | options)
        self.licences = LICENCES

    def statements(self) -> dict[str, str]:
        """Return what was written, by the keys of a datasheet."""
        return {key: self.cleaned_data[key] for key in STATEMENTS}


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
    "repeats_form": RepeatsForm,
    "precision_form": PrecisionForm,
    "invite_form": InviteForm,
    "dismiss_form": DismissForm,
    "terms_form": TermsForm,
    "clone_form": CloneForm,
}


def accounts() -> QuerySet[User]:
    """Return the accounts that can be invited, by name."""
    return User.objects.filter(is_active=True).order_by("username")
