"""Say who may do what, and when a prefill may be shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from annotation.rubric.annotations import ShownPrefill

from .models import Arm, Assignment, Campaign, Case, Participation, Prefill
from .roles import Role

Someone = AbstractBaseUser | AnonymousUser


def has_role(user: Someone, *roles: Role) -> bool:
    """Tell whether this person is active and has one of the roles."""
    return user.is_authenticated and getattr(user, "role", "") in roles


def may_organise(user: Someone) -> bool:
    """Tell whether this person may change campaigns."""
    return has_role(user, Role.ORGANISER)


def may_audit(user: Someone) -> bool:
    """Tell whether this person may read everything."""
    return has_role(user, Role.ORGANISER, Role.AUDITOR)


def may_annotate(user: Someone, campaign: Campaign) -> bool:
    """Tell whether this person is handed work in the campaign."""
    return (
        has_role(user, Role.ANNOTATOR)
        and campaign.state == Campaign.State.OPEN
        and campaign.participations.filter(user=user.pk, active=True).exists()
    )


def lacks_consent(participation: Participation) -> bool:
    """Tell whether the person has yet to consent to the campaign's text as it stands."""
    campaign = participation.campaign
    return bool(campaign.consent_text) and participation.consented_version < campaign.consent_version


def lacks_calibration(participation: Participation) -> bool:
    """Tell whether the campaign asks for a calibration that the person has yet to pass by the rubric in force."""
    campaign = participation.campaign
    return campaign.calibration_id is not None and participation.calibrated_for_id != campaign.rubric_version_id


def may_adjudicate(user: Someone, case: Case) -> bool:
    """Tell whether this person adjudicates the case: an adjudicator to whom the image was never given."""
    given = case.image.assignments.filter(annotator=user.pk).exists()
    return has_role(user, Role.ADJUDICATOR) and not given


def may_correct(assignment: Assignment, now: datetime) -> bool:
    """Tell whether this person may still correct their own final answer."""
    finished, minutes = assignment.finished_at, assignment.campaign.correction_minutes
    final = assignment.state == Assignment.State.DONE and not assignment.superseded
    return final and finished is not None and now <= finished + timedelta(minutes=minutes)


def may_see_own_consistency(campaign: Campaign) -> bool:
    """Tell whether annotators may learn how they repeat themselves: at the end, so that repeats stay hidden."""
    return campaign.state == Campaign.State.CLOSED


def may_reveal(assignment: Assignment) -> bool:
    """Tell whether the model's answer may be shown: at once when assisted, after the commit when revealed."""
    if assignment.arm == Arm.ASSISTED:
        return True
    committed = assignment.state in (Assignment.State.COMMITTED, Assignment.State.DONE)
    return assignment.arm == Arm.REVEAL and committed


def visible_prefill(assignment: Assignment) -> Prefill | None:
    """Return the prefill this assignment's annotator may see now, if any."""
    return assignment.shown_prefill if may_reveal(assignment) else None


def visible_prefill_values(assignment: Assignment) -> ShownPrefill | None:
    """Return what the model proposes, as far as it may be seen now."""
    prefill = visible_prefill(assignment)
    if prefill is None:
        return None
    return ShownPrefill(prefill.prefilled_steps(assignment.campaign.rubric), prefill.prefilled_critiques())
