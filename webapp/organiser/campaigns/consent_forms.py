"""The form of what people consent to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 20_000


class ConsentForm(forms.Form):
    """The text in both languages."""

    english = forms.CharField(
        label=gettext_lazy("English"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 12, "lang": "en"}),
        help_text=gettext_lazy("An empty line begins a new paragraph. Nothing in either field: nobody is asked."),
    )
    chinese = forms.CharField(
        label=gettext_lazy("Chinese"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 12, "lang": "zh-hans"}),
        help_text=gettext_lazy("Where it is empty, Chinese readers see the English."),
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Refuse a Chinese text alone."""
        values = super().clean() or self.cleaned_data
        if values.get("chinese") and not values.get("english"):
            # English is what is shown wherever there is no text in the reader's language.
            self.add_error("english", _("An English wording is needed as well."))
        return values
