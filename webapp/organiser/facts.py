"""What the organiser's forms show of what is stored, by form: a form sent from a page that is behind is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from annotation.models import ROLE_NAMES, Assignment, Campaign, NearDuplicatePair, Release, Run, SendBack
from annotation.roles import Role


@dataclass(frozen=True)
class Fact:
    """Something a page shows beside a form: its name, the value as JSON carries it, and how people read a value."""

    label: str
    value: Any
    words: Callable[[Any], str] = str


Facts = dict[str, Fact]


def facts_of_form(form: forms.Form) -> Facts:
    """Return what the fields of a form start from, by name."""
    return {
        name: Fact(label_of(field, name), _started_from(form, name), words_of(field))
        for name, field in form.fields.items()
        if not field.widget.is_hidden
    }


def label_of(field: forms.Field, name: str) -> str:
    """Return what a field is called on its page."""
    return force_str(field.label or name)


def _started_from(form: forms.Form, name: str) -> Any:
    value = plain(form.get_initial_for_field(form.fields[name], name))
    # What was never filled in and what was emptied look alike.
    return None if value == "" else value


def plain(value: Any) -> Any:
    """Return a value as JSON carries it: rows of tables by their key."""
    return json.loads(json.dumps(value, default=lambda other: getattr(other, "pk", None) or str(other)))


def words_of(field: forms.Field) -> Callable[[Any], str]:
    """Return how a field's values are read: by the labels of its choices, where it has some."""

    def words(value: Any) -> str:
        if isinstance(field, forms.BooleanField):
            return _("yes") if value else _("no")
        labels = {str(key): str(label) for key, label in getattr(field, "choices", ())}
        return "–" if value in (None, "", []) else labels.get(str(value), str(value))

    return words


def state_of(campaign: Campaign, _key: str) -> Facts:
    """Return the campaign's state."""
    return {"state": Fact(_("State"), str(campaign.state), lambda value: str(Campaign.State(value).label))}


def people_of(campaign: Campaign, _key: str) -> Facts:
    """Return who takes part, in which roles; in none, who left."""
    members = campaign.memberships.select_related("user").order_by("user__username")
    return {member.user.username: Fact(member.user.username, sorted(member.roles), _role_names) for member in members}


def caps_of(campaign: Campaign, _key: str) -> Facts:
    """Return how many answers people may give at most."""
    rows = campaign.memberships.order_by("user__username").values_list("user__username", "cap")
    return {username: Fact(username, cap, lambda value: "–" if value is None else str(value)) for username, cap in rows}


def assignment_of(campaign: Campaign, key: str) -> Facts:
    """Return how an assignment stands."""
    return _state(_row(campaign.assignments, key, lambda row: str(row.state)), Assignment.State)


def _role_names(roles: list[str]) -> str:
    return ", ".join(str(ROLE_NAMES[Role(role)]) for role in roles) or "–"


def shown_model_of(campaign: Campaign, _key: str) -> Facts:
    """Return the model whose prefills annotators see, and the campaign's state."""
    model = str(campaign.shown_model or "")
    return {"model": Fact(_("Model shown"), model, lambda value: value or "–"), **state_of(campaign, "")}


def rubric_of(campaign: Campaign, _key: str) -> Facts:
    """Return the rubric in force."""
    return {"rubric": Fact(_("Rubric"), str(campaign.rubric_version))}


def rule_of(campaign: Campaign, _key: str) -> Facts:
    """Return the calibration and its rule."""
    calibration = campaign.calibration
    rule = calibration.rule if calibration else None
    return {
        "calibration": Fact(_("Calibration"), calibration is not None, lambda value: _("asked") if value else "–"),
        "farthest": Fact(_("Largest mean distance, in SD of the panel"), rule and rule.farthest),
        "least_rank": Fact(_("Least agreement in the order, 0 to 1"), rule and rule.least_rank),
    }


def anchors_of(campaign: Campaign, _key: str) -> Facts:
    """Return whose anchor images are compared with."""
    return {"anchors": Fact(_("Anchor images from"), str(campaign.anchors_of or ""), lambda value: value or "–")}


def standing_of(campaign: Campaign, username: str) -> Facts:
    """Return by which version of the rubric a person is calibrated."""
    version = campaign.memberships.filter(user__username=username).values_list("calibrated_for", flat=True).first()
    return {
        "standing": Fact(username or _("The panel"), version, lambda value: "–" if value is None else _("calibrated"))
    }


def thread_of(campaign: Campaign, key: str) -> Facts:
    """Return how many messages a thread has."""
    count = _row(campaign.assignments, key, lambda row: row.messages.count())
    return {"messages": Fact(_("Messages of this thread"), count)}


def requests_of(campaign: Campaign, key: str) -> Facts:
    """Return how often an answer was changed and sent back."""
    counts = _row(campaign.assignments, key, _revisions_and_requests)
    revisions, requests = counts or (0, 0)
    return {
        "revisions": Fact(_("Revisions of this answer"), revisions),
        "requests": Fact(_("Times it was sent back"), requests),
    }


def _revisions_and_requests(row: Assignment) -> tuple[int, int]:
    annotation = getattr(row, "annotation", None)
    return annotation.revisions.count() if annotation else 0, row.send_backs.count()


def request_of(campaign: Campaign, key: str) -> Facts:
    """Return how a request to look again stands."""
    rows = SendBack.objects.filter(assignment__campaign=campaign)
    return _state(_row(rows, key, lambda row: str(row.state)), SendBack.State)


def pair_of(campaign: Campaign, key: str) -> Facts:
    """Return what is known of a pair of images."""
    rows = NearDuplicatePair.objects.touching(campaign)
    return _state(_row(rows, key, lambda row: str(row.state)), NearDuplicatePair.State)


def run_of(campaign: Campaign, key: str) -> Facts:
    """Return how a run stands."""
    return _state(_row(campaign.runs, key, lambda row: str(row.state)), Run.State)


def release_of(campaign: Campaign, version: str) -> Facts:
    """Return how a release stands."""
    state = campaign.releases.filter(version=version).values_list("state", flat=True).first()
    return _state(state, Release.State)


def plans_of(campaign: Campaign, _key: str) -> Facts:
    """Return how many plans of the analysis are frozen."""
    return {"plans": Fact(_("Analysis plan"), campaign.analysis_plans.count())}


def _state(state: str | None, states: Any) -> Facts:
    return {"state": Fact(_("State"), state, lambda value: str(states(value).label) if value else "–")}


def _row(rows: Any, key: str, look: Callable[[Any], Any]) -> Any:
    try:
        row = rows.filter(pk=key).first()
    # What stands in a forged field may be no key at all.
    except (ValueError, ValidationError):
        return None
    return None if row is None else look(row)


# The forms of a campaign's page add themselves: `campaigns.change_forms`.
FACTS: dict[str, Callable[[Campaign, str], Facts]] = {
    "state": state_of,
    "people": people_of,
    "caps": caps_of,
    "assignment": assignment_of,
    "shown model": shown_model_of,
    "rubric": rubric_of,
    "rule": rule_of,
    "anchors": anchors_of,
    "standing": standing_of,
    "thread": thread_of,
    "requests": requests_of,
    "request": request_of,
    "pair": pair_of,
    "run": run_of,
    "release": release_of,
    "plans": plans_of,
}
