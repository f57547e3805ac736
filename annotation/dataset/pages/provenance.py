"""What a release was derived from and made by, in the words of PROV (www.w3.org/TR/prov-o), for its Croissant file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from annotation.dataset.contents.statements import lines
from annotation.dataset.contents.tally import Tally
from annotation.dataset.format.facts import ReleaseFacts
from annotation.rubric.schema import Rubric

# What rubrics call images that a program made.
GENERATED = ("aigc",)


def is_synthetic(facts: ReleaseFacts, tally: Tally) -> bool:
    """Tell whether a program made any of what is inside: answers, critiques, or images as far as that is known."""
    by_program = tally.annotations["simulated"] or tally.models or tally.imported_models
    stated = " ".join(lines(facts.statements, "synthetic"))
    says_none = bool(re.match(r"(no|none|not any|nothing)\b", stated.lower()))
    return bool(by_program or (stated and not says_none) or any(tally.subcategories[key] for key in GENERATED))


def provenance(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> dict[str, Any]:
    """Return where the data came from, and what was done to make them."""
    return {
        "prov:wasDerivedFrom": list(_sources(facts)),
        "prov:wasGeneratedBy": [
            {"@type": "prov:Activity", "name": name, "description": words}
            for name, words in _activities(facts, rubric, tally)
        ],
    }


def _sources(facts: ReleaseFacts) -> Iterator[dict[str, str]]:
    """Yield the data sets that organisers name, one a line, then the release before and where images are from."""
    for line in lines(facts.statements, "sources"):
        address = re.search(r"https?://[^\s<>]+", line)
        name = line.replace(address[0], "").strip(" :,;()") if address else line
        source = {"@type": "sc:Dataset", "name": name or line}
        yield source | ({"url": address[0].rstrip(".,;)")} if address else {})
    if facts.previous:
        name = f"{facts.campaign}-{facts.previous.version}"
        yield {"@type": "sc:Dataset", "name": name, "identifier": f"sha256:{facts.previous.manifest_sha256}"}
    yield {"@type": "sc:CreativeWork", "name": "The images, each with author, source and licence in LICENSES.csv"}


def _activities(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> Iterator[tuple[str, str]]:
    answers = tally.annotations
    program = f"Connoisseur {facts.engine.get('connoisseur', '')}".strip()
    yield "Collection", f"{tally.images} images were imported into {program}; near duplicates were grouped: LEAKAGE.md."
    if tally.models or tally.imported_models:
        yield (
            "Prefill",
            f"Programs proposed scores or critiques: {', '.join(sorted(tally.models | tally.imported_models))}.",
        )
    yield (
        "Annotation",
        f"{len(tally.raters)} raters gave {answers['all']} answers by the {rubric.title['en']} ({facts.rubric_name}): "
        f"PROTOCOL.md. {answers['simulated']} of them are simulated by a program, {answers['imported']} were imported.",
    )
    if tally.causes:
        yield "Adjudication", f"{sum(tally.causes.values())} disagreements were adjudicated by people."
    yield "Release", f"Means, splits and files were worked out by {program} on {facts.released_at}, seed {facts.seed}."
