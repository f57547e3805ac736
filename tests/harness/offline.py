"""Load releases the way their readers do, without a network."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when the package is imported
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

from pathlib import Path
from typing import Any

import datasets

datasets.disable_progress_bars()


def load_release(folder: Path, cache: Path, **options: Any) -> Any:
    """Return the splits of a release; `cache` is where `datasets` keeps its own copy."""
    return datasets.load_dataset(str(folder), cache_dir=str(cache), **options)


def load_builder(folder: Path, cache: Path, **options: Any) -> Any:
    """Return what `datasets` knows of a release before it loads any of it."""
    return datasets.load_dataset_builder(str(folder), cache_dir=str(cache), **options)
