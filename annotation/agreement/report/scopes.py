"""Measure agreement in parts of a campaign, so that a good total cannot hide a bad part.

A part is a category, a subcategory, a period, a group of raters or a rubric version. Only answers inside a part are
compared with each other. Parts with too few images are pooled with others like them, which is said; where that does not
help either, it is said how many more images are needed, never more than a stated most.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

from annotation.phrases import phrase as _

from .fields import coefficient
from .panel import Fields, Panel, RaterAnnotation

DIMENSIONS = ("category", "subcategory", "period", "expertise", "rubric_version")
PERIODS = ("months", "halves")
FEWEST_IMAGES = 10  # With two answers or more; a smaller part is pooled.
HALF_WIDTH = 0.1  # Of the interval of alpha for these raters: the precision that `more_images` would reach.
MOST_IMAGES = 10_000  # No larger number of further images is named.
LONGEST_NAMES = 60
FIRST_HALF, SECOND_HALF = "first half", "second half"
METHOD = (
    "only answers inside a part are compared; parts with fewer than {fewest} images that two people or more answered "
    "are pooled (subcategories by category); more_images is what would bring the half-width of the interval for these "
    "raters to {width:g}, at most {most}; periods: {period}, by the time of the first answer (UTC)"
)

Row = dict[str, Any]
Parts = dict[str, list[RaterAnnotation]]


def measure_scopes(
    panel: Panel, fields: Fields, dimensions: Sequence[str], *, period: str, seed: int, replicates: int
) -> list[Row]:
    """Return a row for each part and field: alpha, both intervals, counts, what was pooled and what is needed."""
    rows: list[Row] = []
    for by in dimensions:
        for part, (members, own) in pool_parts(parts(panel, fields, by, period), fields, by).items():
            for name in fields.all:
                ratings = fields.ratings(name, own)
                figures = coefficient(ratings, fields.level(name), seed=seed, replicates=replicates)
                rows.append(_row(by, part, members, name, figures))
    return rows


def method(period: str) -> str:
    """Say how parts are made."""
    return METHOD.format(fewest=FEWEST_IMAGES, width=HALF_WIDTH, most=MOST_IMAGES, period=period)


def period_of(panel: Panel) -> str:
    """Return how a campaign is cut into periods: months where its answers span several, else halves."""
    months = {annotation.at[:7] for annotation in panel.own_annotations()}
    return "months" if len(months) > 1 else "halves"


def parts(panel: Panel, fields: Fields, by: str, period: str) -> Parts:
    """Return the answers of each part, by its name."""
    name = part_names(panel, fields, period)[by]
    groups: Parts = defaultdict(list)
    for annotation in panel.own_annotations():
        groups[name(annotation)].append(annotation)
    return dict(sorted(groups.items()))


def narrow_panel(panel: Panel, fields: Fields, scope: Mapping[str, str], period: str) -> Panel:
    """Keep the answers of one part, by any number of dimensions. Raise ValueError naming what is unknown."""
    names = part_names(panel, fields, period or period_of(panel))
    annotations = list(panel.annotations)
    for by, part in scope.items():
        if by not in names:
            accepted = ", ".join(DIMENSIONS)
            raise ValueError(_("scope: %(given)s is unknown; accepted: %(accepted)s", given=by, accepted=accepted))
        parts = sorted({names[by](annotation) for annotation in panel.annotations})
        if part not in parts:
            raise ValueError(
                _("scope %(by)s: %(given)s has no answers; there are: %(accepted)s", by=by, given=part,
                  accepted=", ".join(parts))
            )  # fmt: skip
        annotations = [annotation for annotation in annotations if names[by](annotation) == part]
    return panel.keep(annotations)


def part_names(panel: Panel, fields: Fields, period: str) -> Mapping[str, Callable[[RaterAnnotation], str]]:
    """Return for each dimension the function that names the part of an answer."""
    moments = sorted(annotation.at for annotation in panel.own_annotations())
    # The lower middle one, as the first half takes it in: of two answers each half gets one.
    middle = moments[(len(moments) - 1) // 2] if moments else ""
    kinds = fields.rubric.subcategories
    return {
        "category": lambda annotation: kinds[panel.subcategories[annotation.image]].category,
        "subcategory": lambda annotation: panel.subcategories[annotation.image],
        "period": lambda annotation: (
            annotation.at[:7] if period == "months" else FIRST_HALF if annotation.at <= middle else SECOND_HALF
        ),
        "expertise": lambda annotation: panel.expertise.get(annotation.rater, "all"),
        "rubric_version": lambda annotation: str(annotation.rubric),
    }


def pool_parts(groups: Parts, fields: Fields, by: str) -> dict[str, tuple[list[str], list[RaterAnnotation]]]:
    """Return the parts with their members, those too small pooled: subcategories within a category, then the rest."""
    large_parts = {name: ([name], annotations) for name, annotations in groups.items() if is_enough(annotations)}
    small_parts: dict[str, list[str]] = defaultdict(list)
    for name in groups:
        if name not in large_parts:
            group = fields.rubric.subcategories[name].category if by == "subcategory" else ""
            small_parts[group].append(name)
    remainder: list[str] = []
    for group, names in small_parts.items():
        annotations = [annotation for name in names for annotation in groups[name]]
        if group and len(names) > 1 and is_enough(annotations):
            large_parts[f"rest of {group}"] = (names, annotations)
        else:
            remainder += names
    if remainder:
        annotations = [annotation for name in remainder for annotation in groups[name]]
        large_parts[remainder[0] if len(remainder) == 1 else "rest"] = (remainder, annotations)
    return large_parts


def is_enough(annotations: Sequence[RaterAnnotation]) -> bool:
    """Tell whether so many images have two answers that the part stands by itself."""
    counts = Counter(annotation.image for annotation in annotations)
    return sum(n > 1 for n in counts.values()) >= FEWEST_IMAGES


def images_needed(n_images: int, interval: Sequence[float] | None) -> tuple[int | None, bool]:
    """Return how many more images are needed, and whether that is the most that is named; None where none would do.

    The width of the interval falls with the root of the number of images.
    """
    if interval is None:
        return (FEWEST_IMAGES - n_images, False) if n_images < FEWEST_IMAGES else (None, False)
    half_width = (interval[1] - interval[0]) / 2
    # Bounded before it is squared: an interval may be wide beyond all sense.
    shortfall = ceil(n_images * min(half_width / HALF_WIDTH, MOST_IMAGES) ** 2) - n_images
    total = max(shortfall, FEWEST_IMAGES - n_images, 0)
    return min(total, MOST_IMAGES), total > MOST_IMAGES


def _row(by: str, part: str, members: list[str], name: str, figures: Row) -> Row:
    low, high = figures["interval"] or (None, None)
    wide_low, wide_high = figures["interval_raters_like_these"] or (None, None)
    more_images, is_capped = images_needed(figures["n_images"], figures["interval"])
    return {
        "by": by,
        "part": part,
        "pooled": members[:LONGEST_NAMES] if len(members) > 1 else [],
        "field": name,
        "alpha": figures["alpha"],
        "lower": low,
        "upper": high,
        "lower_raters_like_these": wide_low,
        "upper_raters_like_these": wide_high,
        **{key: figures[key] for key in ("n_images", "n_annotations", "n_raters", "note")},
        "more_images": more_images,
        "more_images_is_capped": is_capped,
    }
