"""Store answers collected elsewhere: marked as imported, never counted with those given here.

What is good is kept, what is not is listed with file, place and field; a second run adds only what is new. So does a
later release of a campaign, and what it says anew is added as a further revision.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import policy
from annotation.actions.events.record import digest, lock_chain, record
from annotation.actions.images.find_images import ImagesByName
from annotation.errors import RatingsRefused
from annotation.imports.formats import READERS, guess, source_of
from annotation.imports.records import (
    ForeignAnnotation,
    ForeignConsensus,
    ForeignPrefill,
    ForeignScore,
    Problem,
    Source,
)
from annotation.imports.vocabulary import Version, Vocabulary, check_mapping
from annotation.models import (
    Annotation,
    Campaign,
    Event,
    Image,
    ImportedConsensus,
    ImportedPrefill,
    Judgement,
    ReferenceScore,
    Revision,
    RubricVersion,
)

IMPORTED = "ratings.imported"
STAYS = "another one was imported from this source before, which stays"
MARKS = {"superseded": "superseded", "surplus": "surplus", "model": "shown_model"}
NAMESPACE = uuid.UUID("5f0f8f0e-6d0b-4d39-9d61-2f4f3f1b6a11")


@dataclass
class RatingsReport:
    """Count what was stored and what was there before, and list what was refused."""

    campaign: str
    format: str
    answers: int = 0
    partial: int = 0
    reference_scores: int = 0
    consensuses: int = 0
    prefills: int = 0
    revised: int = 0
    known: int = 0
    raters: int = 0
    refused: list[Problem] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Tell whether anything in the file could be used."""
        return bool(self.answers or self.reference_scores or self.consensuses or self.prefills or self.known)

    def to_json(self) -> dict[str, Any]:
        """Return the report as `import_ratings --json` prints it."""
        return asdict(self)


def import_ratings(
    campaign: Campaign,
    path: Path,
    *,
    by: AbstractBaseUser | None,
    form: str = "",
    mapping: Any = None,
    source: str = "",
) -> RatingsReport:
    """Store the answers and reference scores of a file in one transaction, and return what became of them.

    `form` is one of `annotation.imports.formats.READERS`, or empty to find out by looking; `mapping` translates the
    file's names; `source` is what its raters are known by in later runs, the file's name where none is given, while a
    release is known by its campaign. Answers keep the arm the file or the mapping declares, else it is unknown. Raise
    RatingsRefused, before anything is written, when the file as a whole cannot be read.
    """
    policy.require(policy.may_organise, by, campaign)
    if not path.exists():
        raise RatingsRefused(f"{path}: is not there")
    form = form or guess(path)
    if form not in READERS:
        raise RatingsRefused(f"format {form!r} is unknown; accepted: {', '.join(READERS)}")
    versions = _versions(campaign)
    told = [Version(name, version.content_hash, version.rubric) for name, version in versions.items()]
    words = Vocabulary(campaign.rubric, check_mapping(mapping or {}), told)
    with transaction.atomic():
        importer = _Importer(campaign, source_of(path, form, source), RatingsReport(campaign.slug, form), versions)
        for item in READERS[form](path, words):
            importer.take(item)
        importer.finish(path.name, by)
    return importer.report


def _versions(campaign: Campaign) -> dict[str, RubricVersion]:
    """Return the published versions of the campaign's rubric by name, its own first."""
    own = campaign.rubric_version
    others = RubricVersion.objects.published().filter(slug=own.slug).exclude(pk=own.pk)
    return {str(version): version for version in (own, *others)}


class _Importer:
    """Take what a reader found, one thing at a time."""

    def __init__(
        self, campaign: Campaign, source: Source, report: RatingsReport, versions: Mapping[str, RubricVersion]
    ) -> None:
        lock_chain(campaign)
        self.versions = versions
        self.campaign, self.source, self.report = campaign, source.name, report
        self.released_at = source.released_at
        self.is_newest = bool(source.released_at) and source.released_at >= self.newest_release()
        self.images = ImagesByName(campaign)
        self.raters: dict[str, Any] = {}
        self.hashes: list[str] = []

    def newest_release(self) -> str:
        """Return when the newest release was made that brought anything from this source before, empty if none did."""
        imports = Event.objects.filter(chain__campaign=self.campaign, verb=IMPORTED, details__source=self.source)
        return max(
            (details.get("released_at", "") for details in imports.values_list("details", flat=True)), default=""
        )

    def is_known(self, before: Sequence[str], content_hash: str) -> bool:
        """Tell whether the newest release says this already; of an older one, whether it was ever imported."""
        return content_hash == before[-1] if self.is_newest else content_hash in before

    def take(self, item: ForeignAnnotation | ForeignScore | ForeignConsensus | ForeignPrefill | Problem) -> None:
        if isinstance(item, Problem):
            self.report.refused.append(item)
            return
        image = self.images.find(item.image)
        if isinstance(image, str):
            self.report.refused.append(Problem(item.place, "image", image))
        elif isinstance(item, ForeignScore):
            self.take_score(item, image)
        elif isinstance(item, ForeignAnnotation):
            self.take_answer(item, image)
        else:
            self.take_beside(item, image)

    def take_score(self, item: ForeignScore, image: Image) -> None:
        there = ReferenceScore.objects.filter(campaign=self.campaign, image=image, source=self.source).first()
        if there is None:
            values = {"campaign": self.campaign, "image": image, "source": self.source}
            ReferenceScore.objects.create(score=item.score, **values)
            self.hashes.append(digest({"image": image.sha256, "score": item.score}))
            self.report.reference_scores += 1
        elif there.score == item.score:
            self.report.known += 1
        else:
            reason = f"another score, {there.score:g}, was imported from this source before"
            self.report.refused.append(Problem(item.place, "gt_score", reason))

    def take_beside(self, item: ForeignConsensus | ForeignPrefill, image: Image) -> None:
        """Store what was adjudicated or proposed elsewhere, apart from all that is adjudicated and proposed here."""
        kind = ImportedConsensus if isinstance(item, ForeignConsensus) else ImportedPrefill
        content = {name: value for name, value in asdict(item).items() if name not in ("place", "image")}
        stands: dict[str, Any] = {"campaign": self.campaign, "image": image, "imported_from": self.source}
        if isinstance(item, ForeignPrefill):
            stands["model"] = item.model
        before = list(kind.objects.filter(**stands).values_list("content_hash", flat=True))
        if before and self.is_known(before, digest(content)):
            self.report.known += 1
        elif self.is_newest or not before:
            row = kind.objects.create(**stands | content, content_hash=digest(content))
            self.hashes.append(row.content_hash)
            self.report.consensuses += kind is ImportedConsensus
            self.report.prefills += kind is ImportedPrefill
            self.report.revised += bool(before)
        else:
            field = "consensus" if isinstance(item, ForeignConsensus) else "prefill"
            self.report.refused.append(Problem(item.place, field, STAYS))

    def take_answer(self, item: ForeignAnnotation, image: Image) -> None:
        if item.simulated and not self.campaign.is_demo:
            self.report.refused.append(Problem(item.place, "simulated", "only a demo campaign takes simulated answers"))
            return
        key = self.key(item, image, item.number)
        there = Revision.objects.filter(idempotency_key=key).select_related("annotation__rubric_version").first()
        if there is not None:
            self.take_again(item, image, there)
            return
        annotation = self.annotation(item, image)
        if annotation is None:
            self.report.refused.append(Problem(item.place, "answer", "its first answer is not there"))
            return
        self.store(annotation, _as_kept(item, annotation), key, item.number)

    def take_again(self, item: ForeignAnnotation, image: Image, there: Revision) -> None:
        """Take an answer that was imported before; a final one that the newest release says anew is added to it."""
        annotation = there.annotation
        kept = _as_kept(item, annotation)
        changed = [shown for name, shown in MARKS.items() if getattr(item, name) != getattr(kept, name)]
        for name in changed if item.number == 1 else ():
            self.report.refused.append(Problem(item.place, name, STAYS))
        further = annotation.revisions.filter(number__gte=there.number) if item.number > 1 else [there]
        before = [revision.content_hash for revision in further]
        if self.is_known(before, digest(_content(kept))):
            self.report.known += not (changed and item.number == 1)
        elif self.is_newest and item.number > 1:
            number = there.number + len(before)
            self.store(annotation, kept, self.key(item, image, number), number)
            self.report.revised += 1
        else:
            self.report.refused.append(Problem(item.place, "answer", STAYS))

    def key(self, item: ForeignAnnotation, image: Image, number: int) -> uuid.UUID:
        """Name a revision for ever, so that a second import of the same file changes nothing."""
        parts = (self.campaign.pk, self.source, item.rater, image.sha256, item.repeat, number)
        again = (item.occasion,) if item.occasion > 1 else ()
        return uuid.uuid5(NAMESPACE, repr(parts + again))

    def annotation(self, item: ForeignAnnotation, image: Image) -> Annotation | None:
        """Return the annotation a revision belongs to, a new one for a first answer."""
        if item.number > 1:
            first = Revision.objects.filter(idempotency_key=self.key(item, image, 1)).select_related(
                "annotation__rubric_version"
            )
            return next((revision.annotation for revision in first), None)
        return Annotation.objects.create(
            campaign=self.campaign,
            image=image,
            annotator=self.rater(item.rater),
            rubric_version=self.versions[item.rubric] if item.rubric else self.campaign.rubric_version,
            surplus=item.surplus,
            simulated=item.simulated,
            imported=True,
            imported_from=item.campaign or self.source,
            declared_rater=item.rater,
            declared_arm=item.arm,
            declared_repeat=item.repeat,
            declared_superseded=item.superseded,
            declared_model=item.model,
        )

    def rater(self, name: str) -> Any:
        """Return the person who stands for a rater of this file: nobody who can sign in."""
        if name not in self.raters:
            readable = re.sub(r"[^\w.-]", "-", f"{self.source}-{name}", flags=re.ASCII)[:80]
            username = f"imported-{readable}-{digest([self.campaign.pk, self.source, name])[:8]}"
            people = get_user_model()
            person, created = people.objects.get_or_create(username=username, defaults={"is_active": False})
            if created:
                person.set_unusable_password()
                person.save()
            self.raters[name] = person
        return self.raters[name]

    def store(self, annotation: Annotation, item: ForeignAnnotation, key: uuid.UUID, number: int) -> None:
        kinds = {1: Revision.Kind.FIRST, 2: Revision.Kind.AFTER_REVEAL}
        rubric = annotation.rubric_version.rubric
        complete = all(attribute.key in item.steps for attribute in rubric.attributes if attribute.weight)
        revision = Revision.objects.create(
            annotation=annotation,
            number=number,
            kind=kinds.get(number, Revision.Kind.CORRECTION),
            subcategory=item.subcategory,
            holistic=rubric.holistic(item.steps) if complete else None,
            seconds=item.seconds,
            seconds_to_first_score=item.seconds_to_first_score,
            declared_week=item.week,
            idempotency_key=key,
            content_hash=digest(_content(item)),
        )
        Judgement.objects.bulk_create(
            Judgement(
                revision=revision,
                attribute=attribute,
                steps=item.steps.get(attribute),
                critique=item.critiques.get(attribute, ""),
                critique_language=item.languages.get(attribute, ""),
                pins=item.pins.get(attribute, []),
                **item.origins.get(attribute, {}),
            )
            for attribute in rubric.by_key
            if attribute in item.steps or attribute in item.critiques
        )
        self.hashes.append(revision.content_hash)
        self.report.answers += 1
        whole = all(attribute in item.steps and attribute in item.critiques for attribute in rubric.by_key)
        self.report.partial += not (whole and item.subcategory)

    def finish(self, file: str, by: AbstractBaseUser | None) -> None:
        """Write one event for all that is new."""
        self.report.raters = len(self.raters)
        if self.hashes:
            details: dict[str, Any] = {
                "file": file[:200],
                "source": self.source,
                "released_at": self.released_at,
                "format": self.report.format,
                "answers": self.report.answers,
            }
            details |= {name: getattr(self.report, name) for name in ("reference_scores", "consensuses", "prefills")}
            record(self.campaign, IMPORTED, self.campaign, by=by, content=self.hashes, details=details)


def _as_kept(item: ForeignAnnotation, annotation: Annotation) -> ForeignAnnotation:
    """Return an answer with the marks that were imported with its first one, and stay."""
    return replace(
        item,
        superseded=annotation.declared_superseded,
        surplus=annotation.surplus,
        model=annotation.declared_model,
    )


def _content(item: ForeignAnnotation) -> dict[str, Any]:
    """Return what the hash covers; answers of files that tell less have what they tell."""
    pins = {"pins": dict(sorted(item.pins.items()))} if item.pins else {}
    origins = {"origins": dict(sorted(item.origins.items()))} if item.origins else {}
    told = ("rubric", "week", "repeat", "superseded", "surplus", "simulated", "model")
    stated = {"stated": {name: getattr(item, name) for name in told}} if item.rubric else {}
    return (
        pins
        | origins
        | stated
        | {
            "subcategory": item.subcategory,
            "steps": dict(sorted(item.steps.items())),
            "critiques": dict(sorted(item.critiques.items())),
            "arm": item.arm,
        }
    )
