"""Work the report of agreement in a release out again from the rows inside it, by the engine that makes reports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from annotation.actions.agreement.measure_agreement import compare_figures, engine_version
from annotation.agreement.report.campaign_report import SECTIONS, ReportContents, figures
from annotation.agreement.report.panel import Panel, RaterAnnotation, Scores
from annotation.dataset.contents.aggregates import FIRST, SENT_BACK
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
        annotations_inside = [annotation for annotation in row["annotations"] if _is_inside(annotation)]
        # What was said after an annotation was sent back is in no figure.
        annotations_inside = [annotation for annotation in annotations_inside if annotation["kind"] != SENT_BACK]
        final = {
            annotation["rater"]: annotation for annotation in annotations_inside
        }  # The final one stands after the first.
        for annotation in annotations_inside:
            if annotation["kind"] == FIRST:
                self._annotations.append(self._annotation(row["sha256"], annotation, final[annotation["rater"]]))
                self._simulated.update([annotation["rater"]] if annotation["simulated"] else [])

    def differences(self, record: Mapping[str, Any]) -> Iterator[str]:
        """Say of each figure that is stated otherwise than the rows give it."""
        statement = record["agreement"]
        if not statement:
            return
        in_full = self._by_this_engine(record)
        results = self._figures(statement, in_full=in_full)
        for row in compare_figures(_comparable_part(statement, results, in_full=in_full), results):
            yield f"{row['path']} is {_shorten(row['old'])}, but the rows give {_shorten(row['new'])}"

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
        judgements = [annotation["judgements"][key] for key in self._rubrics.own.by_key]
        steps = [
            None if judgement is None or judgement["score"] is None else scale.to_steps(judgement["score"])
            for judgement in judgements
        ]
        holistic = None if annotation["holistic"] is None else round(annotation["holistic"] * 100)
        return Scores(annotation["subcategory"], holistic, tuple(steps))

    @staticmethod
    def _by_this_engine(record: Mapping[str, Any]) -> bool:
        return bool(record["engine"].get("agreement") == engine_version())

    def _figures(self, statement: Mapping[str, Any], *, in_full: bool) -> dict[str, Any]:
        """Return what the rows give, in the form of `release.json`."""
        panel = Panel(tuple(sorted(self._annotations)), self._subcategories, simulated=tuple(sorted(self._simulated)))
        scopes = dict.fromkeys(row["by"] for row in statement.get("scopes", ()))
        contents = ReportContents(
            sections=[name for name in SECTIONS if in_full and name in statement and name not in NOT_IN_ROWS],
            scopes=[by for by in scopes if by not in SCOPES_NOT_IN_ROWS],
            exclusions=_named_exclusions(statement.get("without", {})),
            seed=statement["seed"],
            # No interval of another engine is compared, so there is nothing to draw.
            replicates=statement["replicates"] if in_full else 1,
        )
        # What is stated went through JSON, where tuples became lists and keys text.
        results = json.loads(json.dumps(figures(panel, self._rubrics.own, contents)))
        rounded_results: dict[str, Any] = round_figures(
            {name: part for name, part in results.items() if name not in WORDS}
        )
        return rounded_results if in_full else _headline_figures(rounded_results)


def _is_inside(annotation: Mapping[str, Any]) -> bool:
    return bool(annotation["arm"]) and not (
        annotation["surplus"]
        or annotation["exposed"]
        or annotation["repeat"]
        or annotation["superseded"]
        or annotation["imported"]
    )


def _named_exclusions(without: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return whom and what a report excluded beside the headline because somebody named it."""
    raters = {row["rater"]: row["reason"] for row in without.get("raters", ()) if row["by"] == "named"}
    return {"raters": raters, "images": {row["image"]: row["reason"] for row in without.get("images", ())}}


def _comparable_part(statement: Mapping[str, Any], results: Mapping[str, Any], *, in_full: bool) -> dict[str, Any]:
    """Return of what is stated the part that rows can tell."""
    fields = {name: statement.get(name) for name in results}
    if "scopes" in fields:
        fields["scopes"] = [row for row in statement["scopes"] if row["by"] not in SCOPES_NOT_IN_ROWS]
    return fields if in_full else _headline_figures(statement)


def _headline_figures(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every engine works out alike."""
    rows = {f"attributes.{key}": row for key, row in statement["attributes"].items()}
    rows |= {key: statement[key] for key in ("holistic", "subcategory")}
    return {name: {figure: row[figure] for figure in BY_ANY_ENGINE} for name, row in rows.items()} | {
        figure: statement[figure] for figure in BY_ANY_ENGINE[1:]
    }


def _shorten(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:100]} …"
