"""Make panels of simulated answers with known truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from annotation.agreement.report.panel import Fields, Panel, RaterAnnotation, Scores
from annotation.rubric.schema import parse
from tests.harness.factories import rubric_content

RUBRIC = parse(json.loads(rubric_content()))
FIELDS = Fields(RUBRIC)
PHOTOGRAPH, CALLIGRAPHY = "daily_photo", "calligraphy"
START = datetime(2026, 3, 1, tzinfo=UTC)

Shift = Callable[[int, str, int], float]


def nothing(rater: int, subcategory: str, turn: int) -> float:
    return 0.0


def make_panel(
    images: dict[str, int],
    *,
    raters: int = 5,
    k: int = 3,
    seed: int = 1,
    noise: float = 0.8,
    shift: Shift = nothing,
    anchoring: float = 0.0,
    arm: Callable[[int], str] = lambda rater: "blind",
    random_rater: int | None = None,
    days: float = 20,
) -> Panel:
    """Let k of the raters judge each image; `images` counts them by subcategory, `anchoring` moves revealed answers."""
    random = np.random.default_rng(seed)
    kinds = [kind for kind, n in images.items() for _ in range(n)]
    names = [f"{place:064x}" for place in range(len(kinds))]
    turns = [0] * raters
    annotations, model = [], {}
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        quality = random.normal(5.5, 1.5)
        model[name] = dict.fromkeys(RUBRIC.by_key, float(np.clip(quality + random.normal(0, 1.5), 0, 10)))
        for rater in random.permutation(raters)[:k].tolist():
            turns[rater] += 1
            centre = random.uniform(0, 10) if rater == random_rater else quality - shift(rater, kind, turns[rater])
            points = [centre + random.normal(0, noise) for _ in RUBRIC.by_key]
            model_score = model[name]["overall_gestalt"]
            final_points = [p + anchoring * (model_score - p) for p in points] if arm(rater) != "blind" else points
            time = (START + timedelta(days=days * place / len(kinds))).isoformat(timespec="microseconds")
            first, final = (_scores(kind, scores) for scores in (points, final_points))
            annotations.append(RaterAnnotation(name, f"R{rater}", arm(rater), time, 1, first, final))
    expertise = {f"R{rater}": "all" if rater % 2 else "photography" for rater in range(raters)}
    return Panel(tuple(sorted(annotations)), dict(zip(names, kinds, strict=True)), model, expertise)


def _scores(kind: str, points: list[float]) -> Scores:
    steps = tuple(int(np.clip(round(2 * each), 0, 20)) for each in points)
    return Scores(kind, RUBRIC.holistic(dict(zip(RUBRIC.by_key, steps, strict=True))), steps)
