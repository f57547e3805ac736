"""The form of an analysis plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.actions.agreement.plan_analysis import REPLICATES
from webapp.audit.reports.analysis_plan import FIELDS, PERIODS, SCOPES, SECTIONS
from webapp.organiser import sent

LONGEST = 10_000


class PlanForm(forms.Form):
    """What reports are to contain, and who or what is excluded beside the headline."""

    note = forms.CharField(
        label=FIELDS["note"],
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("Such as: is alpha of the holistic score above .667 for raters like these?"),
    )
    sections = forms.MultipleChoiceField(
        label=FIELDS["sections"],
        choices=list(SECTIONS.items()),
        initial=list(SECTIONS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Alpha with both intervals, the design and the raters are always there."),
    )
    scopes = forms.MultipleChoiceField(
        label=FIELDS["scopes"],
        choices=list(SCOPES.items()),
        initial=list(SCOPES),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    period = forms.ChoiceField(
        label=FIELDS["period"], choices=list(PERIODS.items()), required=False, widget=forms.RadioSelect, initial=""
    )
    raters = forms.CharField(
        label=gettext_lazy("Raters excluded beside the headline"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("One a line: pseudonym, colon, reason. The headline keeps everybody."),
    )
    images = forms.CharField(
        label=gettext_lazy("Images excluded beside the headline"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("One a line: SHA-256, colon, reason."),
    )
    replicates = forms.IntegerField(
        label=FIELDS["replicates"], min_value=REPLICATES[0], max_value=REPLICATES[-1], initial=1000
    )
    seed = forms.IntegerField(label=FIELDS["seed"], min_value=0, max_value=2**31 - 1, initial=1)

    def clean_raters(self) -> dict[str, str]:
        """Read raters and reasons."""
        return read_reasons(self.cleaned_data["raters"])

    def clean_images(self) -> dict[str, str]:
        """Read images and reasons."""
        return read_reasons(self.cleaned_data["images"])

    def content(self) -> dict[str, Any]:
        """Return the plan."""
        values = dict(self.cleaned_data)
        return values | {"exclusions": {name: values.pop(name) for name in ("raters", "images")}}


def read_reasons(text: str) -> dict[str, str]:
    """Return what stands before the colon of each line with what stands after it. Raise ValidationError else."""
    reasons_by_name: dict[str, str] = {}
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        # At the first colon: names hold none, reasons may.
        who, colon, why = line.partition(":")
        if not (who.strip() and colon and why.strip()):
            words = _("Line %(number)s: a name, a colon and a reason are accepted, not “%(line)s”.")
            raise forms.ValidationError(words % {"number": number, "line": line[:60]})
        reasons_by_name[who.strip()] = why.strip()
    return reasons_by_name


sent.FORMS.append(lambda campaign, user: PlanForm())
