"""The form of the terms: a licence, and what the datasheet says in the organisers' words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.actions.campaigns.change_campaign import LICENCE
from annotation.dataset.contents.statements import LONGEST_STATEMENT, STATEMENTS
from annotation.models import Campaign

# Suggestions only: any other name of the form that SPDX gives them is accepted too.
LICENCES = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC0-1.0", "ODC-By-1.0", "ODbL-1.0")


def _words(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=LONGEST_STATEMENT,
        widget=forms.Textarea({"rows": 2}),
    )


class TermsForm(forms.Form):
    """The licence of the annotations, and what the datasheet says in the organisers' words."""

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
    sources = _words(_("Data it was derived from"), _("One a line, with its address: “KonIQ-10k https://…”."))
    synthetic = _words(_("Images and texts made by programs"), _("Which, and by what; “none” where there are none."))
    social_impact = _words(
        _("Social impact"), _("What good and what harm the dataset may do, and what is done about it.")
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        initial = {**campaign.statements, "annotations_licence": campaign.annotations_licence}
        super().__init__(*args, **{"auto_id": "terms_%s", "initial": initial} | options)
        self.licences = LICENCES

    def statements(self) -> dict[str, str]:
        """Return what was written, by the keys of a datasheet."""
        return {key: self.cleaned_data[key] for key in STATEMENTS}
