"""README.md: the dataset card, with the YAML that the Hugging Face Hub and `datasets` read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from annotation.dataset.contents.aggregates import WHICH_COUNT
from annotation.dataset.contents.splits import SPLITS, TENTHS
from annotation.dataset.contents.tally import Tally
from annotation.dataset.contents.views import VIEWS
from annotation.dataset.format.facts import ReleaseFacts
from annotation.dataset.format.parquet import ShardSize
from annotation.rubric.schema import Rubric

from . import exclusions, terms
from .columns import ANNOTATION_COLUMNS, COLUMNS, VIEW_ROWS
from .dataset_info import dataset_info
from .markdown import render

# The licences that the Hub has a word for, by their SPDX names in small letters; anything else is "other" there.
HUB_LICENCES = {
    **{
        name: name
        for name in (
            "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0",
            "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0",
            "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "apache-2.0", "mit", "bsd-2-clause",
            "bsd-3-clause", "unlicense", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0",
        )
    },
    "pddl-1.0": "pddl",
    "odc-by-1.0": "odc-by",
    "odbl-1.0": "odbl",
}  # fmt: skip
# The classes are those of the Hub, which takes no others.
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
WHOLE = (("holistic", "Holistic score"), ("subcategory", "Subcategory"))


def card(facts: ReleaseFacts, rubric: Rubric, tally: Tally, sizes: Mapping[str, ShardSize]) -> str:
    """Return the text of the card; `sizes` are those of the Parquet files by name."""
    metadata = front_matter(facts, tally) | {"dataset_info": dataset_info(rubric, tally, sizes)}
    return render(
        "README.md",
        facts=facts,
        rubric=rubric,
        tally=tally,
        annotations=tally.annotations,
        front_matter=yaml.dump(metadata, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=1000),
        first_split=next(split for split in SPLITS if tally.splits[split]),
        columns=COLUMNS,
        annotation_columns=ANNOTATION_COLUMNS,
        view_rows=VIEW_ROWS,
        arms=arms_in_words(tally.arms),
        imported_arms=arms_in_words(tally.imported_arms),
        which_count=WHICH_COUNT,
        of_campaigns=exclusions.of_campaigns(facts),
        too_few=exclusions.too_few(facts),
        otherwise_excluded=sum(n for _, n in exclusions.counts(facts)) - facts.without_annotations,
        agreement=agreement_rows(facts.agreement, rubric),
        confidence=f"{100 * facts.agreement.get('confidence', 0.95):g} %",
        method=facts.agreement.get("method", ""),
        splits=SPLITS,
        tenths=TENTHS,
        terms=terms.of_annotations(facts),
    )


def arms_in_words(counts: Mapping[str, int]) -> str:
    """Return how many first answers each arm has, "4 blind, 1 reveal"."""
    return ", ".join(f"{n} {arm}" for arm, n in sorted(counts.items()) if n) or "none"


def agreement_rows(figures: Mapping[str, Any], rubric: Rubric) -> list[tuple[str, ...]]:
    """Return the cells of the table of agreement: attributes in the rubric's order, then what is judged as a whole."""
    names = {attribute.key: attribute.name["en"] for attribute in rubric.attributes}
    attributes: Mapping[str, Any] = figures.get("attributes", {})
    order = [key for key in names if key in attributes] + sorted(attributes.keys() - names.keys())
    rows: list[tuple[str, Mapping[str, Any]]] = [(names.get(key, key), attributes[key]) for key in order]
    rows += [(name, figures[key]) for key, name in WHOLE if figures.get(key)]
    return [_agreement_row(name, row) for name, row in rows]


def _agreement_row(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    alpha, limits = row.get("alpha"), row.get("interval")
    return (
        name,
        "not defined" if alpha is None else f"{alpha:.3f}",
        "none" if limits is None else f"{limits[0]:.3f} to {limits[1]:.3f}",
        *(str(row.get(key, "")) for key in ("n_images", "n_annotations", "n_raters", "level", "note")),
    )


def front_matter(facts: ReleaseFacts, tally: Tally) -> dict[str, Any]:
    """Return the card's metadata."""
    creators = []
    if len(tally.own_raters) > len(tally.simulated_raters):
        creators.append("expert-generated")
    if tally.annotations["simulated"]:
        creators.append("machine-generated")
    if tally.imported_raters:
        creators.append("found")
    return {
        **_licence(facts, tally),
        # The Hub knows languages by their code alone, without script or region.
        "language": sorted({language.split("-")[0] for language in tally.languages}) or ["en"],
        "annotations_creators": creators,
        "task_categories": ["image-to-text", "image-classification"],
        "size_categories": [_size(tally.images)],
        "pretty_name": f"{facts.title} {facts.version}",
        "tags": ["aesthetics", "image-quality-assessment", *(["demo"] if facts.is_demo else [])],
        "configs": [
            _config("default", "data", tally, default=True),
            *(_config(view.name, view.name, tally) for view in VIEWS if tally.rows[view.name].total()),
        ],
    }


def _config(name: str, folder: str, tally: Tally, **options: bool) -> dict[str, Any]:
    splits = [split for split in SPLITS if tally.rows[folder][split]]
    return {
        "config_name": name,
        **options,
        "data_files": [{"split": split, "path": f"{folder}/{split}-*.parquet"} for split in splits],
    }


def _licence(facts: ReleaseFacts, tally: Tally) -> dict[str, str]:
    annotations = facts.annotations_licence.lower() or "not-stated"
    images = next(iter(tally.licences)).lower() if len(tally.licences) == 1 else "mixed"
    if annotations == images and annotations in HUB_LICENCES:
        return {"license": HUB_LICENCES[annotations]}
    # The Hub takes one word here; the card and LICENSES.csv name them all.
    name = f"annotations-{annotations}-images-{images or 'not-stated'}"
    # Of the words that somebody has for a licence, it takes these characters only.
    name = re.sub("[^a-z0-9.]+", "-", name).strip("-")
    return {"license": "other", "license_name": name, "license_link": "LICENSES.csv"}


def _size(images: int) -> str:
    return next((name for below, name in SIZES if images < below), "1M<n<10M")
