"""Name what organisers say of a dataset in their own words, for its datasheet."""

from __future__ import annotations

from collections.abc import Mapping

# Each with how the pages of a release name it.
STATEMENTS = {
    "creators": "Creators",
    "contact": "Contact",
    "funding": "Funding",
    "ethics_review": "Ethics review",
    "recruitment": "Recruitment and training of the raters",
    "payment": "Payment of the raters",
    "sources": "Data it was derived from",
    "synthetic": "Images and texts made by programs",
    "social_impact": "Social impact",
}
LICENCE = "annotations_licence"
NOT_STATED = "not stated by the organisers"
LONGEST_STATEMENT = 2000


def statement_sentence(statements: Mapping[str, str], key: str) -> str:
    """Return a statement as a sentence after its name, or that there is none."""
    return f"{STATEMENTS[key]}: {('; '.join(lines(statements, key)) or NOT_STATED).rstrip('.')}."


def lines(statements: Mapping[str, str], key: str) -> list[str]:
    """Return the lines of a statement that say something."""
    return [words for line in statements.get(key, "").splitlines() if (words := " ".join(line.split()))]


def gaps(licence: str, statements: Mapping[str, str]) -> list[str]:
    """Return what is not stated, by key."""
    missing_keys = [key for key in STATEMENTS if not lines(statements, key)]
    return missing_keys if licence else [LICENCE, *missing_keys]
