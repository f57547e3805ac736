"""What the page of a release shows goes with its form, signed, and is what Publish does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from annotation.actions.releases.draw_up_release import Foreseen
from annotation.actions.releases.preview_release import Preview
from annotation.dataset.format.frozen import Scope
from annotation.dataset.format.typed import from_json, to_json
from annotation.errors import Conflict
from annotation.models import Campaign
from annotation.phrases import phrase

FIELD = "foreseen"
SALT = "webapp.organiser.releases.foreseen"


@dataclass(frozen=True)
class Seen:
    """What a page showed: the version and scope it was worked out for, and by what it is found again."""

    campaign: int
    version: str
    scope: Scope
    foreseen: Foreseen
    numbers: Mapping[str, Any]


def seal_foreseen(campaign: Campaign, preview: Preview) -> str:
    """Return what a page shows, signed."""
    numbers = numbers_of(preview)
    seen = Seen(campaign.pk, preview.version, preview.frozen.scope, preview.foreseen, numbers)
    return signing.dumps(to_json(seen), salt=SALT, compress=True)


def read_foreseen(text: str, campaign: Campaign, version: str, scope: Scope) -> Seen:
    """Return what a page showed. Raise Conflict where it showed something else than what is asked for."""
    try:
        seen = from_json(Seen, signing.loads(text, salt=SALT))
    except signing.BadSignature:
        seen = None
    if seen is None or (seen.campaign, seen.version, seen.scope) != (campaign.pk, version, scope):
        raise Conflict(phrase("what the release would hold has changed since it was shown; look at it again"))
    return seen


def read_numbers(text: str) -> Mapping[str, Any]:
    """Return the numbers that a page showed; none where that cannot be told."""
    try:
        numbers: Mapping[str, Any] = signing.loads(text, salt=SALT)["numbers"]
    except signing.BadSignature:
        return {}
    return numbers


def numbers_of(preview: Preview) -> dict[str, Any]:
    """Return what a page states of a release, by name."""
    return {
        "version": preview.version,
        "least": preview.frozen.scope.least_annotations,
        "listed": len(preview.frozen.scope.listed),
        "also": ", ".join(preview.frozen.scope.also),
        "rubrics": ", ".join(map(str, preview.frozen.scope.rubric_versions)),
        "images": preview.images,
        **{f"split {split}": count for split, count in preview.splits.items()},
        "counted": preview.counted,
        "excluded": len(preview.frozen.excluded),
        "held": len(preview.frozen.held),
        "licence": preview.frozen.annotations_licence,
    }


def compare_numbers(seen: Mapping[str, Any] | None, preview: Preview) -> list[tuple[str, Any, Any]]:
    """Return what the page showed and what it shows now, by label, where they differ."""
    labels = {
        "version": _("Version"),
        "least": _("Least answers that count, for an image to be in"),
        "listed": _("Images to exclude (CSV)"),
        "also": _("With the answers of"),
        "rubrics": _("Only answers by these versions of the rubric"),
        "images": _("Images"),
        "counted": _("Answers that count"),
        "excluded": _("Images that are excluded, withdrawn or held"),
        "held": _("Images held"),
        "licence": _("Licence of the annotations"),
    }
    now = numbers_of(preview)
    return [
        (labels.get(name, name.removeprefix("split ")), then, now[name])
        for name, then in (seen or {}).items()
        if name in now and then != now[name]
    ]
