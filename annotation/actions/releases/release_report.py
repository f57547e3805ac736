"""The report of agreement that a release carries: on the very answers inside it, and no others."""

from __future__ import annotations

from annotation.actions.agreement.inputs import annotations_counted_at, same_annotations
from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.dataset.format.frozen import UnreportedContents
from annotation.models import Release, Report

from .contents import ReleaseContents


def unreported_in(contents: ReleaseContents) -> UnreportedContents:
    """Return whose answers, and answers to which images, a report would count that the release does not hold."""
    images: set[str] = set()
    raters: set[str] = set()
    versions, cuts = contents.frozen.scope.rubric_versions, contents.frozen.cut_off.reports
    images_inside = contents.entries().order_by().values("image")
    for campaign in contents.campaigns:
        annotations = annotations_counted_at(campaign, cuts[campaign.slug]).order_by()
        if versions:
            annotations = annotations.filter(rubric_version__number__in=versions)
        images.update(annotations.exclude(image__in=images_inside).values_list("image__sha256", flat=True))
        withdrawn_annotations = annotations.filter(annotator__pseudonym__in=contents.frozen.withdrawn_raters)
        raters.update(withdrawn_annotations.values_list("annotator__pseudonym", flat=True))
    return UnreportedContents(tuple(sorted(images)), tuple(sorted(raters)))


def known_report(contents: ReleaseContents) -> Report | None:
    """Return the newest report where it is on the answers of the release, and lacks what that lacks."""
    frozen = contents.frozen
    own = contents.campaigns[0]
    newest = own.reports.on(frozen.scope.also, frozen.scope.rubric_versions, frozen.unreported.to_query()).first()
    if newest is None:
        return None
    report_cuts = {own.slug: newest.query["as_of"]}
    report_cuts |= {query["campaign"]: query for query in newest.query.get("also", ())}
    release_cuts = frozen.cut_off.reports
    agreements = (
        same_annotations(campaign, report_cuts[campaign.slug], release_cuts[campaign.slug])
        for campaign in contents.campaigns
    )
    return newest if all(agreements) else None


def attach_report(release: Release, contents: ReleaseContents) -> Report:
    """Return the report that goes into a release, and note it in the record: one that is known, else a new one."""
    # Its severities are in the parts already written, so a build that goes on keeps its report.
    if release.report is None:
        own, *other_campaigns = contents.campaigns
        release.report = known_report(contents) or measure_agreement(
            own,
            by=None,
            also=other_campaigns,
            rubric_versions=contents.frozen.scope.rubric_versions,
            cuts=contents.frozen.cut_off.reports,
            excluded=contents.frozen.unreported.to_query(),
        )
        release.save(update_fields=["report"])
    return release.report
