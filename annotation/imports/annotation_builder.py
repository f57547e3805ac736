"""An annotation put together from what a file says of it, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from annotation.errors import FieldsInvalid
from annotation.rubric.reading import Model, read, shorten

from .records import ForeignAnnotation, Problem, Records
from .rows import AnnotationRow, JudgementRow, field_of
from .vocabulary import Vocabulary

CHINESE = re.compile("[\u4e00-\u9fff]")


class AnnotationBuilder:
    """One annotation in the making, and what is wrong with it."""

    def __init__(self, annotation: ForeignAnnotation, words: Vocabulary) -> None:
        self.annotation, self.words = annotation, words
        self.problems: list[Problem] = []
        self.describe(rater=annotation.rater, arm=words.arm)

    def result(self) -> Records:
        """Yield the annotation if all of it is right and there is something in it, else its problems."""
        if not self.problems and not (self.annotation.steps or self.annotation.critiques):
            self.refuse("answer", "holds neither a score nor a critique")
        if self.problems:
            yield from self.problems
        else:
            yield self.annotation

    def refuse(self, name: str, reason: str) -> None:
        """Note what is wrong with a field."""
        self.problems.append(Problem(self.annotation.place, name, reason))

    def judge(self, name: str, content: Mapping[str, Any], *, with_origins: bool = False) -> None:
        """Take what is said of an attribute: `score` in points, `critique` and its `language`, `pins`.

        Where no language is named, Chinese is known by its characters. `with_origins`, take where score and critique
        came from, how far a model's was edited, and how much was pasted.
        """
        key = self.words.attribute(name)
        if key is None:
            accepted = ", ".join(self.words.rubric.by_key)
            self.refuse(f"{name}: {next(iter(content))}", f"the attribute is unknown; accepted: {accepted}")
            return
        row = self._read(JudgementRow, content, f"{name}: ", self.words.judging(key))
        if row is None:
            return
        # The same twice is no contradiction: exports repeat rows.
        if row.steps is not None and self.annotation.steps.setdefault(key, row.steps) != row.steps:
            self.refuse(f"{name}: score", "stands twice with different values")
        if row.critique and self.annotation.critiques.setdefault(key, row.critique) != row.critique:
            self.refuse(f"{name}: critique", "stands twice with different texts")
        if content.get("critique"):
            guess = "zh-hans" if CHINESE.search(row.critique) else ""
            self.annotation.languages[key] = guess if row.language is None else row.language
        if row.pins:
            self.annotation.pins[key] = [pin.to_json() for pin in row.pins]
        if with_origins:
            self.annotation.origins[key] = row.origins()

    def choose(self, name: str, choices: list[str]) -> None:
        """Take the subcategory that was chosen; of several, none could be stored without a guess."""
        if len(choices) > 1:
            self.refuse(name, f"one choice is accepted, not {len(choices)}: {shorten(', '.join(choices))}")
        else:
            self.describe(subcategory=next(iter(choices), ""))

    def describe(self, **content: Any) -> None:
        """Take what is said of the whole: `subcategory`, `arm`, `seconds`, `seconds_to_first_score`."""
        row = self._read(AnnotationRow, content)
        if row is None:
            return
        if row.subcategory and self.annotation.subcategory not in ("", row.subcategory):
            self.refuse("subcategory", "stands twice with different values")
            return
        # An empty cell in a later row takes nothing back that an earlier one said.
        for name in row.model_fields_set - {"rater"}:
            setattr(self.annotation, name, getattr(row, name) or getattr(self.annotation, name))

    def _read(
        self, model: type[Model], content: Mapping[str, Any], prefix: str = "", words: Vocabulary | None = None
    ) -> Model | None:
        try:
            return read(model, dict(content), context=words or self.words, name=field_of)
        except FieldsInvalid as error:
            for name, reason in error.errors.items():
                self.refuse(f"{prefix}{name}", reason)
            return None
