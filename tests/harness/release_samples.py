"""Make records for the tests of the exporters: small images, answers of two raters, facts of a release."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from PIL import Image as PILImage

from annotation.dataset.contents.records import AnnotationRecord, ImageRecord, JudgementRecord
from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.format.facts import ReleaseFacts, StatedScope, program
from annotation.dataset.write import parts
from annotation.dataset.write.folder import ReleaseHashes, assemble, part_writer
from annotation.dataset.write.parts import Part, plan
from annotation.rubric.schema import content_hash, parse
from tests.harness.installation import ROOT

CONTENT = yaml.safe_load((ROOT / "fixtures" / "rubrics" / "artimuse.yaml").read_text(encoding="utf-8"))
RUBRIC = parse(CONTENT)

FACTS = ReleaseFacts(
    campaign="portraits",
    title="Portraits | and more",
    description="",
    version="1.0.0",
    released_at="2026-11-23T12:00:00+00:00",
    is_demo=False,
    rubric_name="artimuse 1",
    rubric=CONTENT,
    rubric_sha256=content_hash(CONTENT),
    annotations_per_image=2,
    scope=StatedScope(campaign="portraits", annotations="all"),
    seed=1,
    engine={"pyarrow": "26", "writer": program()},
    event_head="e" * 64,
    agreement={
        "method": "Krippendorff's alpha",
        "attributes": {
            "composition_design": {
                "alpha": 0.61234567,
                "interval": [0.5, 0.7],
                "n_images": 3,
                "n_annotations": 6,
                "n_raters": 2,
                "level": "interval",
                "note": "",
            },
            "visual_elements": {"alpha": None, "interval": None, "n_images": 0, "level": "interval", "note": "why not"},
        },
        "subcategory": {"alpha": 1.0, "interval": None, "n_images": 3, "level": "nominal", "note": ""},
    },
)


def png_bytes(number: int) -> bytes:
    buffer = io.BytesIO()
    PILImage.new("RGB", (8, 6), (number % 256, number // 256, 90)).save(buffer, "PNG")
    return buffer.getvalue()


def annotation(rater: str = "expert-1", score: float = 7.5, **fields: Any) -> AnnotationRecord:
    judgements = {key: JudgementRecord(score, f"我的话 on {key}.", "en") for key in RUBRIC.by_key}
    steps = {key: RUBRIC.scale.to_steps(score) for key in RUBRIC.by_key}
    values: dict[str, Any] = {
        "rater": rater,
        "arm": "blind",
        "kind": "first",
        "rubric_version": "artimuse 1",
        "subcategory": "portrait",
        "holistic": RUBRIC.holistic(steps) / 100,
        "judgements": judgements,
        "seconds": 90,
    }
    return AnnotationRecord(**(values | fields))


def image(number: int, split: str = "train", **fields: Any) -> ImageRecord:
    data = fields.pop("data", None) or png_bytes(number)
    sha256 = hashlib.sha256(f"original {number}".encode()).hexdigest()
    values: dict[str, Any] = {
        "sha256": sha256,
        "image_sha256": hashlib.sha256(data).hexdigest(),
        "file_name": f"{sha256}.png",
        "load": lambda: data,
        "width": 8,
        "height": 6,
        "category": "photography",
        "subcategory": "portrait",
        "licence": "CC0-1.0",
        "author": "nobody, at all",
        "source": "drawn",
        "title": f"Nummer {number}",
        "note": "",
        "group": sha256,
        "split": split,
        "split_reason": "placed",
        "annotations": (annotation("expert-1", 7), annotation("expert-2", 8)),
    }
    return ImageRecord(**(values | fields))


def in_order(*records: ImageRecord) -> list[ImageRecord]:
    return sorted(records, key=lambda record: (SPLITS.index(record.split), record.sha256))


def some_images() -> list[ImageRecord]:
    return in_order(image(1), image(2), image(3, "validation"), image(4, "test"))


def write(folder: Path, *records: ImageRecord, most_images: int = 10**6, **facts: Any) -> ReleaseHashes:
    folder.mkdir(parents=True)
    chosen = in_order(*records) if records else some_images()
    return write_parts(folder, replace(FACTS, **facts), *planned(chosen, most_images=most_images))


def write_parts(
    folder: Path, facts: ReleaseFacts, todo: Sequence[Part], records: Callable[[Part], Iterable[ImageRecord]]
) -> ReleaseHashes:
    """Write a release into an empty folder as `build` does, by this process alone."""
    parts.prepare(folder, todo)
    parts.work(folder, todo, part_writer(facts, records))
    return assemble(folder, facts, todo)


def planned(
    records: Iterable[ImageRecord], *, most_images: int = 10**6
) -> tuple[list[Part], Callable[[Part], list[ImageRecord]]]:
    """Return the parts of a release of these records, and how each comes by its own."""
    chosen = list(records)
    todo = plan([(record.split, record.sha256, 1000) for record in chosen], most_images=most_images)

    def of(part: Part) -> list[ImageRecord]:
        return [each for each in chosen if each.split == part.split and part.first <= each.sha256 <= part.last]

    return todo, of
