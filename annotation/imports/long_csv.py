"""Read a CSV with a row for each image, rater and attribute; one of images and `gt_score` gives reference scores."""

from __future__ import annotations

from pathlib import Path

from annotation.errors import RatingsRefused

from .answers import Filler, ForeignAnswer, Found, Problem, Vocabulary, reference_score
from .texts import read_csv

COLUMNS = ("image", "rater", "attribute", "score", "critique", "language", "subcategory", "arm", "seconds", "gt_score")


def read(path: Path, words: Vocabulary) -> Found:
    """Yield an answer for each pair of image and rater. Raise RatingsRefused for a header that is not understood."""
    rows = read_csv(path)
    header = [words.column(name.strip()) for name in next(rows, (0, []))[1]]
    _check_header(path, header)
    fillers: dict[tuple[str, str], Filler] = {}
    for number, cells in rows:
        place = f"{path.name}, row {number}"
        if not any(cells):
            continue
        if len(cells) != len(header):
            yield Problem(place, "row", f"{len(header)} fields are accepted, as in the header, not {len(cells)}")
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        image = words.image(row["image"])
        if row.get("gt_score"):
            yield reference_score(place, image, row["gt_score"])
        if row.get("attribute"):
            _fill(fillers, place, image, row, words)
    for filler in fillers.values():
        yield from filler.result()


def _check_header(path: Path, header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or len(set(header)) < len(header):
        problem = f"column {unknown[0]!r} is unknown" if unknown else "a column stands twice"
        raise RatingsRefused(f"{path.name}, row 1: {problem}; accepted: {', '.join(COLUMNS)}, or what a mapping names")
    if "image" not in header or not {"attribute", "gt_score"} & set(header):
        raise RatingsRefused(f"{path.name}, row 1: image, and attribute or gt_score, are needed")


def _fill(
    fillers: dict[tuple[str, str], Filler], place: str, image: str, row: dict[str, str], words: Vocabulary
) -> None:
    rater = row.get("rater") or "unknown"
    if (image, rater) not in fillers:
        fillers[image, rater] = Filler(ForeignAnswer(place, image, rater), words)
    filler = fillers[image, rater]
    filler.answer.place = place  # So that a message names the row at fault.
    if row.get("score"):
        filler.score(row["attribute"], row["score"])
    filler.critique(row["attribute"], row.get("critique", ""), row.get("language") or None)
    filler.subcategory(row.get("subcategory", ""))
    filler.arm(row.get("arm", ""))
    filler.seconds(row.get("seconds", ""))
