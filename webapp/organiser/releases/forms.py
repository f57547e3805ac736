"""The form of a release."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation.actions.releases.check_release import list_lacks, list_objections
from annotation.actions.releases.contents import campaigns_of
from annotation.actions.releases.draw_up_release import contents_now
from annotation.actions.releases.exclude_images import read_exclusions
from annotation.dataset.format.frozen import Scope
from annotation.errors import ReleaseRefused
from annotation.models import Campaign, Release, RubricVersion
from annotation.roles import ORGANISE
from webapp.accounts.models import User
from webapp.organiser.campaigns.design_forms import MOST_ANNOTATIONS
from webapp.wording import say

# The page sends the list back in a field, and Django takes 2.5 MB of fields in a request.
LARGEST_LIST = 2**20


class ReleaseForm(forms.Form):
    """The version of a release, how many answers an image needs to be in it, and a list of images to exclude.

    The list comes as a file, and from the page that showed what it means as text.
    """

    version = forms.RegexField(
        # No leading zeros: 1.2.0 and 1.02.0 would be two folders for one version.
        r"^(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}$",
        label=_("Version"),
        error_messages={"invalid": _("A version is three numbers, as in 1.2.0.")},
    )
    least_annotations = forms.IntegerField(
        label=_("Least answers that count, for an image to be in"),
        min_value=1,
        max_value=MOST_ANNOTATIONS,
        required=False,
    )
    exclude = forms.FileField(
        label=_("Images to exclude (CSV)"),
        help_text=_("The columns are image (SHA-256 or file name) and reason. It holds for this release only."),
        required=False,
        max_length=200,
    )
    also = forms.MultipleChoiceField(
        label=_("With the answers of"), widget=forms.CheckboxSelectMultiple, required=False
    )
    rubric_versions = forms.TypedMultipleChoiceField(
        label=_("Only answers by these versions of the rubric"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    # Last, because checking it needs what the fields above came to.
    listed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, campaign: Campaign, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.campaign = campaign
        campaigns = Campaign.objects.in_which(user, ORGANISE).filter(
            rubric_version=campaign.rubric_version_id, is_demo=campaign.is_demo
        )
        campaigns = campaigns.exclude(pk=campaign.pk).exclude(annotations=None).distinct().order_by("title")
        versions = RubricVersion.objects.published().filter(slug=campaign.rubric_version.slug)
        self.offer("also", [(campaign.slug, campaign.title) for campaign in campaigns], minimum=1)
        self.offer("rubric_versions", [(version.number, str(version)) for version in versions], minimum=2)

    def offer(self, name: str, choices: list[tuple[Any, str]], *, minimum: int) -> None:
        """Let people choose where there is a choice."""
        if len(choices) < minimum:
            del self.fields[name]
        else:
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_exclude(self) -> Any:
        """Refuse a list that the page could not send on."""
        file = self.cleaned_data["exclude"]
        if file is not None and file.size > LARGEST_LIST:
            raise forms.ValidationError(_("The list is larger than 1 MB; the command takes larger ones."))
        return file

    def clean_listed(self) -> dict[str, str]:
        """Return why each image of the list is excluded, by SHA-256: of the file, else of the text."""
        file, text = self.cleaned_data.get("exclude"), self.cleaned_data["listed"]
        if file is None and not text:
            return {}
        source, name = (file, file.name) if file is not None else (BytesIO(text.encode()), gettext("the list"))
        try:
            campaigns = campaigns_of(self.campaign, tuple(self.cleaned_data.get("also", ())))
            return read_exclusions(campaigns, source, name)
        except ReleaseRefused as refusal:
            self.add_error("exclude", say(refusal))
            return {}

    def clean(self) -> dict[str, Any]:
        """Refuse a version that is published or being built, and whatever else stands in the way of a release."""
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        version = values["version"]
        values["least_annotations"] = values["least_annotations"] or 1
        # A failed build published nothing, so its version is free.
        if self.campaign.releases.exclude(state=Release.State.FAILED).filter(version=version).exists():
            raise forms.ValidationError(
                _("Version %(version)s is taken; releases never change. Choose a higher one."),
                params={"version": version},
            )
        folder = Path(settings.RELEASES_DIR).resolve() / f"{self.campaign.slug}-{version}"
        values["scope"] = scope = Scope.from_json(values)
        campaigns = campaigns_of(self.campaign, scope.also)
        problem = next(list_objections(campaigns, version, folder, scope), None)
        problem = problem or next(list_lacks(contents_now(campaigns, scope)), None)
        if problem is not None:
            raise forms.ValidationError(say(ReleaseRefused(problem)))
        return values
