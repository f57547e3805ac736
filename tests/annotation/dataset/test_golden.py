"""What a release says in words and lines, held to files that were read by a person.

After a change that is meant, `python -m tests.annotation.dataset.test_golden` writes them anew; read the difference.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from annotation.dataset.format import manifest
from annotation.dataset.format.facts import (
    CampaignProtocol,
    Embedder,
    EmbeddingFigures,
    ExcludedImage,
    HeldImage,
    Protocol,
    StatedScope,
    WithdrawalEntry,
)
from tests.harness.release_samples import annotation, image, write

GOLDEN = Path(__file__).with_name("golden")
# Tables are held to their rows by a hash elsewhere; these name the hashes of the tables.
BINARY = {"MANIFEST.sha256", "croissant.json"}

LISTED, TAKEN_OUT, GONE = ("b" * 64, "c" * 64, "d" * 64)
OWN: dict[str, Any] = {
    "annotations_licence": "CC-BY-4.0",
    "preset": "commit",
    "arms_by": "assignment",
    "shares": {"blind": 15, "reveal": 85, "assisted": 0},
    "repeat_share": 5,
    "repeat_gap_days": 7,
    "case_spread": "3 points",
    "consent_version": 2,
    "consent_text": "I was told\nwhat happens with my answers.",
    "most_annotations_per_image": 4,
}
PLAN = {
    "number": 1,
    "frozen_on": "2026-11-01",
    "note": "Do raters agree on composition?",
    "sections": ["retest"],
    "scopes": ["category"],
    "period": "",
    "exclusions": {"raters": {"expert-7": "a pilot"}, "images": {}},
    "replicates": 1000,
    "seed": 1,
    "departures": ["seed"],
}
STATED: dict[str, Any] = {
    "engine": {"pyarrow": "26"},
    "description": "Portraits of three centuries.",
    "scope": StatedScope(
        campaign="portraits",
        also=("busts",),
        rubric_versions=(1,),
        annotations="all",
        excluded=(
            ExcludedImage(LISTED, "listed", "listed: Blurred"),
            ExcludedImage(TAKEN_OUT, "adjudicated", "A scan of a page."),
            ExcludedImage(GONE, "withdrawn", "withdrawn: licence"),
        ),
    ),
    "without_annotations": 2,
    "withdrawn": (WithdrawalEntry("rater", "expert-9", "2026-11-20", "consent"),),
    "held": (HeldImage("a" * 64, ("train", "test")),),
    "connected": (("e" * 64, "f" * 64),),
    "near_duplicate_pairs": {"sure": 3, "undecided": 1, "same": 0, "different": 1},
    "rejected_pairs": (("1" * 64, "2" * 64),),
    "embeddings": EmbeddingFigures((Embedder("dino", "1", 2),), 3, 950, 900, pairs=2, pairs_by_cosine_alone=1),
    "protocol": Protocol(
        **OWN, also={"busts": CampaignProtocol(**OWN | {"annotations_licence": ""})}, analysis_plan=PLAN
    ),
    "annotations_licence": "CC-BY-4.0",
    "statements": {"creators": "Doe, Jane\nThe Museum", "funding": "A grant."},
    "doi": "10.5281/zenodo.1234",
}


def text_of(folder: Path) -> dict[str, str]:
    """Return the texts of a release that two answers, a later one and a withdrawal went into, by name."""
    seen = annotation("expert-2", 8, arm="reveal", kind="final", shown_model="artimuse 1")
    images = (
        image(1, perceptual_hashes=("0123456789abcdef",) * 8),
        image(
            2, "validation", annotations=(annotation("expert-1", 7.5), annotation("expert-2", 8, arm="reveal"), seen)
        ),
        image(3, "test", annotations=(annotation("expert-1", 3),)),
    )
    write(folder, *images, **STATED)
    files = manifest.files_below(folder)
    names = {name for name in files if not name.endswith((".parquet", ".py", "rubric.json"))} - BINARY
    return {name: files[name].read_text(encoding="utf-8") for name in sorted(names)}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return text_of(tmp_path_factory.mktemp("golden") / "release")


@pytest.mark.parametrize("name", sorted(manifest.files_below(GOLDEN)))
def test_a_release_says_what_it_said(written: dict[str, str], name: str) -> None:
    assert written[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_no_file_is_without_one_to_hold_it_to(written: dict[str, str]) -> None:
    assert written.keys() == manifest.files_below(GOLDEN).keys()


if __name__ == "__main__":
    shutil.rmtree(GOLDEN, ignore_errors=True)
    with tempfile.TemporaryDirectory() as made:
        for name, text in text_of(Path(made) / "release").items():
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_text(text, encoding="utf-8", newline="\n")
