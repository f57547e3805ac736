"""Open cases by rule: what an annotator flagged, and complete images on which people disagree; close what is moot."""

from __future__ import annotations

from collections import Counter

from annotation.actions.events.record import record_event
from annotation.models import Annotation, Assignment, CampaignImage, Case, Judgement, Revision
from annotation.models.annotations import RevisionQuerySet

from .places import update_standing

HOLDING = ("broken", "inappropriate", "duplicate")


def flag_image(entry: CampaignImage, reason: str) -> None:
    """Open a case because an annotator put the image aside for a reason that concerns everybody."""
    if reason == "wrong_category":
        open_case(entry, Case.Rule.CATEGORY, [reason])
    elif reason in HOLDING:
        open_case(entry, Case.Rule.FLAG, [reason])
        update_standing(entry)


def unflag_image(entry: CampaignImage, reason: str) -> None:
    """Take back what an annotator flagged by a skip that is taken back; a case that nothing else led to is closed.

    What was decided on it stays. Call it with the image's row locked.
    """
    rule = Case.Rule.CATEGORY if reason == "wrong_category" else Case.Rule.FLAG
    if reason != "wrong_category" and reason not in HOLDING:
        return
    rows = Case.objects.filter(campaign=entry.campaign_id, image=entry.image_id, rule=rule, state=Case.State.OPEN)
    case = rows.select_for_update(of=("self",), no_key=True).first()
    skips = Assignment.objects.filter(campaign=entry.campaign_id, image=entry.image_id, state=Assignment.State.SKIPPED)
    others_say_so = skips.filter(skip_reason=reason).exists()
    if case is None or others_say_so or reason not in case.disputed:
        return
    case.disputed = [each for each in case.disputed if each != reason]
    verb, details = "case.narrowed", {"disputed": case.disputed}
    if not case.disputed:
        case.state, case.disputed = Case.State.CLOSED, [reason]
        verb, details = "case.closed", {"reason": "skip taken back"}
    case.save(update_fields=["state", "disputed"])
    record_event(entry.campaign, verb, case, by=None, content=details, details=details)
    update_standing(entry)


def first_revisions(entry: CampaignImage) -> RevisionQuerySet:
    """Return the first answers that count for the image."""
    annotations = Annotation.objects.filter(campaign=entry.campaign_id, image=entry.image_id).counted()
    return Revision.objects.filter(number=1, annotation__in=annotations)


def examine_image(entry: CampaignImage) -> Case | None:
    """Open a case when the first answers inside k lie too far apart or no subcategory has a majority."""
    campaign, first = entry.campaign, first_revisions(entry)
    chosen = Counter(first.values_list("subcategory", flat=True))
    # Exactly half of the votes is no majority: the others may all be for one other subcategory.
    if len(chosen) > 1 and chosen.most_common(1)[0][1] * 2 <= chosen.total():
        return open_case(entry, Case.Rule.CATEGORY, ["subcategory"])
    if campaign.case_spread is None:
        return None
    scores: dict[str, list[int]] = {}
    for attribute, steps in Judgement.objects.filter(revision__in=first).values_list("attribute", "steps"):
        if steps is not None:
            scores.setdefault(attribute, []).append(steps)
    disputed = sorted(key for key, given in scores.items() if max(given) - min(given) >= campaign.case_spread)
    return open_case(entry, Case.Rule.SPREAD, disputed) if disputed else None


def open_case(entry: CampaignImage, rule: str, disputed: list[str]) -> Case:
    """Open a case on an image, or return the one that is open already by the same rule.

    A case of another rule stays by itself, as deciding one decides nothing of the other.
    """
    case, created = Case.objects.get_or_create(
        campaign=entry.campaign,
        image=entry.image,
        rule=rule,
        state=Case.State.OPEN,
        defaults={"disputed": disputed},
    )
    if created:
        details = {"rule": str(rule), "disputed": disputed}
        record_event(entry.campaign, "case.opened", case, by=None, content=details, details=details)
    elif rule == Case.Rule.FLAG and not set(disputed) <= set(case.disputed):
        # Scores that are disputed stay as they were when the case was opened; a further reason to hold is heard too.
        case.disputed = [*case.disputed, *(reason for reason in disputed if reason not in case.disputed)]
        case.save(update_fields=["disputed"])
        details = {"disputed": case.disputed}
        record_event(entry.campaign, "case.widened", case, by=None, content=details, details=details)
    return case


def close_cases(entry: CampaignImage, reason: str) -> None:
    """Close what is open about an image that nobody is to look at any more; call it with the image's row locked."""
    rows = Case.objects.filter(campaign=entry.campaign_id, image=entry.image_id, state=Case.State.OPEN)
    for case in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
        case.state = Case.State.CLOSED
        case.save(update_fields=["state"])
        details = {"reason": reason}
        record_event(entry.campaign, "case.closed", case, by=None, content=details, details=details)
