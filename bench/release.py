"""Time writing a release, every hash included, against `cp -r` of the same pictures; report the memory it took.

BENCH_RELEASE_IMAGES sets how many pictures (1,000), BENCH_DIR the disk they lie on.
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
from functools import partial
from itertools import count
from pathlib import Path

import yaml

from annotation.exporters.facts import ReleaseFacts
from annotation.exporters.folder import write_release
from annotation.exporters.records import AnswerRecord, ImageRecord, JudgementRecord
from annotation.exporters.verify import verify
from annotation.rubric import Rubric, content_hash, parse
from bench.__main__ import Row, best_of

IMAGES = int(os.environ.get("BENCH_RELEASE_IMAGES", "1000"))
BYTES = 200_000
RATERS = 3
WORDS = ["line", "light", "weight", "rhythm", "figure", "ground", "tone", "edge", "depth", "calm"]


def run() -> list[Row]:
    """Return a row for writing and one for verifying, pictures of 200 KB with three answers of eight critiques."""
    content = yaml.safe_load(Path("fixtures/rubrics/artimuse.yaml").read_text(encoding="utf-8"))
    rubric = parse(content)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        pictures = Path(folder) / "pictures"
        hashes = sorted(_make(pictures, number) for number in range(IMAGES))
        facts = _facts(content)
        copies = count()
        newest = Path(folder) / "release"

        def build() -> None:
            shutil.rmtree(newest, ignore_errors=True)
            newest.mkdir()
            write_release(newest, facts, _records(pictures, hashes, rubric))
            os.sync()

        def copy() -> None:
            target = Path(folder) / f"copy-{next(copies)}"
            subprocess.run(["cp", "-r", pictures, target], check=True)
            os.sync()
            shutil.rmtree(target)

        ours, floor = best_of(build, copy, rounds=3)
        read, again = best_of(lambda: verify(newest), copy, rounds=2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = f"{IMAGES:,} x {BYTES // 1000} KB"
    return [
        Row(f"release of {size}, peak {peak:.0f} MB", ours, floor, "cp -r of the pictures, and sync"),
        Row(f"verify_release of {size}", read, again, "cp -r of the pictures, and sync"),
    ]


def _make(folder: Path, number: int) -> str:
    data = random.Random(number).randbytes(BYTES)
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / sha256[:2] / f"{sha256}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return sha256


def _records(pictures: Path, hashes: list[str], rubric: Rubric) -> Iterator[ImageRecord]:
    borders = (len(hashes) * 8 // 10, len(hashes) * 9 // 10)
    for number, sha256 in enumerate(hashes):
        split = "train" if number < borders[0] else "validation" if number < borders[1] else "test"
        name = f"{sha256}.jpg"
        generator = random.Random(number)
        yield ImageRecord(
            sha256=sha256,
            picture_sha256=sha256,
            file_name=name,
            load=partial((pictures / sha256[:2] / name).read_bytes),
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
            split=split,
            split_reason="for timing",
            answers=tuple(_answer(f"expert-{rater}", rubric, generator) for rater in range(RATERS)),
            perceptual_hashes=tuple(f"{generator.getrandbits(64):016x}" for _ in range(8)),
        )


def _answer(rater: str, rubric: Rubric, generator: random.Random) -> AnswerRecord:
    steps = {key: generator.randint(0, 20) for key in rubric.by_key}
    judgements = {
        key: JudgementRecord(given / 2, " ".join(generator.choices(WORDS, k=90)), "en") for key, given in steps.items()
    }
    return AnswerRecord(
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
        answers_per_image=RATERS,
        query={},
        seed=1,
        engine={},
        event_head="",
    )
