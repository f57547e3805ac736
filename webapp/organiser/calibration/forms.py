"""The forms of a calibration: its rule, its panel, the anchor images people compare with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from annotation.actions.campaigns import open_calibration
from annotation.design.calibration import Rule
from annotation.models import Calibration, Campaign
from annotation.roles import AUDIT
from webapp.accounts.models import User
from webapp.organiser import sent


class RuleForm(forms.Form):
    """How near to the panel one has to be."""

    farthest = forms.FloatField(
        label=gettext_lazy("Largest mean distance, in SD of the panel"),
        min_value=0.1,
        max_value=10,
        initial=1.5,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.05"}),
        help_text=gettext_lazy("One of a panel lies about 0.9 from the mean of three others. Empty sets no limit."),
    )
    least_rank = forms.FloatField(
        label=gettext_lazy("Least agreement in the order, 0 to 1"),
        min_value=0,
        max_value=1,
        initial=0.5,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.05"}),
        help_text=gettext_lazy("Spearman's rank correlation with the panel. Empty sets no limit."),
    )

    def rule(self) -> Rule:
        """Return the rule the form holds."""
        return Rule(self.cleaned_data["farthest"], self.cleaned_data["least_rank"])


class CalibrationForm(RuleForm):
    """Which campaign's answers are the reference, and how many anchor images come from it."""

    panel = forms.ModelChoiceField(
        label=gettext_lazy("Reference panel"),
        queryset=Campaign.objects.none(),
        to_field_name="slug",
        help_text=gettext_lazy("A campaign by the same rubric in which three people or more judged each image."),
    )
    anchors = forms.IntegerField(
        label=gettext_lazy("Anchor images"), min_value=open_calibration.FEWEST_ANCHORS, max_value=100, initial=12
    )
    # Inherited fields would come first, and the rule makes no sense before the panel.
    field_order = ["panel", "anchors", "farthest", "least_rank"]

    def __init__(self, campaign: Campaign, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Feedback tells what a panel answered, so one may only choose a panel one may read.
        campaigns = Campaign.objects.in_which(user, AUDIT).filter(
            rubric_version=campaign.rubric_version_id, calibrates=None
        )
        panel: Any = self.fields["panel"]
        panel.queryset = campaigns.exclude(pk=campaign.pk)


class AnchorsForm(forms.Form):
    """Whose anchor images people may lay beside the image they judge."""

    anchors_of = forms.ModelChoiceField(
        label=gettext_lazy("Anchor images from"),
        queryset=Calibration.objects.none(),
        required=False,
        empty_label=gettext_lazy("this campaign's own calibration, where it has one"),
        help_text=gettext_lazy(
            "People see each with its panel's mean score, but none that they judge or may still be asked."
        ),
    )

    def __init__(self, campaign: Campaign, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["anchors_of"] = campaign.anchors_of
        field: Any = self.fields["anchors_of"]
        campaigns = Campaign.objects.in_which(user, AUDIT)
        field.queryset = open_calibration.anchor_sets(campaign).filter(panel__in=campaigns)


sent.FORMS += [lambda campaign, user: RuleForm(), CalibrationForm, AnchorsForm]
