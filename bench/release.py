"""Time writing a release, every hash included, against `cp -r` of the same images; report the memory it took.

BENCH_RELEASE_IMAGES sets how many images (1,000), BENCH_DIR the disk they lie on.
"""

from __future__ import annotations

import hashlib
import os
import random
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import yaml

from annotation.dataset.contents.records import AnnotationRecord, ImageRecord, JudgementRecord
from annotation.dataset.format.facts import ReleaseFacts, StatedScope
from annotation.dataset.verify.verify import verify
from annotation.dataset.write import parts
from annotation.dataset.write.folder import assemble
from annotation.dataset.write.parts import Part, plan
from annotation.dataset.write.shards import write_part
from annotation.rubric.schema import Rubric, content_hash, parse

from .__main__ import Figure, Row, best_of

IMAGES = int(os.environ.get("BENCH_RELEASE_IMAGES", "1000"))
BYTES = 200_000
PROCESSES = 2
RATERS = 3
WORDS = ["line", "light", "weight", "rhythm", "figure", "ground", "tone", "edge", "depth", "calm"]
CRITIQUES = [" ".join(random.Random(number).choices(WORDS, k=90)) for number in range(2000)]


def run() -> list[Row | Figure]:
    """Return rows for writing and for verifying, and the memory of one process that writes.

    Images have 200 KB, with three answers of eight critiques each.
    """
    content = yaml.safe_load(Path("fixtures/rubrics/artimuse.yaml").read_text(encoding="utf-8"))
    rubric = parse(content)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")))
        images = Path(folder) / "images"
        hashes = sorted(_write_image(images, number) for number in range(IMAGES))
        facts = _facts(content)
        planned_parts = plan((_split(number), sha256, BYTES) for number, sha256 in enumerate(hashes))
        release_content = _ReleaseContent(images, hashes, rubric)
        copies = count()
        newest = Path(folder) / "release"
        helpers = stack.enter_context(ProcessPoolExecutor(PROCESSES - 1, mp_context=get_context("spawn")))
        for future in [helpers.submit(_work_as_helper, newest, release_content) for _ in range(PROCESSES - 1)]:
            future.result()  # Started, as a worker is.

        def build() -> None:
            shutil.rmtree(newest, ignore_errors=True)
            newest.mkdir()
            parts.prepare(newest, planned_parts)
            for _number in range(PROCESSES - 1):
                helpers.submit(_work_as_helper, newest, release_content)
            parts.work(newest, planned_parts, release_content.write)
            assemble(newest, facts, planned_parts)
            os.sync()

        def copy() -> None:
            target = Path(folder) / f"copy-{next(copies)}"
            subprocess.run(["cp", "-r", images, target], check=True)
            os.sync()
            shutil.rmtree(target)

        ours, floor = best_of(build, copy)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        verify_seconds, copy_seconds = best_of(lambda: verify(newest), copy, rounds=2)
    size = f"{IMAGES:,} x {BYTES // 1000} KB"
    return [
        Row(f"release of {size}", ours, floor, "cp -r of the images, and sync", 2.0),
        Figure(f"release of {size}: memory", peak, peak, "MB", 400, "the same for 2,000 and 20,000 within 20 %"),
        Row(f"verify_release of {size}", verify_seconds, copy_seconds, "cp -r of the images, and sync"),
    ]


def _write_image(folder: Path, number: int) -> str:
    data = random.Random(number).randbytes(BYTES)
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / sha256[:2] / f"{sha256}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return sha256


def _split(number: int) -> str:
    borders = (IMAGES * 8 // 10, IMAGES * 9 // 10)
    return "train" if number < borders[0] else "validation" if number < borders[1] else "test"


@dataclass(frozen=True)
class _ReleaseContent:
    """What the release is made of: the hashes of the images in a folder, in order."""

    images: Path
    hashes: list[str]
    rubric: Rubric

    def write(self, part: Part, into: Path) -> None:
        write_part(into, part, _records(self, part), self.rubric, {})


def _work_as_helper(folder: Path, content: _ReleaseContent) -> None:
    parts.work(folder, parts.read_plan(folder), content.write, wait=False)


def _records(content: _ReleaseContent, part: Part) -> Iterator[ImageRecord]:
    first = content.hashes.index(part.first)
    for number, sha256 in enumerate(content.hashes[first : first + part.images], first):
        name = f"{sha256}.jpg"
        generator = random.Random(number)
        yield ImageRecord(
            sha256=sha256,
            image_sha256=sha256,
            file_name=name,
            load=partial((content.images / sha256[:2] / name).read_bytes),
            width=1600,
            height=1200,
            category="photography",
            subcategory="portrait",
            licence="CC0-1.0",
            author="nobody",
            source="random bytes",
            title="",
            note="",
            group=sha256,
            split=part.split,
            split_reason="for timing",
            annotations=tuple(_annotation(f"expert-{rater}", content.rubric, generator) for rater in range(RATERS)),
            perceptual_hashes=tuple(f"{generator.getrandbits(64):016x}" for _ in range(8)),
        )


def _annotation(rater: str, rubric: Rubric, generator: random.Random) -> AnnotationRecord:
    steps = {key: generator.randint(0, 20) for key in rubric.by_key}
    judgements = {
        key: JudgementRecord(step_count / 2, generator.choice(CRITIQUES), "en") for key, step_count in steps.items()
    }
    return AnnotationRecord(
        rater, "blind", "first", "artimuse 1", "portrait", rubric.holistic(steps) / 100, judgements, seconds=200
    )


def _facts(content: object) -> ReleaseFacts:
    return ReleaseFacts(
        campaign="bench",
        title="Bench",
        description="",
        version="1.0.0",
        released_at="2026-11-23T12:00:00+00:00",
        is_demo=False,
        rubric_name="artimuse 1",
        rubric=content,
        rubric_sha256=content_hash(content),
        annotations_per_image=RATERS,
        scope=StatedScope(campaign="bench", annotations="all"),
        seed=1,
        engine={},
        event_head="",
    )
