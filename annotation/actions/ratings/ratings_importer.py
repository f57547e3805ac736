"""Store the records of a file, one by one: annotations, reference scores, and what stands beside them in a release."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q

from annotation.actions.events.record import hash_content, lock_chain, record_event
from annotation.actions.images.find_images import ImagesByName
from annotation.imports.records import (
    ForeignAnnotation,
    ForeignConsensus,
    ForeignPrefill,
    ForeignScore,
    Problem,
    Remark,
    Source,
)
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

from .ratings_report import RatingsReport

IMPORTED = "ratings.imported"
STAYS = "another one was imported from this source before, which stays"
STARS = 5
MARKS = {"superseded": "superseded", "surplus": "surplus", "exposed": "exposed", "model": "shown_model"}
# Never to change: every key of an imported answer hangs on it, and a second import would store all again.
NAMESPACE = uuid.UUID("5f0f8f0e-6d0b-4d39-9d61-2f4f3f1b6a11")


class RatingsImporter:
    """One import into a campaign, which takes the records of a file one by one."""

    def __init__(
        self, campaign: Campaign, source: Source, report: RatingsReport, versions: Mapping[str, RubricVersion]
    ) -> None:
        # Two imports at once would not see each other's answers, and both store them.
        lock_chain(campaign)
        self.versions = versions
        self.campaign, self.source, self.report = campaign, source.name, report
        self.released_at = source.released_at
        self.is_newest = bool(source.released_at) and source.released_at >= self.newest_release()
        self.images = ImagesByName(campaign)
        self.raters: dict[str, Any] = {}
        self.hashes: list[str] = []
        self.places: dict[Any, tuple[str, str]] = {}
        self.points: list[float] = []

    def newest_release(self) -> str:
        """Return when the newest release was made that brought anything from this source before, empty if none did."""
        imports = Event.objects.filter(chain__campaign=self.campaign, verb=IMPORTED, details__source=self.source)
        return max(
            (details.get("released_at", "") for details in imports.values_list("details", flat=True)), default=""
        )

    def is_known(self, earlier_hashes: Sequence[str], content_hash: str) -> bool:
        """Tell whether the newest release says this already; of an older one, whether it was ever imported."""
        return content_hash == earlier_hashes[-1] if self.is_newest else content_hash in earlier_hashes

    def take(
        self, item: ForeignAnnotation | ForeignScore | ForeignConsensus | ForeignPrefill | Problem | Remark
    ) -> None:
        """Store a record, or note why it cannot be."""
        if isinstance(item, Remark):
            self.report.remarks.append(item.text)
            return
        if isinstance(item, Problem):
            self.report.refuse(item)
            return
        image = self.images.find(item.image)
        if isinstance(image, str):
            self.report.refuse(Problem(item.place, "image", image))
        elif isinstance(item, ForeignScore):
            self.take_score(item, image)
        elif isinstance(item, ForeignAnnotation):
            self.take_annotation(item, image)
        else:
            self.take_record(item, image)

    def take_score(self, item: ForeignScore, image: Image) -> None:
        """Store a reference score, unless this source gave one before."""
        if self.stands_twice(("score", image.pk), str(item.score), item.place, "gt_score"):
            return
        score = ReferenceScore.objects.filter(campaign=self.campaign, image=image, source=self.source).first()
        if score is None:
            values = {"campaign": self.campaign, "image": image, "source": self.source}
            ReferenceScore.objects.create(score=item.score, **values)
            self.hashes.append(hash_content({"image": image.sha256, "score": item.score}))
            self.report.reference_scores += 1
        elif score.score == item.score:
            self.report.known += 1
        else:
            reason = f"another score, {score.score:g}, was imported from this source before"
            self.report.refuse(Problem(item.place, "gt_score", reason))

    def stands_twice(self, key: Any, content: str, place: str, field: str) -> bool:
        """Tell whether this very file said something before of the same; another thing is refused with both places."""
        first, before = self.places.setdefault(key, (place, content))
        if first == place:
            return False
        # Exports repeat rows: the same twice is no contradiction.
        if before != content:
            reason = f"stands twice in this file with different content, first at {first}, which is the one that counts"
            self.report.refuse(Problem(place, field, reason))
        return True

    def take_record(self, item: ForeignConsensus | ForeignPrefill, image: Image) -> None:
        """Store a consensus or a prefill from elsewhere, apart from all that is adjudicated and prefilled here."""
        kind = ImportedConsensus if isinstance(item, ForeignConsensus) else ImportedPrefill
        content = {name: value for name, value in asdict(item).items() if name not in ("place", "image")}
        place: dict[str, Any] = {"campaign": self.campaign, "image": image, "imported_from": self.source}
        if isinstance(item, ForeignPrefill):
            place["model"] = item.model
        hashes = list(kind.objects.filter(**place).values_list("content_hash", flat=True))
        if hashes and self.is_known(hashes, hash_content(content)):
            self.report.known += 1
        elif self.is_newest or not hashes:
            row = kind.objects.create(**place | content, content_hash=hash_content(content))
            self.hashes.append(row.content_hash)
            self.report.consensuses += kind is ImportedConsensus
            self.report.prefills += kind is ImportedPrefill
            self.report.revised += bool(hashes)
        else:
            field = "consensus" if isinstance(item, ForeignConsensus) else "prefill"
            self.report.refuse(Problem(item.place, field, STAYS))

    def take_annotation(self, item: ForeignAnnotation, image: Image) -> None:
        """Store an annotation, or what a later release says of one that is here."""
        # Only in demos, as with answers given here: made-up answers never mix with people's.
        if item.simulated and not self.campaign.is_demo:
            self.report.refuse(Problem(item.place, "simulated", "only a demo campaign takes simulated answers"))
            return
        key = self.key(item, image, item.number)
        if self.stands_twice(key, hash_content(_content(item)), item.place, "answer"):
            return
        revision = Revision.objects.filter(idempotency_key=key).select_related("annotation__rubric_version").first()
        if revision is not None:
            self.take_again(item, image, revision)
            return
        annotation = self.annotation(item, image)
        if annotation is None:
            self.report.refuse(Problem(item.place, "answer", "its first answer is not there"))
            return
        self.store(annotation, _as_marked(item, annotation), key, annotation.revisions.count() + 1)

    def take_again(self, item: ForeignAnnotation, image: Image, imported_revision: Revision) -> None:
        """Take an answer that was imported before; a final one that the newest release says anew is added to it."""
        annotation = imported_revision.annotation
        marked_item = _as_marked(item, annotation)
        changed_marks = [label for name, label in MARKS.items() if getattr(item, name) != getattr(marked_item, name)]
        # Marks belong to the annotation as a whole: they are named once, not again for each revision.
        for name in changed_marks if item.number == 1 else ():
            self.report.refuse(Problem(item.place, name, STAYS))
        later = annotation.revisions.filter(number__gte=imported_revision.number)
        is_sent_back = Q(kind=Revision.Kind.SENT_BACK)
        later = later.filter(is_sent_back if item.sent_back else ~is_sent_back)
        revisions = later if item.number > 1 else [imported_revision]
        hashes = [revision.content_hash for revision in revisions]
        if self.is_known(hashes, hash_content(_content(marked_item))):
            self.report.known += not (changed_marks and item.number == 1)
        elif self.is_newest and item.number > 1:
            key = self.key(item, image, imported_revision.number + len(hashes))
            self.store(annotation, marked_item, key, annotation.revisions.count() + 1)
            self.report.revised += 1
        else:
            self.report.refuse(Problem(item.place, "answer", STAYS))

    def key(self, item: ForeignAnnotation, image: Image, number: int) -> uuid.UUID:
        """Return a revision's key, the same for ever, so that a second import of the same file changes nothing."""
        parts = (self.campaign.pk, self.source, item.rater, image.sha256, item.repeat, number)
        # Nothing for the first occasion, so that keys of answers imported without occasions stay as they are.
        occasion = (item.occasion,) if item.occasion > 1 else ()
        sent_back = ("sent back",) if item.sent_back and number > 1 else ()
        return uuid.uuid5(NAMESPACE, repr(parts + occasion + sent_back))

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
            exposed=item.exposed,
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
            # The readable part may be the same for two raters; the hash is not, and holds them to campaign and source.
            username = f"imported-{readable}-{hash_content([self.campaign.pk, self.source, name])[:8]}"
            people = get_user_model()
            person, created = people.objects.get_or_create(username=username, defaults={"is_active": False})
            if created:
                person.set_unusable_password()
                person.save()
            self.raters[name] = person
        return self.raters[name]

    def store(self, annotation: Annotation, item: ForeignAnnotation, key: uuid.UUID, number: int) -> None:
        """Add a revision with its judgements."""
        kinds = {1: Revision.Kind.FIRST, 2: Revision.Kind.AFTER_REVEAL}
        rubric = annotation.rubric_version.rubric
        complete = all(attribute.key in item.steps for attribute in rubric.attributes if attribute.weight)
        revision = Revision.objects.create(
            annotation=annotation,
            number=number,
            kind=Revision.Kind.SENT_BACK if item.sent_back else kinds.get(number, Revision.Kind.CORRECTION),
            subcategory=item.subcategory,
            # No sum over a part of the attributes: their weights would not add up to the whole.
            holistic=rubric.holistic(item.steps) if complete else None,
            seconds=item.seconds,
            seconds_to_first_score=item.seconds_to_first_score,
            declared_week=item.week,
            idempotency_key=key,
            content_hash=hash_content(_content(item)),
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
        self.points += map(rubric.scale.to_points, item.steps.values())
        self.report.annotations += 1
        whole = all(attribute in item.steps and attribute in item.critiques for attribute in rubric.by_key)
        self.report.partial += not (whole and item.subcategory)

    def remark_scale(self) -> None:
        """Say so where all scores may be on a shorter scale: 4 of 5 stars are another thing than 4.0 of 10."""
        scale = self.campaign.rubric.scale
        shorter = scale.maximum > STARS and self.points and max(self.points) <= STARS
        if self.report.format != "connoisseur" and shorter and all(points % 1 == 0 for points in self.points):
            self.report.remarks.append(
                f"all {len(self.points)} scores are whole numbers up to {max(self.points):g}, stored as points of "
                f"{scale.minimum} to {scale.maximum}; if the file's scale is another one, name it in the mapping"
            )

    def finish(self, file: str, by: AbstractBaseUser | None) -> None:
        """Write one event for all that is new."""
        self.report.raters = len(self.raters)
        self.remark_scale()
        if self.hashes:
            details: dict[str, Any] = {
                "file": file.encode("utf-8", "replace").decode()[:200],
                "source": self.source,
                "released_at": self.released_at,
                "format": self.report.format,
                "annotations": self.report.annotations,
            }
            details |= {name: getattr(self.report, name) for name in ("reference_scores", "consensuses", "prefills")}
            record_event(self.campaign, IMPORTED, self.campaign, by=by, content=self.hashes, details=details)


def _as_marked(item: ForeignAnnotation, annotation: Annotation) -> ForeignAnnotation:
    """Return an answer with the marks that were imported with its first one, and stay."""
    return replace(
        item,
        superseded=annotation.declared_superseded,
        surplus=annotation.surplus,
        exposed=annotation.exposed,
        model=annotation.declared_model,
    )


def _content(item: ForeignAnnotation) -> dict[str, Any]:
    """Return what the hash covers; answers of files that tell less have what they tell."""
    pins = {"pins": dict(sorted(item.pins.items()))} if item.pins else {}
    origins = {"origins": dict(sorted(item.origins.items()))} if item.origins else {}
    marks = ("rubric", "week", "repeat", "superseded", "surplus", "exposed", "simulated", "model")
    # Only for releases of ours: the hashes of all other files stay what they were.
    statement = {"stated": {name: getattr(item, name) for name in marks}} if item.rubric else {}
    return (
        pins
        | origins
        | statement
        | {
            "subcategory": item.subcategory,
            "steps": dict(sorted(item.steps.items())),
            "critiques": dict(sorted(item.critiques.items())),
            "arm": item.arm,
        }
    )
