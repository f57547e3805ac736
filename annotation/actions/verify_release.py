"""Check a release against itself, its figures of agreement included; no database is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from annotation.agreement.alpha import Level, alpha
from annotation.agreement.ratings import Ratings
from annotation.exporters.verify import Verification, verify


def verify_release(folder: Path) -> Verification:
    """Check the release in `folder`. Never raise for what is in it; say what does not fit instead."""
    return verify(folder, measure)


def measure(given: Sequence[tuple[str, str, float]], level: Level) -> dict[str, Any]:
    """Return Krippendorff's alpha of ratings (image, rater, value), and what it rests on."""
    found = alpha(Ratings.of(*zip(*given, strict=True)) if given else Ratings.of((), (), ()), level)
    counts = {"n_images": found.n_units, "n_answers": found.n_ratings, "n_raters": found.n_raters}
    return {"alpha": found.value} | counts
