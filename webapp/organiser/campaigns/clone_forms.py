"""The forms that copy a campaign, and delete a draft."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.actions.campaigns.open_campaign import check_slug
from annotation.errors import BadInput
from annotation.models import Campaign
from webapp.wording import say


class CloneForm(forms.Form):
    """What a copy is to be called."""

    title = forms.CharField(label=_("Title"), max_length=200)
    slug = forms.SlugField(label=_("Short name"), max_length=50, help_text=_("Letters, digits and hyphens."))

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        # The page of a campaign holds many forms, and no two fields on it may share an identifier.
        super().__init__(*args, **{"auto_id": "clone_%s"} | options)

    def clean_slug(self) -> str:
        """Refuse a name that cannot be."""
        try:
            # Checked where all doors check it: a name such as `plan` would hide behind another page's address.
            return check_slug(self.cleaned_data["slug"])
        except BadInput as error:
            raise forms.ValidationError(say(error)) from error


class DeleteForm(forms.Form):
    """Whether a draft is really to be deleted."""

    confirmed = forms.BooleanField(
        label=_("Delete this draft for good."),
        error_messages={"required": _("Tick this to confirm that the draft is deleted.")},
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "delete_%s"} | options)
