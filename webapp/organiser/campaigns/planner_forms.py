"""The form of a campaign that is planned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PlanForm(forms.Form):
    """What is planned."""

    images = forms.IntegerField(label=_("Images"), min_value=2, max_value=10_000_000)
    annotations_per_image = forms.IntegerField(label=_("Answers per image"), min_value=1, max_value=500)
    experts = forms.IntegerField(label=_("Experts"), min_value=1, max_value=100_000)
    minutes = forms.FloatField(label=_("Minutes per answer"), min_value=0.1, max_value=24 * 60)
    icc = forms.FloatField(
        label=_("Expected ICC of one answer"),
        min_value=0.01,
        max_value=0.99,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
        help_text=_("How far two experts' single answers agree, between 0 and 1."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse more answers an image than there are experts."""
        values = super().clean() or self.cleaned_data
        k, experts = values.get("annotations_per_image"), values.get("experts")
        if k is not None and experts is not None and k > experts:
            words = _("Nobody judges an image twice: at most %(experts)s answers, one from each expert.")
            self.add_error("annotations_per_image", forms.ValidationError(words, params={"experts": experts}))
        return values
