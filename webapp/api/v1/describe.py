"""Rows as JSON: exactly what the person who asks may know, and no more."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from annotation import policy
from annotation.actions.assignments import calibrate
from annotation.actions.assignments.compare import Level
from annotation.actions.rubrics.change_rubric import net_edits
from annotation.design import calibration as arithmetic
from annotation.images.tiles import OVERLAP, TILE_SIZE, levels
from annotation.models import Assignment, Campaign, Image, Message, Prefill, Revision, RubricVersion, Run, SendBack
from annotation.rubric.schema import Scale
from webapp.organiser.rubrics import wording


def assignment(row: Assignment) -> dict[str, Any]:
    """Describe an assignment to its annotator.

    Before the commit nothing tells a blind assignment from one that will reveal: the arm is in no response.
    """
    annotation = getattr(row, "annotation", None) if row.committed_at else None
    revisions = annotation.revisions.order_by("number").prefetch_related("judgements") if annotation else []
    contents = [revision_content(revision, row.campaign.rubric.scale) for revision in revisions]
    return {
        "id": str(row.pk),
        "campaign": row.campaign.slug,
        # A lease that ended is nothing the annotator has to know of: their answer is still taken, and `surplus` says so
        # of one that came too late to count.
        "state": "open" if row.state == Assignment.State.RETURNED else str(row.state),
        "surplus": row.surplus,
        "image": image(row.image),
        "lease_until": row.lease_until.isoformat(),
        "draft": row.draft,
        "draft_version": row.draft_version,
        "first_revision": contents[0] if contents else None,
        "final_revision": contents[-1] if contents and policy.may_correct(row, timezone.now()) else None,
        "sent_back": sent_back(row.send_backs.waiting().first()) if row.state == Assignment.State.DONE else None,
        "earlier_annotation": None if row.is_new else earlier_annotation(row),
        "feedback": feedback(row),
        "messages": [] if row.is_new else [message(entry) for entry in row.messages.select_related("assignment")],
        # Only the policy decides this: a prefill sent early would reach the browser, shown or not.
        "prefill": shown_prefill(policy.visible_prefill(row), row.campaign),
    }


def outcome(row: Assignment) -> dict[str, Any]:
    """Describe what became of an assignment by an annotation, to a page that has gone on to the next image."""
    return {"id": str(row.pk), "state": str(row.state), "surplus": row.surplus, "feedback": feedback(row)}


def news(campaign: Campaign, draft: Any = None) -> dict[str, Any]:
    """Describe what has changed since the page was opened: a campaign that rests, another version of the rubric."""
    told: dict[str, Any] = {}
    if campaign.state != Campaign.State.OPEN:
        told["campaign_state"] = str(campaign.state)
    version = campaign.rubric_version.number
    if isinstance(draft, dict) and draft.get("rubric_version", version) != version:
        told["rubric_version"] = version
    return told


def rubric_changes(campaign: Campaign, since: int) -> list[dict[str, Any]]:
    """Describe how the rubric in force differs from an earlier version, in the page's language where it has both."""
    current = campaign.rubric_version
    before = RubricVersion.objects.published().filter(slug=current.slug, number=since).first()
    if before is None or before.number >= current.number:
        return []
    edits = net_edits(before, current)
    language = get_language() or "en"
    rows = list(zip(edits, wording.rows(edits, before.content, current.content, language), strict=True))
    # Told in the language of whoever reads it; in the other one only where nothing else says that the part changed.
    told = [(edit, row) for edit, row in rows if not edit.path.endswith(tuple({".en", ".zh-hans"} - {f".{language}"}))]
    parts = {part_of(edit.path) for edit, _row in told}
    told += [(edit, row) for edit, row in rows if part_of(edit.path) not in parts]
    return [
        {"part": part_of(edit.path), "label": row.label, "before": row.before, "after": row.after} for edit, row in told
    ]


def part_of(path: str) -> str:
    """Return the part of the form that an edit of the rubric is in; "" where it is in no single one."""
    first, _dot, rest = path.partition(".")
    return {"attributes": rest.partition(".")[0], "categories": "subcategory"}.get(first, "")


def feedback(row: Assignment) -> dict[str, Any] | None:
    """Describe how an annotation of an anchor lies to the panel's, once it is stored; None for all other images."""
    if row.state != Assignment.State.DONE or not row.campaign.is_calibration:
        return None
    calibration, person = row.campaign.calibrates, row.annotator_id
    own_scores, panel_scores = calibrate.own_scores(calibration, person), calibrate.panel_reference(calibration, person)
    comparisons = arithmetic.compare(own_scores, panel_scores, row.campaign.rubric.scale.step).get(row.image_id)
    if not comparisons:
        return None
    ranks = arithmetic.ranks(own_scores, panel_scores)
    return {
        "judged": len(ranks),
        "anchors": len(panel_scores),
        "ranks": dict(zip(("own", "panel"), ranks[row.image_id], strict=True)),
        "attributes": {
            key: {
                "own": comparison.own,
                "panel": list(comparison.panel),
                "mean": round(comparison.mean, 2),
                "distance": round(comparison.distance, 2),
            }
            for key, comparison in comparisons.items()
        },
    }


def message(row: Message) -> dict[str, Any]:
    """Describe a message of the thread between an annotator and the organisers; organisers go without a name."""
    return {"mine": row.is_question, "text": row.text, "at": row.created_at.isoformat()}


def sent_back(row: SendBack | None) -> dict[str, Any] | None:
    """Describe a request to look at one's own annotation again; whoever made it goes without a name."""
    return None if row is None else {"text": row.text, "at": row.created_at.isoformat()}


def earlier_annotation(row: Assignment) -> dict[str, Any] | None:
    """Describe the person's own annotation from before a semantic change of the rubric, with its version."""
    earlier = row.earlier()
    if earlier is None or not hasattr(earlier, "annotation"):
        return None
    revision = earlier.annotation.revisions.order_by("number").last()
    if revision is None:
        return None
    version = earlier.annotation.rubric_version
    return {"rubric_version": version.number, **revision_content(revision, version.rubric.scale)}


def image(row: Image) -> dict[str, Any]:
    """Describe an image by where it is served and its size, and by nothing that might sway a judgement."""
    # By number, never by file name: a name can give away the artist or the source.
    urls = {size: reverse("image", args=[row.pk, size]) for size in ("display", "thumbnail", "full")}
    return urls | {"id": row.pk, "width": row.width, "height": row.height, "tiles": tiles(row)}


def anchor(level: Level) -> dict[str, Any]:
    """Describe an anchor image with the mean of its panel's scores in points, and of how many people."""
    panel = {"subcategory": level.subcategory, "scores": level.scores, "raters": level.raters}
    return {"image": image(level.image), **panel}


def tiles(row: Image) -> dict[str, Any] | None:
    """Describe a large image's tiles: the address of tile 0, 0 of level 0, their size, overlap, how many levels."""
    if not row.tiles:
        return None
    return {
        "url": reverse("tile", args=[row.pk, 0, 0, 0]),
        "size": TILE_SIZE,
        "overlap": OVERLAP,
        "levels": levels(row.width, row.height),
    }


def shown_prefill(prefill: Prefill | None, campaign: Campaign) -> dict[str, Any] | None:
    """Describe a model's prefill, its scores on the rubric's scale."""
    if prefill is None:
        return None
    scale = campaign.rubric.scale
    return {
        "model": str(prefill.model_version),
        "scores": {
            key: None if steps is None else scale.to_points(steps)
            for key, steps in prefill.prefilled_steps(campaign.rubric).items()
        },
        "critiques": prefill.prefilled_critiques(),
        "overall": prefill.score,
        "distribution": prefill.distribution,
    }


def revision_content(revision: Revision, scale: Scale) -> dict[str, Any]:
    """Describe a revision of an annotation in the form in which annotations are sent."""
    return {
        "subcategory": revision.subcategory,
        # Stored in hundredths, as whole numbers compare exactly.
        "holistic": revision.holistic / 100,
        "judgements": {
            judgement.attribute: {
                "score": scale.to_points(judgement.steps),
                "critique": judgement.critique,
                "language": judgement.critique_language,
                "score_origin": str(judgement.score_origin),
                "critique_origin": str(judgement.critique_origin),
                "pasted": judgement.pasted,
                "pins": judgement.pins,
            }
            for judgement in revision.judgements.all()
        },
    }


def progress(campaign: Campaign, user: AbstractBaseUser | AnonymousUser) -> dict[str, int]:
    """Describe how many images this person has judged of those they could judge."""
    return campaign.entries.progress_of(user, campaign)


def run(row: Run) -> dict[str, Any]:
    """Describe a run with its counts by state, and what it took."""
    facts = {"id": row.pk, "kind": str(row.kind), "model": str(row.model_version)}
    return {**facts, "state": str(row.state), "shadow": row.shadow, **row.counts(), **row.spent()}
