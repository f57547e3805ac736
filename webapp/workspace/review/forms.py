"""The consensus on what is disputed, and on nothing else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotation.models import Case, Consensus
from annotation.rubric.schema import Rubric, localise
from webapp.wording import translate

SCORE = "score-"


class ConsensusForm(forms.Form):
    """A score for each disputed attribute, the subcategory where it is in dispute, cause and reason."""

    cause = forms.ChoiceField(label=_("Why did they differ?"), choices=Consensus.Cause, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Your reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A sentence or two, for the record."),
    )

    def __init__(self, case: Case, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rubric = case.campaign.rubric
        language = get_language() or "en"
        fields: dict[str, forms.Field] = {}
        for key in case.disputed:
            if key in rubric.by_key:
                fields[f"{SCORE}{key}"] = score_field(rubric, localise(rubric.by_key[key].name, language))
        if case.rule == Case.Rule.CATEGORY:
            fields["subcategory"] = forms.ChoiceField(label=_("Subcategory"), choices=subcategories(rubric, language))
        if case.rule == Case.Rule.FLAG:
            choices = [("keep", _("goes back into work")), ("exclude", _("is excluded from the campaign"))]
            fields["fate"] = forms.ChoiceField(label=_("The image"), choices=choices, widget=forms.RadioSelect)
            self.fields["cause"].label = capfirst(_("cause"))  # Nobody differed here.
        self.fields = fields | self.fields

    def common_fields(self) -> list[forms.BoundField]:
        """Return the fields that belong to no single attribute."""
        return [self[name] for name in self.fields if not name.startswith(SCORE)]

    def consensus(self) -> dict[str, Any]:
        """Return what `annotation.actions.reviews.review.adjudicate_case` takes."""
        values = dict(self.cleaned_data)
        scores = {name.removeprefix(SCORE): values.pop(name) for name in list(values) if name.startswith(SCORE)}
        exclude = values.pop("fate", "keep") == "exclude"
        return {**values, "scores": scores, "exclude": exclude}

    def refuse(self, errors: dict[str, str]) -> None:
        """Show the domain's errors at their fields."""
        for name, message in errors.items():
            field = name.replace("scores.", SCORE)
            self.add_error(field if field in self.fields else None, translate(message))


def score_field(rubric: Rubric, name: str) -> forms.Field:
    """Return the field for one adjudicated score, in points."""
    scale = rubric.scale
    return forms.FloatField(
        label=name,
        min_value=scale.minimum,
        max_value=scale.maximum,
        step_size=scale.step,
        widget=forms.NumberInput(attrs={"step": scale.step, "inputmode": "decimal"}),
    )


def subcategories(rubric: Rubric, language: str) -> list[Any]:
    """Return the subcategories to choose from, by category, with nothing chosen."""
    return [
        # Nothing is chosen beforehand: a first entry would win by being overlooked.
        ("", "—"),
        *(
            (
                localise(category.name, language),
                [(sub.key, localise(sub.name, language)) for sub in category.subcategories],
            )
            for category in rubric.categories
        ),
    ]
