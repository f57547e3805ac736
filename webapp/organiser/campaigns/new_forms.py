"""The form of a new campaign."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from annotation.actions.campaigns.open_campaign import (
    LONGEST_DESCRIPTION,
    LONGEST_SLUG,
    LONGEST_TITLE,
    check_slug,
    propose_slug,
)
from annotation.errors import BadInput
from annotation.models import PRESET_SHARES, Arm, Preset, RubricVersion
from annotation.rubric.schema import localise
from webapp.wording import say

from .design_forms import MOST_ANNOTATIONS

SHIPPED = "artimuse"

PRESET_WORDS: dict[str, Any] = {
    Preset.COMMIT_THEN_REVIEW: gettext_lazy(
        "Experts answer first, then see what the model says and may revise. Of 100 answers %(blind)s are given without "
        "the model, so that its pull can be measured. Choose this if in doubt."
    ),
    Preset.PREFILLED: gettext_lazy(
        "The model's answer stands in the form and is corrected: the quickest, and it pulls people most. Of 100 "
        "answers %(blind)s are given without it."
    ),
    Preset.BLIND_PANEL: gettext_lazy("Nobody sees a model: independent answers, to measure people by, or models."),
}


class NewCampaignForm(forms.Form):
    """What a campaign is called and about, what is asked of each image, and how."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=LONGEST_TITLE,
        help_text=gettext_lazy("What people see, such as “Portraits, spring”."),
    )
    slug = forms.SlugField(
        label=gettext_lazy("Short name"),
        required=False,
        max_length=LONGEST_SLUG,
        help_text=gettext_lazy(
            "Stands in addresses and commands, and stays. Letters, digits, hyphens; empty, it is made from the title."
        ),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        help_text=gettext_lazy("What the images are and what they are judged for. Releases say it; it can be changed."),
        widget=forms.Textarea({"rows": 4}),
    )
    rubric = forms.ChoiceField(
        label=gettext_lazy("Rubric"),
        help_text=gettext_lazy("What is asked of each image. The campaign can take up later versions of it."),
    )
    annotations_per_image = forms.IntegerField(
        label=gettext_lazy("Answers per image"),
        min_value=1,
        max_value=MOST_ANNOTATIONS,
        initial=3,
        help_text=gettext_lazy("By so many different people; three or more show how far experts agree."),
    )
    preset = forms.ChoiceField(
        label=gettext_lazy("What experts see of the model"),
        choices=Preset.choices,
        initial=Preset.COMMIT_THEN_REVIEW,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # The newest of each rubric first: earlier ones are taken to go on with an earlier study.
        self.versions = {
            str(version.pk): version for version in RubricVersion.objects.published().order_by("slug", "-number")
        }
        language = get_language() or "en"
        choices = [
            (key, f"{localise(version.rubric.title, language)} ({version})") for key, version in self.versions.items()
        ]
        rubric: Any = self.fields["rubric"]
        rubric.choices = choices or [(SHIPPED, _("ArtiMuse (published in this step)"))]

    def presets(self) -> list[tuple[Any, str]]:
        """Return each preset's button with what it means."""
        return [
            (button, PRESET_WORDS[button.data["value"]] % {"blind": PRESET_SHARES[button.data["value"]][Arm.BLIND]})
            for button in self["preset"]
        ]

    def rubric_version(self) -> RubricVersion | None:
        """Return the version chosen, None for the rubric that comes with the program."""
        return self.versions.get(self.cleaned_data["rubric"])

    def clean_slug(self) -> str:
        """Refuse a name that cannot be, and make one where there is none."""
        slug: str = self.cleaned_data["slug"]
        if not slug:
            return propose_slug(self.cleaned_data.get("title", ""))
        try:
            return check_slug(slug)
        except BadInput as error:
            raise forms.ValidationError(say(error)) from error
