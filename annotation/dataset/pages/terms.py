"""The terms under which the annotations of a release stand, apart from those of its images."""

from __future__ import annotations

from annotation.dataset.format.facts import ReleaseFacts

ANNOTATIONS = "The annotations (scores, critiques, subcategories and what was worked out from them)"


def of_annotations(facts: ReleaseFacts) -> str:
    """Say under which terms the annotations stand, and where those of a further campaign stand under others."""
    terms = (
        f"stand under {facts.annotations_licence}" if facts.annotations_licence else "have no licence that is stated"
    )
    licences = {slug: protocol.annotations_licence for slug, protocol in facts.protocol.also.items()}
    further = (
        f" Those of campaign {slug} {f'stand under {licence}' if licence else 'have no licence that is stated'}."
        for slug, licence in licences.items()
        if licence != facts.annotations_licence
    )
    return f"{ANNOTATIONS} {terms}.{''.join(further)}"
