"""The forms of how a campaign is described and run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.actions.campaigns.campaign_settings import (
    HIGHEST_CAP,
    HIGHEST_SEED,
    LONGEST_CORRECTION,
    LONGEST_LEASE,
    MOST_A_DAY,
    SHORTEST_LEASE,
)
from annotation.actions.campaigns.open_campaign import LONGEST_DESCRIPTION, LONGEST_TITLE
from annotation.models import Campaign
from annotation.models.campaigns import DARKEST_SURROUND, LIGHTEST_SURROUND
from webapp.accounts.models import User


class DescriptionForm(forms.Form):
    """What a campaign is called and about."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        help_text=_(
            "What the images are and what they are judged for, as cards and datasheets of later releases say it."
        ),
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {"title": campaign.title, "description": campaign.description}
        super().__init__(*args, **{"auto_id": "about_%s", "initial": initial} | options)


class PaceForm(forms.Form):
    """How long an image is held, how much a person does a day, and how long one may correct oneself."""

    lease_minutes = forms.IntegerField(
        label=_("Minutes an image is held"),
        min_value=SHORTEST_LEASE,
        max_value=LONGEST_LEASE,
        help_text=_("An open page renews them; once they have passed, the image goes to somebody else."),
    )
    daily_cap = forms.IntegerField(
        label=_("Most answers a person and day"),
        required=False,
        min_value=1,
        max_value=MOST_A_DAY,
        help_text=_("Empty sets no limit. What was begun may be finished."),
    )
    correction_minutes = forms.IntegerField(
        label=_("Minutes in which one may correct oneself"),
        min_value=0,
        max_value=LONGEST_CORRECTION,
        help_text=_("Counted from the answer; what was said before is kept. 0: never."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {name: getattr(campaign, name) for name in self.base_fields}
        super().__init__(*args, **{"auto_id": "pace_%s", "initial": initial} | options)


class CaseSpreadForm(forms.Form):
    """How far apart scores have to lie for a case."""

    points = forms.DecimalField(
        label=_("Points apart"),
        required=False,
        help_text=_("Where two scores of an attribute lie as far apart or further. Empty: no case for scores."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        self.scale = campaign.rubric.scale
        spread = campaign.case_spread
        initial = {"points": None if spread is None else f"{self.scale.to_points(spread):g}"}
        super().__init__(*args, **{"auto_id": "spread_%s", "initial": initial} | options)
        self.fields["points"].widget = forms.NumberInput({"step": self.scale.step, "min": self.scale.step})

    def steps(self) -> int | None:
        """Return the spread in steps of the scale."""
        points: Decimal | None = self.cleaned_data["points"]
        return None if points is None else int(points * self.scale.steps_per_point)

    def clean_points(self) -> Decimal | None:
        """Refuse what lies between two steps."""
        points: Decimal | None = self.cleaned_data["points"]
        if points is not None and (not points.is_finite() or points * self.scale.steps_per_point % 1):
            raise forms.ValidationError(_("Steps of %(step)s are accepted."), params={"step": f"{self.scale.step:g}"})
        return points


class DrawsForm(forms.Form):
    """What arms are drawn for, and the seed of all draws."""

    arms_by = forms.ChoiceField(
        label=_("Arms are drawn"),
        choices=Campaign.ArmsBy.choices,
        help_text=_(
            "By person, whoever draws the blind arm never sees a model here. It stays once the campaign is open."
        ),
    )
    seed = forms.IntegerField(
        label=_("Seed of all draws"),
        min_value=0,
        max_value=HIGHEST_SEED,
        help_text=_("Orders, arms and repeats follow from it, so that a study can be drawn again. It stays too."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {"arms_by": campaign.arms_by, "seed": campaign.seed}
        super().__init__(*args, **{"auto_id": "draws_%s", "initial": initial} | options)


class SurroundForm(forms.Form):
    """The grey around every image."""

    surround = forms.IntegerField(
        label=_("Level of grey"),
        min_value=DARKEST_SURROUND,
        max_value=LIGHTEST_SURROUND,
        help_text=_(
            "0 is black, 255 is white; 48 is close to what ISO 3664 asks for. It stays once the campaign is open."
        ),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {"surround": campaign.surround}
        super().__init__(*args, **{"auto_id": "surround_%s", "initial": initial} | options)


class CapForm(forms.Form):
    """How many answers one person is to give."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"), empty_label=_("Choose a person"))
    cap = forms.IntegerField(
        label=_("Most answers in this campaign"),
        required=False,
        min_value=1,
        max_value=HIGHEST_CAP,
        help_text=_("Empty sets no limit. Answers given already stay, even where they are more."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "cap_%s"} | options)
        people: Any = self.fields["person"]
        annotators = campaign.memberships.annotators().values("user")
        people.queryset = User.objects.filter(pk__in=annotators).order_by("username")
