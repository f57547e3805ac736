"""The form that asks a model."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

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


sent.FORMS.append(lambda campaign, user: PrefillForm())
