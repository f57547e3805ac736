"""Set the headline beside what it leaves out: final answers, assisted answers, a panel that never saw a model.

The headline rests on first answers given blind or before the reveal. Final answers are the same people's answers to the
same images after the reveal, so that their difference is paired: one draw of images serves both. Assisted answers are
others; their draws are independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from annotation.agreement.coefficients.alpha import Disagreement, Level, Pairable, disagreement
from annotation.agreement.raters.anchoring import anchoring, revision
from annotation.agreement.raters.halo import METHOD as HALO_METHOD
from annotation.agreement.raters.halo import halos
from annotation.agreement.ratings import Ratings, Values

from .fields import coefficient
from .panel import ASSISTED, BLIND, Fields, Panel, RaterAnnotation
from .table import round_figures

DIFFERENCE = "difference from the headline; 95 % percentile bootstrap over images, {} replicates (seed {}), {}"
PAIRED_DRAWS, INDEPENDENT_DRAWS = "paired by image", "independent draws"
CARRY_OVER = (
    "Who also sees reveals may carry something of the model over into blind and first answers; then agreement looks "
    "higher and the anchoring smaller than they are. {}"
)
NO_BLIND_PANEL = "Nobody here answers blind only, so that cannot be told apart."
BLIND_PANEL = "{} people never saw a model here; their figures stand beside."

Row = dict[str, Any]


def by_annotations(panel: Panel, fields: Fields, *, seed: int, replicates: int) -> list[Row]:
    """Return by field: alpha on first, final, assisted and all final answers, and how far each is from the first."""
    own_annotations, assisted_annotations = (
        panel.own_annotations(),
        [annotation for annotation in panel.annotations if annotation.arm == ASSISTED],
    )
    annotation_sets: dict[str, tuple[Sequence[RaterAnnotation], bool]] = {
        "first": (own_annotations, False),
        "final": (own_annotations, True),
    }
    if assisted_annotations:
        annotation_sets |= {"assisted": (assisted_annotations, False), "all_final": (panel.annotations, True)}
    rows = []
    for name in fields.all:
        level = fields.level(name)
        headline = fields.ratings(name, own_annotations)
        for set_name, (members, final) in annotation_sets.items():
            ratings = fields.ratings(name, members, final=final)
            row = {"field": name, "annotations": set_name, **_short(ratings, level, seed, replicates)}
            if set_name != "first":
                row |= _difference(headline, ratings, level, seed, replicates)
            rows.append(row)
    return rows


def _short(ratings: Ratings, level: Level, seed: int, replicates: int) -> Row:
    figures = coefficient(ratings, level, seed=seed, replicates=replicates)
    low, high = figures["interval"] or (None, None)
    counts = {key: figures[key] for key in ("n_images", "n_annotations", "n_raters", "note")}
    return {"alpha": figures["alpha"], "lower": low, "upper": high, **counts}


def _difference(headline: Ratings, comparison: Ratings, level: Level, seed: int, replicates: int) -> Row:
    pairs = Pairable.of(headline), Pairable.of(comparison)
    if any(not each.units or each.is_constant for each in pairs):
        return {"difference": None, "difference_lower": None, "difference_upper": None, "difference_method": ""}
    # The same draw means the same images only where both have the same ones, with as many answers each.
    is_paired = headline.units == comparison.units and pairs[0].size.tolist() == pairs[1].size.tolist()
    first, second = (disagreement(each, level) for each in pairs)
    # Under one seed two samples that share nothing would still be drawn alike.
    differences = _replicates(second, seed if is_paired else seed + 1, replicates) - _replicates(
        first, seed, replicates
    )
    low, high = np.quantile(differences[np.isfinite(differences)], [0.025, 0.975])
    ends = {"difference_lower": low, "difference_upper": high}
    method = DIFFERENCE.format(replicates, seed, PAIRED_DRAWS if is_paired else INDEPENDENT_DRAWS)
    row: Row = round_figures({"difference": second.alpha() - first.alpha(), **ends, "difference_method": method})
    return row


def _replicates(sums: Disagreement, seed: int, replicates: int) -> Values:
    """Return alpha of so many draws of units; NaN where a draw has no variation, so that draws stay paired."""
    random, units = np.random.default_rng(seed), sums.pairs.units
    batches: list[Values] = []
    for begin in range(0, replicates, rows := max(1, 2_000_000 // units)):
        size = (min(rows, replicates - begin), units)
        batches.append(sums.replicates(random.integers(units, size=size, dtype=np.int64)))
    return np.concatenate(batches)


def anchoring_by_arm(panel: Panel, fields: Fields) -> dict[str, dict[str, Any]]:
    """Return the anchoring toward the model in the reveal and the assisted arm, by attribute; final scores in points.

    Beside it, under `revised`, how far people moved from their own first answer to the model's.
    """
    by_field: dict[str, dict[str, Any]] = {}
    annotations = [annotation for annotation in panel.annotations if annotation.image in panel.model]
    for name in fields.attributes:
        rows = [pair for pair in fields.values(name, annotations, final=True) if name in panel.model[pair[0].image]]
        # As `Ratings.of` sorts, so that arms and the model's scores stay beside their ratings.
        rows.sort(key=lambda pair: (pair[0].image, pair[0].rater))
        if rows:
            arms = [annotation.arm for annotation, _ in rows]
            model = np.array([panel.model[annotation.image][name] for annotation, _ in rows])
            table = _table(rows)
            model_arms = [arm for arm in ("reveal", "assisted") if arm in arms]
            by_field[name] = {arm: round_figures(asdict(anchoring(table, arms, model, arm))) for arm in model_arms}
            if "reveal" in by_field[name]:
                by_field[name]["reveal"]["revised"] = _revision(panel, fields, name)
    return by_field


def _table(rows: Sequence[tuple[RaterAnnotation, float]]) -> Ratings:
    return Ratings.of(
        [annotation.image for annotation, _ in rows],
        [annotation.rater for annotation, _ in rows],
        [value for _, value in rows],
    )


def _revision(panel: Panel, fields: Fields, name: str) -> Row:
    """Return the share of the way from the first to the model's score in revealed answers."""
    reveal_annotations = [
        annotation
        for annotation in panel.annotations
        if annotation.arm == "reveal" and name in panel.model.get(annotation.image, {})
    ]
    both = [
        (annotation, first, final)
        for (annotation, first), (_, final) in zip(
            fields.values(name, reveal_annotations), fields.values(name, reveal_annotations, final=True), strict=True
        )
    ]
    model = np.array([panel.model[annotation.image][name] for annotation, _, _ in both])
    first, final = (np.array([row[place] for row in both], dtype=np.float64) for place in (1, 2))
    figures: Row = round_figures(asdict(revision(first, final, model, [annotation.rater for annotation, _, _ in both])))
    return figures


def halo_rows(panel: Panel, fields: Fields) -> list[Row]:
    """Return how far each rater's attributes move together, beyond what the images explain."""
    own_annotations = panel.own_annotations()
    tables = {name: table for name in fields.attributes if (table := fields.ratings(name, own_annotations)).n}
    if len(tables) < 2:
        return []
    rows = [asdict(each) for each in halos(tables)]
    return [round_figures({key: value for key, value in row.items() if key != "method"}) for row in rows]


def blind_panel(panel: Panel, fields: Fields, *, seed: int, replicates: int) -> Row:
    """Return who answers blind only, their alpha by field, and what carry-over may do where they are not many."""
    raters_with_model = {annotation.rater for annotation in panel.annotations if annotation.arm != BLIND}
    blind_raters = sorted({annotation.rater for annotation in panel.annotations} - raters_with_model)
    blind_annotations = [annotation for annotation in panel.own_annotations() if annotation.rater in blind_raters]
    is_comparable = len(blind_raters) > 1 and bool(raters_with_model)
    return {
        "raters": len(blind_raters),
        "raters_who_saw_a_model": len(raters_with_model),
        "blind_annotations_of_those": sum(
            annotation.arm == BLIND and annotation.rater in raters_with_model for annotation in panel.annotations
        ),
        "fields": _fields_of(blind_annotations, fields, seed, replicates) if is_comparable else [],
        "note": CARRY_OVER.format(BLIND_PANEL.format(len(blind_raters)) if blind_raters else NO_BLIND_PANEL)
        if raters_with_model
        else "",
        "halo_method": HALO_METHOD,
    }


def _fields_of(annotations: Iterable[RaterAnnotation], fields: Fields, seed: int, replicates: int) -> list[Row]:
    ratings = list(annotations)
    return [
        {"field": name, **_short(fields.ratings(name, ratings), fields.level(name), seed, replicates)}
        for name in fields.all
    ]
