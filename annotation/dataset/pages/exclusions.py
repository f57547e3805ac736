"""Which images of its campaigns a release leaves out, and why, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from annotation.dataset.format.facts import ADJUDICATED, LISTED, WITHDRAWN, ExcludedImage, ReleaseFacts

KINDS = {
    LISTED: "listed by the organiser",
    ADJUDICATED: "excluded by an adjudicator",
    WITHDRAWN: "withdrawn",
}
MOST_REASONS = 20


def least_of(facts: ReleaseFacts) -> int:
    """Return how many answers that count an image has at least."""
    return facts.scope.least_annotations


def least_annotations_in_words(facts: ReleaseFacts) -> str:
    """Say how many answers that count an image has at least."""
    n = least_of(facts)
    return f"at least {n} answers that count" if n > 1 else "at least one answer that counts"


def too_few(facts: ReleaseFacts) -> str:
    """Say what the images that were not judged often enough lack."""
    n = least_of(facts)
    return f"fewer than {n} answers that count" if n > 1 else "no answer that counts"


def of_campaigns(facts: ReleaseFacts) -> str:
    """Name the campaigns that the images of a release are of."""
    return "of the campaigns" if facts.scope.also else "of the campaign"


def counts(facts: ReleaseFacts) -> list[tuple[str, int]]:
    """Return each reason why images stay out, with how many do."""
    kinds = Counter(KINDS[row.kind] for row in facts.scope.excluded)
    return [
        *((words, kinds[words]) for words in KINDS.values()),
        ("held back, as they would tie near duplicates of different splits together", len(facts.held)),
        (f"with {too_few(facts)}", facts.without_annotations),
    ]


def in_short(facts: ReleaseFacts) -> str:
    """Return the reasons that hold for any image, in a line."""
    return ", ".join(f"{n} {words}" for words, n in counts(facts) if n) or "none"


def reasons(facts: ReleaseFacts) -> list[tuple[str, int]]:
    """Return the reasons on record that most images have, then how many have others."""
    return _most_frequent(Counter(map(reason, facts.scope.excluded)))


def reasons_of(facts: ReleaseFacts, images: Iterable[str]) -> list[tuple[str, int]]:
    """Return why images that were in the release before are not in this one, most frequent first."""
    reasons_by_image = {row.sha256: reason(row) for row in facts.scope.excluded}
    default_reason = f"{too_few(facts)}, or of a campaign that is not in this release"
    return _most_frequent(Counter(reasons_by_image.get(sha256, default_reason) for sha256 in images))


def reason(row: ExcludedImage) -> str:
    """Return who left an image out, and why in their words."""
    words = row.why.removeprefix(f"{LISTED}: ").removeprefix(f"{WITHDRAWN}: ")
    return f"{KINDS[row.kind]}: {words}" if words else KINDS[row.kind]


def _most_frequent(counts: Counter[str]) -> list[tuple[str, int]]:
    sorted_counts = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    n_others = sum(n for _, n in sorted_counts[MOST_REASONS:])
    return [*sorted_counts[:MOST_REASONS], *([("other reasons, each in `release.json`", n_others)] if n_others else [])]
