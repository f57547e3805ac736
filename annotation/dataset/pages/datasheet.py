"""DATASHEET.md: motivation, composition, collection, uses and maintenance."""

from __future__ import annotations

from functools import partial

from annotation.dataset.contents.statements import statement_sentence
from annotation.dataset.contents.tally import Tally
from annotation.dataset.format.facts import ReleaseFacts
from annotation.rubric.schema import Rubric

from . import exclusions, terms
from .markdown import render


def datasheet(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> str:
    """Return the text of the page."""
    return render(
        "DATASHEET.md",
        facts=facts,
        rubric=rubric,
        tally=tally,
        annotations=tally.annotations,
        stated=partial(statement_sentence, facts.statements),
        enough=exclusions.least_annotations_in_words(facts),
        per_image=", ".join(f"{name} {n:g}" for name, n in tally.counted_per_image.items()),
        excluded=exclusions.in_short(facts),
        whose=whose(tally),
        terms=terms.of_annotations(facts),
    )


def whose(tally: Tally) -> str:
    """Say of how many the answers are that enter the means."""
    programs = len(tally.counted_raters & tally.simulated_raters)
    n = len(tally.counted_raters)
    return f"{n} raters, {programs} of them simulated by a program" if programs else f"{n} people"
