"""The forms that ask a model, and say whose prefills are shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotation.models import Campaign, ModelVersion, Run
from mlworker import registry
from mlworker.contract import PredictorError
from webapp.organiser import sent


def models_to_ask() -> list[tuple[str, str]]:
    """Return the models to choose from; those whose settings are missing come last."""

    def lacks_settings(name: str) -> bool:
        try:
            registry.version_of(name)
        except PredictorError:
            return True
        return False

    # The first is chosen beforehand, so it had better work; `fake` is the double of the tests.
    names = sorted((name for name in registry.names() if name != "fake"), key=lambda name: (lacks_settings(name), name))
    return [(name, name) for name in names]


class PrefillForm(forms.Form):
    """Which model to run."""

    model = forms.ChoiceField(
        label=_("Model"),
        # A function, so that no predictor's module is loaded before somebody opens the page.
        choices=models_to_ask,
        error_messages={"invalid_choice": _("%(value)s is not one of our models; choose one from the list.")},
    )

    def clean_model(self) -> str:
        """Refuse a model whose settings are missing, naming them."""
        model: str = self.cleaned_data["model"]
        try:
            registry.version_of(model)
        except PredictorError as error:
            raise forms.ValidationError(str(error)) from error
        return model


class ShownModelForm(forms.Form):
    """Whose prefills annotators see: one of the models that were asked here."""

    shown_model = forms.ModelChoiceField(
        ModelVersion.objects.none(), label=_("Model shown"), empty_label=_("Choose a model")
    )

    def __init__(self, campaign: Campaign, *args: Any, **options: Any) -> None:
        super().__init__(
            *args, **{"auto_id": "shown_%s", "initial": {"shown_model": campaign.shown_model_id}} | options
        )
        asked = Q(pk__in=campaign.runs.filter(kind=Run.Kind.PREFILL).values("model_version"))
        shown = Q(campaigns=campaign)
        models: Any = self.fields["shown_model"]
        models.queryset = ModelVersion.objects.filter(asked | shown).distinct()
        # Only where another can be chosen than is shown.
        self.has_choice = ModelVersion.objects.filter(asked).exclude(shown).exists()


sent.FORMS.append(lambda campaign, user: PrefillForm())
sent.FORMS.append(lambda campaign, user: ShownModelForm(campaign))
