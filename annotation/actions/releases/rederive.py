"""Work the report of agreement in a release out again from the rows inside it, by the engine that makes reports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from annotation.actions.agreement.measure_agreement import compare_figures, engine_version
from annotation.agreement.report.campaign_report import SECTIONS, ReportContents, figures
from annotation.agreement.report.panel import Panel, RaterAnnotation, Scores
from annotation.dataset.contents.aggregates import FIRST
from annotation.dataset.format.canonical import round_figures
from annotation.dataset.verify.rows import Rubrics

# What rows do not hold: the hour of an answer, who is eligible for what, what the model said of images not shown.
NOT_IN_ROWS = ("drift", "arms", "model_against_humans")
SCOPES_NOT_IN_ROWS = ("period", "expertise")
WORDS = ("methods", "scopes_method")  # They name the periods.
BY_ANY_ENGINE = ("alpha", "n_images", "n_annotations", "n_raters")
SOME_TIME = "1970-01-01T00:00:00+00:00"  # The engine asks for one; nothing that rests on it is compared.
IN_FULL = (
    "agreement worked out again from the rows, intervals and tables, but for drift, periods, expertise and the model's "
    "scores, of which rows tell too little"
)
BY_ANOTHER = "alpha and counts of agreement worked out again from the rows; the rest was made by another engine, {}"
NONE = "there is no report of agreement inside"


class FromRows:
    """The answers of a release, and how what it states of their agreement differs from what they give."""

    def __init__(self, rubrics: Rubrics) -> None:
        self._rubrics = rubrics
        self._annotations: list[RaterAnnotation] = []
        self._subcategories: dict[str, str] = {}
        self._simulated: set[str] = set()

    def add(self, row: Mapping[str, Any]) -> None:
        """Take one image's row."""
        self._subcategories[row["sha256"]] = row["subcategory"]
        inside = [annotation for annotation in row["annotations"] if _is_inside(annotation)]
        final = {annotation["rater"]: annotation for annotation in inside}  # The final one stands after the first.
        for annotation in inside:
            if annotation["kind"] == FIRST:
                self._annotations.append(self._annotation(row["sha256"], annotation, final[annotation["rater"]]))
                self._simulated.update([annotation["rater"]] if annotation["simulated"] else [])

    def differences(self, record: Mapping[str, Any]) -> Iterator[str]:
        """Say of each figure that is stated otherwise than the rows give it."""
        stated = record["agreement"]
        if not stated:
            return
        in_full = self._by_this_engine(record)
        computed = self._figures(stated, in_full=in_full)
        for row in compare_figures(_comparable(stated, computed, in_full=in_full), computed):
            yield f"{row['path']} is {_short(row['old'])}, but the rows give {_short(row['new'])}"

    def extent(self, record: Mapping[str, Any]) -> str:
        """Say how much of the report is worked out again."""
        if not record["agreement"]:
            return NONE
        engine = record["engine"].get("agreement", "unknown")
        return IN_FULL if self._by_this_engine(record) else BY_ANOTHER.format(engine)

    def _annotation(self, image: str, first: Mapping[str, Any], final: Mapping[str, Any]) -> RaterAnnotation:
        number = int(str(first["rubric_version"]).rpartition(" ")[2])
        scores = self._scores(first), self._scores(final)
        return RaterAnnotation(image, first["rater"], first["arm"], SOME_TIME, number, *scores)

    def _scores(self, annotation: Mapping[str, Any]) -> Scores:
        scale = self._rubrics.by_name[annotation["rubric_version"]].scale
        judged = [annotation["judgements"][key] for key in self._rubrics.own.by_key]
        steps = [None if one is None or one["score"] is None else scale.to_steps(one["score"]) for one in judged]
        holistic = None if annotation["holistic"] is None else round(annotation["holistic"] * 100)
        return Scores(annotation["subcategory"], holistic, tuple(steps))

    @staticmethod
    def _by_this_engine(record: Mapping[str, Any]) -> bool:
        return bool(record["engine"].get("agreement") == engine_version())

    def _figures(self, stated: Mapping[str, Any], *, in_full: bool) -> dict[str, Any]:
        """Return what the rows give, in the form of `release.json`."""
        panel = Panel(tuple(sorted(self._annotations)), self._subcategories, simulated=tuple(sorted(self._simulated)))
        scopes = dict.fromkeys(row["by"] for row in stated.get("scopes", ()))
        contents = ReportContents(
            sections=[name for name in SECTIONS if in_full and name in stated and name not in NOT_IN_ROWS],
            scopes=[by for by in scopes if by not in SCOPES_NOT_IN_ROWS],
            exclusions=_named(stated.get("without", {})),
            seed=stated["seed"],
            # No interval of another engine is compared, so there is nothing to draw.
            replicates=stated["replicates"] if in_full else 1,
        )
        # What is stated went through JSON, where tuples became lists and keys text.
        made = json.loads(json.dumps(figures(panel, self._rubrics.own, contents)))
        computed: dict[str, Any] = round_figures({name: part for name, part in made.items() if name not in WORDS})
        return computed if in_full else _headline(computed)


def _is_inside(annotation: Mapping[str, Any]) -> bool:
    return bool(annotation["arm"]) and not (
        annotation["surplus"] or annotation["repeat"] or annotation["superseded"] or annotation["imported"]
    )


def _named(without: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return whom and what a report excluded beside the headline because somebody named it."""
    raters = {row["rater"]: row["reason"] for row in without.get("raters", ()) if row["by"] == "named"}
    return {"raters": raters, "images": {row["image"]: row["reason"] for row in without.get("images", ())}}


def _comparable(stated: Mapping[str, Any], computed: Mapping[str, Any], *, in_full: bool) -> dict[str, Any]:
    """Return of what is stated the part that rows can tell."""
    kept = {name: stated.get(name) for name in computed}
    if "scopes" in kept:
        kept["scopes"] = [row for row in stated["scopes"] if row["by"] not in SCOPES_NOT_IN_ROWS]
    return kept if in_full else _headline(stated)


def _headline(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every engine works out alike."""
    rows = {f"attributes.{key}": row for key, row in stated["attributes"].items()}
    rows |= {key: stated[key] for key in ("holistic", "subcategory")}
    return {name: {what: row[what] for what in BY_ANY_ENGINE} for name, row in rows.items()} | {
        what: stated[what] for what in BY_ANY_ENGINE[1:]
    }


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:100]} …"
