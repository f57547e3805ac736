"""The forms that let people take part in a campaign, and let them go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotation.models import ROLE_NAMES, Campaign, Membership
from annotation.models.visibility import any_of
from annotation.roles import Role, Roles, roles_clash
from annotation.rubric.schema import localise
from webapp.accounts.models import User

SUGGESTED = 200


class InviteForm(forms.Form):
    """Who is to come in, in which roles, and for which categories they annotate."""

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
        categories.choices = [
            (category.key, localise(category.name, language)) for category in campaign.rubric.categories
        ]
        # Whoever was dismissed still has a membership, without a role, and may be invited again.
        members = campaign.memberships.filter(any_of(frozenset(Role))).values("user")
        known = accounts().filter(pk__in=known_to_organisers(campaign)).exclude(pk__in=members)
        self.suggestions = known.values_list("username", flat=True)[:SUGGESTED]

    def clean_roles(self) -> Roles:
        """Refuse roles that clash."""
        roles = frozenset(map(Role, self.cleaned_data["roles"]))
        if roles_clash(roles):
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
    """Whom to let go, and whether that is meant."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"), empty_label=_("Choose a person"))
    confirmed = forms.BooleanField(
        label=_("Hand their unfinished work to others now; their answers stay."),
        error_messages={"required": _("Tick this to confirm that their unfinished work goes to others now.")},
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "dismiss_%s"} | options)
        people: Any = self.fields["person"]
        members = campaign.memberships.filter(any_of(frozenset(Role))).values("user")
        people.queryset = User.objects.filter(pk__in=members).order_by("username")


def known_to_organisers(campaign: Campaign) -> QuerySet[Any]:
    """Return the keys of people in campaigns of those who organise this one: of others the page knows nothing."""
    organisers = campaign.memberships.filter(organiser=True).values("user")
    theirs = Campaign.objects.filter(memberships__organiser=True, memberships__user__in=organisers)
    return Membership.objects.filter(campaign__in=theirs).values("user")


def accounts() -> QuerySet[User]:
    """Return the accounts that can be invited, by name."""
    return User.objects.filter(is_active=True).order_by("username")
