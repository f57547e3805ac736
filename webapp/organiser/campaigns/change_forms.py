"""The forms that change a campaign under way, each by the name its page knows it by."""

from __future__ import annotations

from functools import partial
from typing import Any

from annotation.models import Campaign
from webapp.accounts.models import User
from webapp.organiser import sent
from webapp.organiser.facts import FACTS, Facts, facts_of_form

from .clone_forms import CloneForm, DeleteForm
from .design_forms import AnnotationsPerImageForm, PrecisionForm, PresetForm, RepeatsForm
from .people_forms import DismissForm, InviteForm
from .settings_forms import CapForm, CaseSpreadForm, DescriptionForm, DrawsForm, PaceForm, SurroundForm
from .terms_forms import TermsForm

FORMS: dict[str, type[Any]] = {
    "annotations_form": AnnotationsPerImageForm,
    "preset_form": PresetForm,
    "repeats_form": RepeatsForm,
    "precision_form": PrecisionForm,
    "description_form": DescriptionForm,
    "pace_form": PaceForm,
    "case_spread_form": CaseSpreadForm,
    "draws_form": DrawsForm,
    "surround_form": SurroundForm,
    "cap_form": CapForm,
    "invite_form": InviteForm,
    "dismiss_form": DismissForm,
    "terms_form": TermsForm,
    "clone_form": CloneForm,
    "delete_form": DeleteForm,
}


def _facts(form: type[Any], campaign: Campaign, _key: str) -> Facts:
    return facts_of_form(form(campaign))


# What a page shows in these forms goes with them: `organiser.shown` refuses one whose page is behind.
for _name in FORMS.keys() - {"cap_form", "invite_form", "dismiss_form", "clone_form", "delete_form"}:
    FACTS[_name] = partial(_facts, FORMS[_name])


def _form(form: type[Any], campaign: Campaign, _user: User) -> Any:
    return form(campaign)


sent.FORMS += [partial(_form, form) for form in FORMS.values()]
