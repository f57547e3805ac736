"""The forms of a campaign's design: answers per image, arms, repeats, precision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.actions.campaigns.change_campaign import LONGEST_GAP, MOST_REPEATS
from annotation.models import Campaign, Preset

MOST_ANNOTATIONS = 99


class AnnotationsPerImageForm(forms.Form):
    """How many answers an image is to have."""

    annotations_per_image = forms.IntegerField(label=_("Answers per image"), min_value=1, max_value=MOST_ANNOTATIONS)

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {"annotations_per_image": campaign.annotations_per_image}
        super().__init__(*args, **{"auto_id": "ask_%s", "initial": initial} | options)


class PresetForm(forms.Form):
    """How arms are drawn."""

    preset = forms.ChoiceField(label=_("Arms of new assignments"), choices=Preset.choices)

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "arms_%s", "initial": {"preset": campaign.preset}} | options)


class RepeatsForm(forms.Form):
    """How often an image comes back unannounced."""

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
    """How certain a mean score has to be, and how many answers that may cost."""

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
        max_value=MOST_ANNOTATIONS,
        help_text=_("Where experts go on differing, asking ends here."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        target = campaign.precision_target
        initial = {
            "target": None if target is None else Decimal(target) / 100,
            "most": campaign.most_annotations_per_image,
        }
        super().__init__(*args, **{"auto_id": "precision_%s", "initial": initial} | options)

    def hundredths(self) -> int | None:
        """Return the target in hundredths of a point."""
        target = self.cleaned_data["target"]
        # Exact, as the field is a Decimal: as a float 0.29 would come out as 28.
        return None if target is None else int(target * 100)

    def clean(self) -> dict[str, Any]:
        """Refuse one without the other."""
        values = super().clean() or self.cleaned_data
        for name, other in (("target", "most"), ("most", "target")):
            if not self.errors and values.get(name) is None and values.get(other) is not None:
                self.add_error(name, _("Fill in both fields, or neither."))
        return values
