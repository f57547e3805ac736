"""Read the answers of a release of ours, without its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from annotation.errors import RatingsRefused
from annotation.exporters import manifest, parquet
from annotation.exporters.aggregates import FINAL
from annotation.exporters.splits import SPLITS

from .answers import Filler, ForeignAnswer, Found, Vocabulary


def read(path: Path, words: Vocabulary) -> Found:
    """Yield every answer, first and final, of the release in a folder. Raise RatingsRefused when it is none."""
    if not (path / manifest.NAME).is_file():
        raise RatingsRefused(f"{path}: the folder of a release is accepted; it holds no {manifest.NAME}")
    for split in SPLITS:
        for shard in parquet.shards_of(path / "data", split):
            try:
                for number, row in enumerate(parquet.read(shard, ["sha256", "answers"]), 1):
                    models = {
                        (it["rater"], it["repeat"]): it["shown_model"] for it in row["answers"] if it["shown_model"]
                    }
                    for answer in row["answers"]:
                        place = f"data/{shard.name}, row {number}, {answer['kind']} answer of {answer['rater']}"
                        model = models.get((answer["rater"], answer["repeat"]), "")
                        yield from _answer(answer, words.image(row["sha256"]), model, place, words)
            except (OSError, pa.ArrowException, KeyError) as error:
                raise RatingsRefused(f"data/{shard.name}: cannot be read: {error}") from error


def _answer(answer: dict[str, Any], image: str, model: str, place: str, words: Vocabulary) -> Found:
    number, repeat = 2 if answer["kind"] == FINAL else 1, answer["repeat"]
    filler = Filler(ForeignAnswer(place, image, answer["rater"], number=number, repeat=repeat, model=model), words)
    for key, judged in answer["judgements"].items():
        if judged:
            if judged["score"] is not None:
                filler.score(key, judged["score"])
            filler.critique(key, judged["critique"], judged["language"])
            filler.pins(key, judged.get("pins"))
            filler.origin(key, judged)
    filler.subcategory(answer["subcategory"])
    filler.arm(answer["arm"] or "")
    filler.seconds(answer["seconds"])
    filler.seconds_to_first_score(answer["seconds_to_first_score"])
    yield from filler.result()
