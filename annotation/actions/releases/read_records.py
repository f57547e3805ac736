"""The images of a release as they are written, read from the database a hundred at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC

from django.db.models import Prefetch

from annotation.actions.ratings import imported_contents
from annotation.actions.ratings.imported_contents import consensus_of, prefills_of
from annotation.dataset.contents.aggregates import FINAL, FIRST, SENT_BACK
from annotation.dataset.contents.records import AnnotationRecord, ImageRecord, JudgementRecord
from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.write.parts import Part, plan
from annotation.models import Annotation, Arm, Case, Consensus, Image, Revision, RubricVersion
from annotation.rubric.schema import Rubric

from .contents import ReleaseContents

AT_A_TIME = 100


def parts_of(contents: ReleaseContents) -> list[Part]:
    """Cut the images, split by split, in each by SHA-256, into the parts they are written in."""
    # The order of SPLITS is not the alphabet's, so the database cannot sort by it.
    images: dict[str, list[tuple[str, str, int]]] = {split: [] for split in SPLITS}
    for split, sha256, size in contents.entries().values_list("image__split", "image__sha256", "image__byte_size"):
        images[split].append((split, sha256, size))
    in_order = (image for split in SPLITS for image in images[split])
    return plan(in_order, most_images=contents.frozen.part_images)


def read_records(contents: ReleaseContents, part: Part) -> Iterator[ImageRecord]:
    """Yield the images of a part of the release by SHA-256, in as many queries however many answers they have."""
    entries = contents.entries().filter(
        image__split=part.split, image__sha256__gte=part.first, image__sha256__lte=part.last
    )
    subcategories = dict(entries.values_list("image__sha256", "subcategory"))
    cut_off, annotations = contents.frozen.cut_off, contents.annotations()
    versions = RubricVersion.objects.in_bulk(annotations.order_by().values_list("rubric_version", flat=True).distinct())
    # What came after the cut-off would change the bytes of a build that goes on later.
    revisions = Revision.objects.filter(pk__lte=cut_off.last_revision).order_by("number")
    annotations = annotations.select_related("campaign", "annotator", "assignment__shown_prefill__model_version")
    consensuses = Consensus.objects.filter(pk__lte=cut_off.last_consensus).prefetch_related("scores")
    cases = Case.objects.filter(campaign__in=contents.campaigns)
    images = Image.objects.order_by("sha256").prefetch_related(
        Prefetch(
            "annotations",
            annotations.prefetch_related(Prefetch("revisions", revisions.prefetch_related("judgements"))),
        ),
        Prefetch("cases", cases.prefetch_related(Prefetch("consensuses", consensuses))),
        *imported_contents.imported_prefetches(contents.campaigns, cut_off),
    )
    names = list(subcategories)
    for start in range(0, len(names), AT_A_TIME):
        for image in images.filter(sha256__in=names[start : start + AT_A_TIME]):
            records = tuple(_annotation_records(image.annotations.all(), versions, contents))
            yield _image_record(image, subcategories[image.sha256], contents.rubric.rubric, records)


def _image_record(image: Image, subcategory: str, rubric: Rubric, records: tuple[AnnotationRecord, ...]) -> ImageRecord:
    """Return an image with its newest consensus and, by model, what was shown to at least one of its annotators."""
    consensuses = [consensus for case in image.cases.all() for consensus in case.consensuses.all()]
    newest = max(consensuses, key=lambda consensus: consensus.pk, default=None)
    shown_prefills = (annotation.shown_prefill for annotation in image.annotations.all())
    prefills = {prefill.model_version_id: prefill for prefill in shown_prefills if prefill}
    return ImageRecord(
        sha256=image.sha256,
        image_sha256=image.stripped_sha256,
        file_name=f"{image.sha256}.{image.extension}",
        load=image.read_stripped,
        width=image.width,
        height=image.height,
        category=rubric.subcategories[subcategory].category,
        subcategory=subcategory,
        licence=image.licence,
        author=image.author,
        source=image.source,
        title=image.title,
        note=image.note,
        group=image.split_group,
        split=image.split,
        split_reason=image.split_reason,
        annotations=records,
        consensus=newest.record(rubric.scale) if newest else consensus_of(image.importedconsensus_set.all()),
        prefills=(
            *(prefill.record() for prefill in sorted(prefills.values(), key=lambda shown: str(shown.model_version))),
            *prefills_of(image.importedprefill_set.all()),
        ),
        perceptual_hashes=tuple(image.all_hashes),
        miniature=bytes(image.miniature),
    )


def _annotation_records(
    annotations: Iterable[Annotation], versions: Mapping[int, RubricVersion], contents: ReleaseContents
) -> Iterator[AnnotationRecord]:
    """Yield each annotation's first answer, the final one where it differs, and what it became once it was sent back.

    Raters come by pseudonym, sorted.

    Whoever answered in a campaign that comes first repeats it in the next.
    """

    def place(annotation: Annotation) -> tuple[str, bool, int, int]:
        campaign = contents.campaigns.index(annotation.campaign)
        return annotation.pseudonym, annotation.repeats, campaign, annotation.pk

    campaigns: dict[str, str] = {}
    for annotation in sorted(annotations, key=place):
        rater, slug = annotation.pseudonym, annotation.campaign.slug
        repeat = campaigns.get(rater, slug) != slug or annotation.repeats
        superseded = annotation.superseded_by(contents.frozen.cut_off.at)
        # An answer outside the means does not turn the one in the next campaign into a repeat.
        if not (repeat or superseded or annotation.surplus or annotation.exposed or annotation.imported):
            campaigns.setdefault(rater, slug)
        for revision in annotation.revisions_to_publish():
            record = _annotation_record(annotation, revision, versions[annotation.rubric_version_id])
            yield replace(record, repeat=repeat, superseded=superseded)


def _annotation_record(annotation: Annotation, revision: Revision, version: RubricVersion) -> AnnotationRecord:
    assignment, prefill = annotation.assignment, annotation.shown_prefill
    arm = assignment.arm if assignment else annotation.declared_arm
    model = str(prefill.model_version) if prefill else annotation.declared_model
    first = revision.number == 1
    # In the reveal arm the first answer came before the model was shown.
    untouched = first and arm != Arm.ASSISTED
    return AnnotationRecord(
        rater=annotation.pseudonym,
        campaign=annotation.campaign.slug,
        arm=str(arm) or None,
        kind=FIRST if first else SENT_BACK if revision.kind == Revision.Kind.SENT_BACK else FINAL,
        rubric_version=str(version),
        subcategory=revision.subcategory,
        holistic=None if revision.holistic is None else revision.holistic / 100,
        seconds=revision.seconds,
        seconds_to_first_score=revision.seconds_to_first_score,
        week=revision.declared_week or "{}-W{:02}".format(*revision.created_at.astimezone(UTC).isocalendar()),
        shown_model=None if untouched else model or None,
        simulated=annotation.simulated,
        surplus=annotation.surplus,
        exposed=annotation.exposed,
        imported=annotation.imported,
        judgements={
            judgement.attribute: JudgementRecord(
                score=None if judgement.steps is None else version.rubric.scale.to_points(judgement.steps),
                critique=judgement.critique,
                language=judgement.critique_language,
                score_origin=str(judgement.score_origin),
                critique_origin=str(judgement.critique_origin),
                edit_distance=judgement.edit_distance,
                pasted=judgement.pasted,
                pins=tuple(judgement.pins),
            )
            for judgement in revision.judgements.all()
        },
    )
