"""Read from the database what a release holds, image by image, a hundred at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version as installed
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from annotation.actions.ratings import imported_contents
from annotation.actions.ratings.imported_contents import consensus_of, prefills_of
from annotation.dataset.contents.aggregates import FINAL, FIRST
from annotation.dataset.contents.benchmarks import lists_in
from annotation.dataset.contents.records import (
    AnswerRecord,
    ConsensusRecord,
    ImageRecord,
    JudgementRecord,
    PrefillRecord,
)
from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.format.facts import ReleaseFacts, program
from annotation.dataset.write.parts import Part, plan
from annotation.models import (
    Annotation,
    Arm,
    Campaign,
    CampaignImage,
    Case,
    Consensus,
    Image,
    Prefill,
    Release,
    Report,
    Revision,
    RubricVersion,
    Withdrawal,
)
from annotation.models.annotations import AnnotationQuerySet
from annotation.rubric.schema import Rubric

from .scope import Query, campaigns_of, moment_of, other_rubrics_of, rubric_of, slugs_of

AT_A_TIME = 100


def counted(campaign: Campaign, query: Query) -> AnnotationQuerySet:
    """Return the annotations whose first answers enter the means of the release with this query."""
    annotations = of_release(campaign, query).filter(revisions__number=1, revisions__pk__lte=query["last_revision"])
    slugs = slugs_of(campaign, query)
    for place, slug in enumerate(slugs[1:], 1):
        theirs = of_release(campaign, query).inside(moment_of(query)).filter(campaign__slug__in=slugs[:place])
        before = Exists(theirs.filter(annotator=OuterRef("annotator"), image=OuterRef("image")))
        annotations = annotations.exclude(before, campaign__slug=slug)
    return annotations.inside(moment_of(query)).untouched_by_model()


def of_release(campaign: Campaign, query: Query) -> AnnotationQuerySet:
    """Return the annotations of the release's campaigns and rubric versions but those of people who had withdrawn.

    What was withdrawn later is still in, so that an old record gives the same bytes.
    """
    slugs, versions = slugs_of(campaign, query), query.get("rubric_versions")
    annotations = Annotation.objects.filter(Q(campaign__slug__in=slugs) if slugs[1:] else Q(campaign=campaign))
    if versions:
        annotations = annotations.filter(rubric_version__number__in=versions)
    return annotations.exclude(annotator__pseudonym__in=query["people_left_out"])


def all_entries(campaign: Campaign, query: Query) -> QuerySet[CampaignImage]:
    """Return the images of the release's campaigns, each once, as it is in the first campaign that has it."""
    slugs = slugs_of(campaign, query)
    first = Q(campaign=campaign)
    for place, slug in enumerate(slugs[1:], 1):
        taken = CampaignImage.objects.filter(campaign__slug__in=slugs[:place]).values("image")
        first |= Q(campaign__slug=slug) & ~Q(image__in=taken)
    return CampaignImage.objects.filter(first)


def entries(campaign: Campaign, query: Query) -> QuerySet[CampaignImage]:
    """Return the images of the release's campaigns that have enough answers that count, but those left out."""
    answered = counted(campaign, query).order_by().values("image").annotate(answers=Count("pk"))
    enough = answered.filter(answers__gte=query.get("least_answers", 1))
    there = all_entries(campaign, query).filter(image__in=enough.values("image"))
    return there.exclude(image__sha256__in=query["left_out"])


def placed(campaign: Campaign, query: Query) -> QuerySet[CampaignImage]:
    """Return the images of a release: its `entries` but those held back, which may get a split later, by SHA-256."""
    held_back = [image["sha256"] for image in query["held_back"]]
    there = entries(campaign, query).exclude(image__split="").exclude(image__sha256__in=held_back)
    return there.order_by("image__sha256")


def other_rubrics(campaign: Campaign, query: Query) -> list[int]:
    """Return the versions, beside the one in force, that answers to the images of a release go by."""
    inside = placed(campaign, query).values("image")
    given = of_release(campaign, query).filter(image__in=inside)
    numbers = given.order_by("rubric_version__number").values_list("rubric_version__number", flat=True).distinct()
    return [number for number in numbers if number != query["rubric"]]


def facts(release: Release) -> ReleaseFacts:
    """Return what the release states about itself, as it was when its record was made."""
    campaign, query, report = release.campaign, release.query, release.report
    rubric = rubric_of(campaign, query)
    engine = {"connoisseur": settings.VERSION, "writer": program(), "pyarrow": installed("pyarrow")}
    stated = {
        "campaign": campaign.slug,
        "title": query["title"],
        "description": query["description"],
        "version": release.version,
        "released_at": release.released_at.astimezone(UTC).isoformat(),
        "is_demo": release.is_demo,
        "rubric_name": str(rubric),
        "rubric": rubric.content,
        "rubric_sha256": rubric.content_hash,
        "answers_per_image": query["answers_per_image"],
        "scope": {
            "campaign": campaign.slug,
            "also": query.get("also", []),
            "rubric_versions": query.get("rubric_versions", []),
            "answers": query["answers"],
            "least_answers": query["least_answers"],
            "excluded": query["excluded"],
        },
        "seed": query["seed"],
        "engine": engine | ({"agreement": report.engine_version} if report else {}),
        "event_head": release.event_head,
        "agreement": report.figures if report else {},
        "without_answers": query["without_answers"],
        "held": [{"sha256": one["sha256"], "would_connect": one["would_tie"]} for one in query["held_back"]],
        "connected": query["tied"],
        "near_duplicate_pairs": query.get("near_duplicate_pairs", {}),
        "rejected_pairs": query.get("told_apart", []),
        "embeddings": query.get("embeddings", {}),
        "protocol": query["protocol"] | _plan(report, query),
        "withdrawn": query["withdrawn"],
        "benchmarks": query["benchmarks"],
        "previous": query["previous"],
        "other_rubrics": {name: version.content for name, version in other_rubrics_of(campaign, query).items()},
        "annotations_licence": query.get("annotations_licence", ""),
        "statements": query.get("statements", {}),
        "doi": query.get("doi", ""),
    }
    return ReleaseFacts.from_json(stated)


def _plan(report: Report | None, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the analysis plan of the report in the release, and in what it departs; whoever withdrew is not named."""
    number = report.query.get("plan") if report else None
    if report is None or number is None:
        return {}
    plan = report.campaign.analysis_plans.get(number=number)
    gone = {*query["people_left_out"], *query["left_out"]}
    named = {
        what: {who: why for who, why in reasons.items() if who not in gone}
        for what, reasons in plan.content["exclusions"].items()
    }
    stated = {"number": number, "frozen_on": plan.frozen_at.astimezone(UTC).date().isoformat(), **plan.content}
    departures = [row["field"] for row in report.query["departures"]]
    return {"analysis_plan": stated | {"exclusions": named, "departures": departures}}


def about(campaign: Campaign, query: Query, previous: Release | None) -> dict[str, Any]:
    """Return what a release tells of how its campaigns were run, to be kept in its record."""
    first, *further = campaigns_of(campaign, tuple(query.get("also", ())))
    protocol = _protocol(first) | ({"also": {one.slug: _protocol(one) for one in further}} if further else {})
    return {
        "protocol": protocol,
        "withdrawn": tombstones([first, *further]),
        "benchmarks": [
            {"title": benchmark.title, "images": len(benchmark.names), "sha256": benchmark.sha256}
            for benchmark in lists_in(settings.BENCHMARKS_DIR)
        ],
        "previous": {
            "version": previous.version,
            "manifest_sha256": previous.manifest_hash,
            "folder": previous.folder,
        }
        if previous
        else {},
    }


def _protocol(campaign: Campaign) -> dict[str, Any]:
    told = [
        "annotations_licence",
        "preset",
        "arms_by",
        "repeat_share",
        "repeat_gap_days",
        "daily_cap",
        "case_spread",
        "consent_version",
        "consent_text",
        "precision_target",
        "most_answers_per_image",
    ]
    scale = campaign.rubric.scale
    protocol = {name: getattr(campaign, name) for name in told} | {"shares": campaign.shares}
    if campaign.case_spread is not None:
        protocol["case_spread"] = f"{scale.to_points(campaign.case_spread):g} points"
    return {name: str(value) if isinstance(value, str) else value for name, value in protocol.items()}


def tombstones(campaigns: Iterable[Campaign]) -> list[dict[str, str]]:
    """Return what was withdrawn from these campaigns, each image and person once."""
    withdrawals = Withdrawal.objects.filter(campaign__in=campaigns).select_related("image", "person")
    return list({row["id"]: row for row in map(_tombstone, withdrawals)}.values())


def _tombstone(withdrawal: Withdrawal) -> dict[str, str]:
    person = getattr(withdrawal.person, "pseudonym", "")
    return {
        "what": "image" if withdrawal.image else "rater",
        "id": withdrawal.image.sha256 if withdrawal.image else person,
        "withdrawn_on": withdrawal.withdrawn_at.astimezone(UTC).date().isoformat(),
        "reason": str(withdrawal.reason),
    }


def parts(release: Release) -> list[Part]:
    """Cut the release's images, split by split, in each by SHA-256, into the parts they are written in."""
    rows = placed(release.campaign, release.query)
    places: dict[str, list[tuple[str, str, int]]] = {split: [] for split in SPLITS}
    for split, sha256, size in rows.values_list("image__split", "image__sha256", "image__byte_size"):
        places[split].append((split, sha256, size))
    return plan((image for split in SPLITS for image in places[split]), most_images=release.query["part_images"])


def records(release: Release, part: Part) -> Iterator[ImageRecord]:
    """Return the images of a part of the release by SHA-256."""
    rows = placed(release.campaign, release.query).filter(
        image__split=part.split, image__sha256__gte=part.first, image__sha256__lte=part.last
    )
    subcategories = dict(rows.values_list("image__sha256", "subcategory"))
    given = of_release(release.campaign, release.query).order_by()
    versions = RubricVersion.objects.in_bulk(given.values_list("rubric_version", flat=True).distinct())
    slugs, rubric = slugs_of(release.campaign, release.query), rubric_of(release.campaign, release.query).rubric
    for some in batches(list(subcategories), AT_A_TIME):
        for image in _with_answers(release, some):
            answers = tuple(_answers(image.annotations.all(), versions, release.query, slugs))
            yield _record(image, subcategories[image.sha256], rubric, answers)


def _record(image: Image, subcategory: str, rubric: Rubric, answers: tuple[AnswerRecord, ...]) -> ImageRecord:
    return ImageRecord(
        sha256=image.sha256,
        image_sha256=image.stripped_sha256,
        file_name=f"{image.sha256}.{image.extension}",
        load=partial(_image, image),
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
        answers=answers,
        consensus=_consensus(image.cases.all(), rubric) or consensus_of(image.importedconsensus_set.all()),
        prefills=(*_shown_prefills(image.annotations.all()), *prefills_of(image.importedprefill_set.all())),
        perceptual_hashes=tuple(image.all_hashes),
        miniature=bytes(image.miniature),
    )


def batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Cut a sequence into pieces of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _with_answers(release: Release, images: Iterable[str]) -> Iterable[Image]:
    """Return these images with the release's answers to them, in as many queries however many they are."""
    revisions = Revision.objects.filter(pk__lte=release.query["last_revision"]).order_by("number")
    annotations = (
        of_release(release.campaign, release.query)
        .select_related("campaign", "annotator", "assignment__shown_prefill__model_version")
        .prefetch_related(Prefetch("revisions", revisions.prefetch_related("judgements")))
    )
    adjudicated = Consensus.objects.filter(pk__lte=release.query["last_consensus"]).prefetch_related("scores")
    cases = Case.objects.filter(campaign__slug__in=slugs_of(release.campaign, release.query))
    cases = cases.prefetch_related(Prefetch("consensuses", adjudicated))
    found = Image.objects.filter(sha256__in=images).order_by("sha256")
    given = Prefetch("annotations", annotations), Prefetch("cases", cases)
    return found.prefetch_related(
        *given, *imported_contents.prefetches(slugs_of(release.campaign, release.query), release.query)
    )


def _image(image: Image) -> bytes:
    with image.stripped.open("rb") as file:
        data: bytes = file.read()
    return data


def _consensus(cases: Iterable[Case], rubric: Rubric) -> ConsensusRecord | None:
    """Return the newest consensus on an image, which stands until a newer one replaces it."""
    adjudicated = [(consensus, case) for case in cases for consensus in case.consensuses.all()]
    if not adjudicated:
        return None
    newest, case = max(adjudicated, key=lambda pair: pair[0].pk)
    return ConsensusRecord(
        rule=str(case.rule),
        cause=str(newest.cause),
        reason=newest.reason,
        subcategory=newest.subcategory,
        scores={score.attribute: rubric.scale.to_points(score.steps) for score in newest.scores.all()},
    )


def _shown_prefills(annotations: Iterable[Annotation]) -> Iterator[PrefillRecord]:
    """Return what was shown to at least one of these annotators, by model."""
    shown = {prefill.model_version_id: prefill for prefill in map(_shown, annotations) if prefill}
    for prefill in sorted(shown.values(), key=lambda prefill: str(prefill.model_version)):
        yield PrefillRecord(
            model=str(prefill.model_version),
            score=prefill.score,
            scores={key: values.get("score") for key, values in prefill.attributes.items()},
            critiques=prefill.prefilled_critiques(),
        )


def _shown(annotation: Annotation) -> Prefill | None:
    return annotation.assignment.shown_prefill if annotation.assignment else None


def _answers(
    annotations: Iterable[Annotation], versions: dict[int, RubricVersion], query: Query, slugs: Sequence[str]
) -> Iterator[AnswerRecord]:
    """Return each annotation's first answer, and the final one where it differs; raters by pseudonym, sorted.

    Whoever answered in a campaign that comes first repeats it in the next.
    """

    def place(annotation: Annotation) -> tuple[str, bool, int, int]:
        return _pseudonym(annotation), _repeats(annotation), slugs.index(annotation.campaign.slug), annotation.pk

    given: dict[str, str] = {}
    for annotation in sorted(annotations, key=place):
        rater, slug = _pseudonym(annotation), annotation.campaign.slug
        repeat = given.get(rater, slug) != slug or _repeats(annotation)
        superseded = _is_superseded(annotation, moment_of(query))
        if not (repeat or superseded or annotation.surplus or annotation.imported):
            given.setdefault(rater, slug)
        revisions = list(annotation.revisions.all())
        for revision in {revision.number: revision for revision in (*revisions[:1], *revisions[-1:])}.values():
            answer = _answer(annotation, revision, versions[annotation.rubric_version_id])
            yield replace(answer, repeat=repeat, superseded=superseded)


def _is_superseded(annotation: Annotation, at: datetime | None) -> bool:
    """Tell whether an answer had been asked for again by a moment, as the rubric had changed its meaning."""
    assignment = annotation.assignment
    if assignment is None or not assignment.superseded:
        return annotation.declared_superseded
    since = assignment.superseded_at
    return at is None or since is None or since <= at


def _repeats(annotation: Annotation) -> bool:
    return annotation.assignment.repeat if annotation.assignment else annotation.declared_repeat


def _pseudonym(annotation: Annotation) -> str:
    # Never the name: a pseudonym is all a release says of a person.
    pseudonym: str = getattr(annotation.annotator, "pseudonym")  # noqa: B009
    return pseudonym


def _answer(annotation: Annotation, revision: Revision, version: RubricVersion) -> AnswerRecord:
    assignment, shown = annotation.assignment, _shown(annotation)
    arm = assignment.arm if assignment else annotation.declared_arm
    model = str(shown.model_version) if shown else annotation.declared_model
    first = revision.number == 1
    untouched = first and arm != Arm.ASSISTED
    return AnswerRecord(
        rater=_pseudonym(annotation),
        campaign=annotation.campaign.slug,
        arm=str(arm) or None,
        kind=FIRST if first else FINAL,
        rubric_version=str(version),
        subcategory=revision.subcategory,
        holistic=None if revision.holistic is None else revision.holistic / 100,
        seconds=revision.seconds,
        seconds_to_first_score=revision.seconds_to_first_score,
        week=revision.declared_week or "{}-W{:02}".format(*revision.created_at.astimezone(UTC).isocalendar()),
        shown_model=None if untouched else model or None,
        simulated=annotation.simulated,
        surplus=annotation.surplus,
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
