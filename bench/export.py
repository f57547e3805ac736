"""Time all answers of a campaign as JSON, for 10,000 images of seven scores and eight critiques, against reading them.

The figures of Label Studio are from another run on two cores: 18 s on SQLite, 28 s at 1.9 GB on PostgreSQL.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from .__main__ import Figure

IMAGES = 10_000
ROUNDS = 5
LABEL_STUDIO_SECONDS = 18.0
WORDS = ("line", "light", "weight", "rhythm", "figure", "ground", "tone", "edge", "depth", "calm")


def run() -> list[Figure]:
    """Return the seconds that `export_annotations` takes in a process that is up, and the memory of that process."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "webapp.settings", "DATABASE_URL": ""}
        os.environ |= environment
        import django  # noqa: PLC0415  its settings are read from the environment set above
        from django.core.management import call_command  # noqa: PLC0415

        django.setup()
        call_command("migrate", verbosity=0)
        _annotate_all()
        times, sizes, peaks = [], [], []
        for number in range(ROUNDS):
            out = Path(folder) / f"{number}.jsonl"
            command = [sys.executable, "-c", TIMED_EXPORT, str(out)]
            seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            times.append(float(seconds))
            peaks.append(int(peak) / 1024)
            sizes.append(out.stat().st_size)
    assert len(set(sizes)) == 1
    name = f"JSON of {IMAGES:,} answers, {sizes[0] / 1e6:.0f} MB"
    middle = ROUNDS // 2
    return [
        Figure(name, sorted(times)[middle], max(times), "s", LABEL_STUDIO_SECONDS / 10, "Label Studio 1.23: 18 s"),
        Figure(f"{name}: memory", sorted(peaks)[middle], max(peaks), "MB", 200, "Label Studio 1.23: 1,900 MB"),
    ]


TIMED_EXPORT = """
import re, sys, time
from pathlib import Path
import django
from django.core.management import call_command
django.setup()
start = time.perf_counter()
call_command("export_annotations", "bench", out=sys.argv[1])
seconds = time.perf_counter() - start
print(seconds, re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def _annotate_all() -> None:
    """Make a campaign of rows only, each image with one answer."""
    from annotation.actions.campaigns.open_campaign import create_campaign  # noqa: PLC0415
    from annotation.models import Annotation, Image, Judgement, NearDuplicateGroup, Revision  # noqa: PLC0415
    from tests.harness.factories import make_rubric, make_user  # noqa: PLC0415

    person, version = make_user("expert"), make_rubric()
    campaign = create_campaign("bench", title="Bench", rubric_version=version, by=None, preset="blind-panel")
    group = NearDuplicateGroup.objects.create()
    critiques = [" ".join(WORDS[(number + place * step) % 10] for place in range(95)) for number, step in PAIRS]

    def make(kind: Any, rows: Any) -> list[Any]:
        return [row for batch in _batches(rows) for row in kind.objects.bulk_create(batch)]

    def image(number: int) -> Any:
        name = f"{number:064x}"
        values = {"format": "JPEG", "width": 1, "height": 1, "byte_size": 1, "original_name": f"{number}.jpg"}
        return Image(sha256=name, stripped_sha256=name, group=group, perceptual_hash=name[-16:], **values)

    images = make(Image, map(image, range(IMAGES)))
    common_fields = {"campaign": campaign, "annotator": person, "rubric_version": version}
    annotations = make(Annotation, (Annotation(image=image, **common_fields) for image in images))
    values = {"number": 1, "kind": "first", "subcategory": "portrait", "holistic": 700, "seconds": 300}
    values["content_hash"] = "0" * 64
    revisions = make(Revision, (Revision(annotation=annotation, **values) for annotation in annotations))
    keys = list(campaign.rubric.by_key)
    make(
        Judgement,
        (
            Judgement(revision=revision, attribute=key, steps=14, critique=critiques[(place + number) % len(critiques)])
            for number, revision in enumerate(revisions)
            for place, key in enumerate(keys)
        ),
    )


PAIRS = [(number, step) for number in range(10) for step in (1, 3, 7)]


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut rows into lists that one statement takes."""
    rows = iter(rows)
    return iter(lambda: list(islice(rows, 1000)), [])
