"""The forms that change a campaign under way, each by the name its page knows it by."""

from __future__ import annotations

from typing import Any

from .clone_forms import CloneForm
from .design_forms import AnnotationsPerImageForm, PrecisionForm, PresetForm, RepeatsForm
from .people_forms import DismissForm, InviteForm
from .terms_forms import TermsForm

FORMS: dict[str, type[Any]] = {
    "annotations_form": AnnotationsPerImageForm,
    "preset_form": PresetForm,
    "repeats_form": RepeatsForm,
    "precision_form": PrecisionForm,
    "invite_form": InviteForm,
    "dismiss_form": DismissForm,
    "terms_form": TermsForm,
    "clone_form": CloneForm,
}
