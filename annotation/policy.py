"""Who may do what, and when a prefill may be shown.

Every action that a person can start begins with `require`. Where nobody is named (`by=None`) the command line or the
system itself acts, and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from annotation.rubric.annotations import ShownPrefill

from .errors import NotAllowed
from .models import Arm, Assignment, Campaign, Case, Image, Membership, NearDuplicatePair, Prefill, SendBack
from .models.visibility import any_of
from .roles import ADJUDICATE, ADMINISTRATORS, ANNOTATE, AUDIT, JUDGE, ORGANISE, Role, Roles, is_administrator

Someone = AbstractBaseUser | AnonymousUser


def require(may: Callable[..., bool], by: Someone | None, *subject: Any) -> None:
    """Raise NotAllowed unless this person may, such as `require(may_organise, by, campaign)`; nobody named passes."""
    if by is not None and not may(by, *subject):
        raise NotAllowed(f"{by}: {may.__name__} says no")


def has_role(user: Someone, campaign: Campaign, roles: Roles) -> bool:
    """Tell whether this person is active and has one of the roles in the campaign."""
    return Campaign.objects.in_which(user, roles).filter(pk=campaign.pk).exists()


def roles_anywhere(user: Someone) -> Roles:
    """Return the roles this person has in one campaign or another."""
    if not user.is_active:
        return frozenset()
    rows = Membership.objects.filter(any_of(frozenset(Role)), user=user.pk)
    roles = frozenset[Role]().union(*(membership.roles for membership in rows))
    # An administrator reads everything, and so judges nothing, whatever an older membership says.
    return (roles | ADMINISTRATORS) - JUDGE if is_administrator(user) else roles


def may_administer(user: Someone) -> bool:
    """Tell whether this person runs the installation: makes campaigns, and does in each what its organisers do."""
    return is_administrator(user)


def may_export(user: Someone, person: Someone) -> bool:
    """Tell whether this person may take along what is kept of somebody: their own, or anybody's as an administrator."""
    return may_administer(user) or bool(user.is_active and user.pk == person.pk)


def may_organise(user: Someone, *campaigns: Campaign) -> bool:
    """Tell whether this person may change the campaigns, each of them."""
    return all(has_role(user, campaign, ORGANISE) for campaign in campaigns)


def may_decide_pair(user: Someone, campaign: Campaign, pair: NearDuplicatePair) -> bool:
    """Tell whether this person organises the campaign, and what else the pair's images are in."""
    pairs = NearDuplicatePair.objects.touching(campaign).decided_by(user)
    return may_organise(user, campaign) and pairs.filter(pk=pair.pk).exists()


def may_withdraw(user: Someone, image: Image) -> bool:
    """Tell whether this person may withdraw an image, which takes it out of every campaign it is in."""
    campaigns = image.campaigns.kept()
    # Left over from a deleted draft, it is nobody's but the installation's.
    return may_organise(user, *campaigns) if campaigns else may_administer(user)


def may_audit(user: Someone, campaign: Campaign) -> bool:
    """Tell whether this person may read everything in the campaign, and compute its figures again."""
    return has_role(user, campaign, AUDIT)


def may_edit_rubric(user: Someone, rubric: str) -> bool:
    """Tell whether this person may draft and publish versions of a rubric: who organises a campaign that goes by it."""
    # A rubric that no campaign goes by yet has no organiser, and somebody has to word it.
    if is_administrator(user):
        return True
    return Campaign.objects.in_which(user, ORGANISE).filter(rubric_version__slug=rubric).exists()


def may_take_part(user: Someone, campaign: Campaign) -> bool:
    """Tell whether this person annotates in the campaign, whether or not work is handed out now."""
    return has_role(user, campaign, ANNOTATE)


def may_annotate(user: Someone, campaign: Campaign) -> bool:
    """Tell whether this person is handed work in the campaign."""
    return campaign.state == Campaign.State.OPEN and may_take_part(user, campaign)


def is_annotator(membership: Membership) -> bool:
    """Tell the same as `may_take_part` by a membership that is at hand, locked, with its person."""
    return membership.annotator and membership.user.is_active and not is_administrator(membership.user)


def is_handed_work(membership: Membership) -> bool:
    """Tell the same as `may_annotate` by a membership that is at hand, locked, with its person and campaign."""
    return membership.campaign.state == Campaign.State.OPEN and is_annotator(membership)


def may_be_simulated(user: Someone, campaign: Campaign) -> bool:
    """Tell whether a program may answer in this person's name: never for people, and in demos only."""
    # Both, so that neither a demo with real people nor a slip of a flag fills a study with made-up answers.
    return campaign.is_demo and bool(getattr(user, "simulated", False))


def may_check_viewing(user: Someone) -> bool:
    """Tell whether this person judges images anywhere, so that their screen matters."""
    return not ANNOTATE.isdisjoint(roles_anywhere(user))


def lacks_consent(membership: Membership) -> bool:
    """Tell whether the person has yet to consent to the campaign's text as it stands."""
    campaign = membership.campaign
    # By version: consent to an older text is none to what was added since.
    return bool(campaign.consent_text) and membership.consented_version < campaign.consent_version


def lacks_calibration(membership: Membership) -> bool:
    """Tell whether the campaign asks for a calibration that the person has yet to pass by the rubric in force."""
    campaign = membership.campaign
    # By version too: who passed by other definitions has not shown how they use these.
    return campaign.calibration_id is not None and membership.calibrated_for_id != campaign.rubric_version_id


def may_adjudicate(user: Someone, case: Case) -> bool:
    """Tell whether this person adjudicates the case: an adjudicator to whom the image was never assigned."""
    # In any campaign and state: to have looked at it as an annotator is to have an opinion already.
    assigned = case.image.assignments.filter(annotator=user.pk).exists()
    return has_role(user, case.campaign, ADJUDICATE) and not assigned


def may_send_back(user: Someone, assignment: Assignment, case: Case | None) -> bool:
    """Tell whether this person may ask for an annotation to be looked at again, from a case of its image or at all."""
    if case is None:
        return may_organise(user, assignment.campaign)
    is_of_case = (case.campaign_id, case.image_id) == (assignment.campaign_id, assignment.image_id)
    return is_of_case and may_adjudicate(user, case)


def may_withdraw_send_back(user: Someone, send_back: SendBack) -> bool:
    """Tell whether this person may withdraw the request: an organiser, or the adjudicator who made it."""
    if may_organise(user, send_back.assignment.campaign):
        return True
    case = send_back.case
    return case is not None and send_back.author_id == user.pk and may_adjudicate(user, case)


def may_correct(assignment: Assignment, now: datetime) -> bool:
    """Tell whether this person may still correct their own final answer, by the time or because it was sent back."""
    finished, minutes = assignment.finished_at, assignment.campaign.correction_minutes
    if assignment.state != Assignment.State.DONE or assignment.superseded or finished is None:
        return False
    return now <= finished + timedelta(minutes=minutes) or assignment.send_backs.waiting().exists()


def may_see_own_consistency(campaign: Campaign) -> bool:
    """Tell whether annotators may learn how they repeat themselves: at the end, so that repeats stay hidden."""
    return campaign.state == Campaign.State.CLOSED


def may_reveal(assignment: Assignment) -> bool:
    """Tell whether the model's prefill may be shown: at once when assisted, after the commit when revealed."""
    if assignment.arm == Arm.ASSISTED:
        return True
    # By what is stored, never by what the page says: a page can be asked to say anything.
    is_committed = assignment.state in (Assignment.State.COMMITTED, Assignment.State.DONE)
    return assignment.arm == Arm.REVEAL and is_committed


def visible_prefill(assignment: Assignment) -> Prefill | None:
    """Return the prefill this assignment's annotator may see now, if any."""
    return assignment.shown_prefill if may_reveal(assignment) else None


def visible_prefill_values(assignment: Assignment) -> ShownPrefill | None:
    """Return what the model's prefill says, as far as it may be seen now."""
    prefill = visible_prefill(assignment)
    if prefill is None:
        return None
    return ShownPrefill(prefill.prefilled_steps(assignment.campaign.rubric), prefill.prefilled_critiques())
