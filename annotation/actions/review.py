"""Open cases by rule and settle them: a consensus beside the annotations, never over them."""

from __future__ import annotations

from collections import Counter

from annotation.models import CampaignImage, Judgement, Review, Revision

from .record import record

HOLDING = ("broken", "inappropriate", "duplicate")


def flag(entry: CampaignImage, reason: str) -> None:
    """Open a case because an annotator put the image aside for a reason that concerns everybody."""
    if reason == "wrong_category":
        open_case(entry, Review.Rule.CATEGORY, [reason])
    elif reason in HOLDING:
        entry.held = True
        entry.save(update_fields=["held"])
        open_case(entry, Review.Rule.FLAG, [reason])


def examine(entry: CampaignImage) -> Review | None:
    """Open a case when the first answers inside k lie too far apart or no subcategory has a majority."""
    campaign = entry.campaign
    inside = {"annotation__campaign": campaign, "annotation__image": entry.image_id, "annotation__surplus": False}
    first = Revision.objects.filter(number=1, annotation__assignment__repeat=False, **inside)
    chosen = Counter(first.values_list("subcategory", flat=True))
    if len(chosen) > 1 and chosen.most_common(1)[0][1] * 2 <= chosen.total():
        return open_case(entry, Review.Rule.CATEGORY, ["subcategory"])
    if campaign.review_spread is None:
        return None
    scores: dict[str, list[int]] = {}
    for attribute, steps in Judgement.objects.filter(revision__in=first).values_list("attribute", "steps"):
        scores.setdefault(attribute, []).append(steps)
    disputed = sorted(key for key, given in scores.items() if max(given) - min(given) >= campaign.review_spread)
    return open_case(entry, Review.Rule.SPREAD, disputed) if disputed else None


def open_case(entry: CampaignImage, rule: str, disputed: list[str]) -> Review:
    """Open a case on an image, or return the one that is open already."""
    review, created = Review.objects.get_or_create(
        campaign=entry.campaign,
        image=entry.image,
        state=Review.State.OPEN,
        defaults={"rule": rule, "disputed": disputed},
    )
    if created:
        details = {"rule": str(rule), "disputed": disputed}
        record(entry.campaign, "review.opened", review, by=None, content=details, details=details)
    return review
