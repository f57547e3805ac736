"""The forms that change a campaign under way, each by the name its page knows it by."""

from __future__ import annotations

from typing import Any

from .clone_forms import CloneForm
from .design_forms import AnnotationsPerImageForm, PrecisionForm, PresetForm, RepeatsForm
from .people_forms import DismissForm, InviteForm
from .settings_forms import ArmsByForm, CapForm, CaseSpreadForm, DescriptionForm, PaceForm
from .terms_forms import TermsForm

FORMS: dict[str, type[Any]] = {
    "annotations_form": AnnotationsPerImageForm,
    "preset_form": PresetForm,
    "repeats_form": RepeatsForm,
    "precision_form": PrecisionForm,
    "description_form": DescriptionForm,
    "pace_form": PaceForm,
    "case_spread_form": CaseSpreadForm,
    "arms_by_form": ArmsByForm,
    "cap_form": CapForm,
    "invite_form": InviteForm,
    "dismiss_form": DismissForm,
    "terms_form": TermsForm,
    "clone_form": CloneForm,
}
