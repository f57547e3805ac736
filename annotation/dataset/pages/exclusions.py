"""Say in words which images of its campaigns a release leaves out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.dataset.format.facts import ReleaseFacts

from .markdown import table

LISTED, ADJUDICATED, WITHDRAWN = "listed", "adjudicated", "withdrawn"
KINDS = {
    LISTED: "listed by the organiser",
    ADJUDICATED: "taken out by an adjudicator",
    WITHDRAWN: "withdrawn",
}
UNKNOWN = "for a reason that was not recorded"
MOST_REASONS = 20


def least_of(facts: ReleaseFacts) -> int:
    """Return how many answers that count an image has at least."""
    return int(facts.query.get("least_answers", 1))


def enough(facts: ReleaseFacts) -> str:
    """Say how many answers that count an image has at least."""
    least = least_of(facts)
    return f"at least {least} answers that count" if least > 1 else "at least one answer that counts"


def too_few(facts: ReleaseFacts) -> str:
    """Say what the images that were not judged often enough lack."""
    least = least_of(facts)
    return f"fewer than {least} answers that count" if least > 1 else "no answer that counts"


def of_campaigns(facts: ReleaseFacts) -> str:
    """Name the campaigns that the images of a release are of."""
    return "of the campaigns" if facts.query.get("also") else "of the campaign"


def counts(facts: ReleaseFacts) -> list[tuple[str, int]]:
    """Return each reason why images stay out, with how many do."""
    kinds = Counter(_kind(row) for row in _excluded(facts))
    return [
        *((words, kinds[words]) for words in KINDS.values()),
        *([(UNKNOWN, kinds[UNKNOWN])] if kinds[UNKNOWN] else []),
        ("held back, as they would tie near duplicates of different splits together", len(facts.held_back)),
        (f"with {too_few(facts)}", facts.without_answers),
    ]


def in_short(facts: ReleaseFacts) -> str:
    """Return the reasons that hold for any image, in a line."""
    return ", ".join(f"{n} {words}" for words, n in counts(facts) if n) or "none"


def section(facts: ReleaseFacts) -> Iterator[str]:
    """Yield what the protocol says of the images left out."""
    yield (
        f"In this release is every image {of_campaigns(facts)} that has {enough(facts)}, but those listed, taken out, "
        "withdrawn or held back, each of which `release.json` names with the reason (`query.excluded`, `held_back`)."
    )
    yield table(("Left out", "Images"), ((words, str(n)) for words, n in counts(facts)))
    reasons = Counter(map(reason, _excluded(facts)))
    if reasons:
        yield table(("Reason on record", "Images"), _most(reasons))
    gone = sum(row["what"] == "rater" for row in facts.withdrawn)
    if gone:
        yield f"All answers of {gone} raters who withdrew stay out as well; `WITHDRAWN.csv` lists them."


def removed(facts: ReleaseFacts, images: Iterable[str]) -> str:
    """Return a table of why images that were in the release before are not in this one; empty where there are none."""
    known = {row["sha256"]: reason(row) for row in _excluded(facts)}
    otherwise = f"{too_few(facts)}, or of a campaign that is not in this release"
    reasons = Counter(known.get(sha256, otherwise) for sha256 in images)
    return table(("Why images were removed", "Images"), _most(reasons)) if reasons else ""


def reason(row: Mapping[str, Any]) -> str:
    """Return who left an image out, and why in their words."""
    why = str(row["why"]).removeprefix(f"{LISTED}: ").removeprefix(f"{WITHDRAWN}: ")
    return f"{_kind(row)}: {why}" if why else _kind(row)


def _kind(row: Mapping[str, Any]) -> str:
    return KINDS.get(row.get("kind", ""), UNKNOWN)


def _excluded(facts: ReleaseFacts) -> list[Mapping[str, Any]]:
    return list(facts.query.get("excluded", ()))


def _most(reasons: Counter[str]) -> Iterator[tuple[str, str]]:
    """Yield the reasons that most images have, then how many have others."""
    in_order = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    for words, n in in_order[:MOST_REASONS]:
        yield words, str(n)
    others = sum(n for _words, n in in_order[MOST_REASONS:])
    if others:
        yield "other reasons, each in `release.json`", str(others)
