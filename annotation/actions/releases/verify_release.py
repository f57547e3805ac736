"""Check a release against itself, its figures of agreement included; no database is asked."""

from __future__ import annotations

from pathlib import Path

from annotation.dataset.verify.verify import Verification, verify

from .rederive import FromRows


def verify_release(folder: Path) -> Verification:
    """Check the release in `folder`. Never raise for what is in it; say what does not fit instead."""
    return verify(folder, FromRows)
