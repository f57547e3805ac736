"""What a release states about itself, as it was when its record was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from importlib.metadata import version as installed

from django.conf import settings

from annotation.dataset.contents.aggregates import WHICH_COUNT
from annotation.dataset.format.facts import PreviousRelease, ReleaseFacts, StatedScope, program
from annotation.models import Release, RubricVersion

from .contents import ReleaseContents


def state_facts(release: Release, contents: ReleaseContents) -> ReleaseFacts:
    """Return what a release states beside its rows, the figures of its report included."""
    frozen, report, rubric = contents.frozen, release.report, contents.rubric
    # Another pyarrow may write other bytes from the same rows.
    engine = {"connoisseur": settings.VERSION, "writer": program(), "pyarrow": installed("pyarrow")}
    other_versions = RubricVersion.objects.filter(slug=rubric.slug, number__in=frozen.other_rubrics).order_by("number")
    # A plan may name people and images, and a release must not name those that are gone.
    hidden_names = {*frozen.withdrawn_raters, *(image.sha256 for image in frozen.excluded)}
    plan = report.stated_plan(hidden_names) if report else None
    statement = frozen.stated_fields() | {"protocol": replace(frozen.protocol, analysis_plan=plan)}
    return ReleaseFacts(
        **statement,
        campaign=release.campaign.slug,
        version=release.version,
        released_at=release.released_at.astimezone(UTC).isoformat(),
        is_demo=release.is_demo,
        rubric_name=str(rubric),
        rubric=rubric.content,
        rubric_sha256=rubric.content_hash,
        scope=StatedScope(
            campaign=release.campaign.slug,
            also=frozen.scope.also,
            rubric_versions=frozen.scope.rubric_versions,
            annotations=WHICH_COUNT,
            least_annotations=frozen.scope.least_annotations,
            excluded=frozen.excluded,
        ),
        engine=engine | ({"agreement": report.engine_version} if report else {}),
        event_head=release.event_head,
        agreement=report.figures if report else {},
        previous=PreviousRelease(frozen.previous.version, frozen.previous.manifest_sha256) if frozen.previous else None,
        other_rubrics={str(version): version.content for version in other_versions},
        doi=frozen.scope.doi,
    )
