"""Read a CSV with a row for each image, rater and attribute; one of images and `gt_score` gives reference scores."""

from __future__ import annotations

from pathlib import Path

from annotation.errors import RatingsRefused

from .annotation_builder import AnnotationBuilder
from .files import read_csv
from .records import ForeignAnnotation, Problem, Records
from .reference_scores import reference_score
from .rows import ScoreRow
from .vocabulary import Vocabulary

COLUMNS = ("image", "rater", "attribute", "score", "critique", "language", "subcategory", "arm", "seconds", "gt_score")


def read(path: Path, words: Vocabulary) -> Records:
    """Yield an annotation for each image and rater. Raise RatingsRefused for a header that is not understood."""
    rows = read_csv(path)
    header = [words.column(name.strip()) for name in next(rows, (0, []))[1]]
    _check_header(path, header)
    builders: dict[tuple[str, str], AnnotationBuilder] = {}
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
            yield from reference_score(ScoreRow, row | {"image": image}, place)
        if row.get("attribute"):
            _add_row(builders, place, image, row, words)
    for builder in builders.values():
        yield from builder.result()


def _check_header(path: Path, header: list[str]) -> None:
    unknown_columns = [name for name in header if name not in COLUMNS]
    if unknown_columns or len(set(header)) < len(header):
        problem = f"column {unknown_columns[0]!r} is unknown" if unknown_columns else "a column stands twice"
        raise RatingsRefused(f"{path.name}, row 1: {problem}; accepted: {', '.join(COLUMNS)}, or what a mapping names")
    if "image" not in header or not {"attribute", "gt_score"} & set(header):
        raise RatingsRefused(f"{path.name}, row 1: image, and attribute or gt_score, are needed")


def _add_row(
    builders: dict[tuple[str, str], AnnotationBuilder], place: str, image: str, row: dict[str, str], words: Vocabulary
) -> None:
    rater = row.get("rater") or "unknown"
    if (image, rater) not in builders:
        builders[image, rater] = AnnotationBuilder(ForeignAnnotation(place, image, rater), words)
    builder = builders[image, rater]
    builder.annotation.place = place  # So that a message names the row at fault.
    content = {name: row[name] for name in ("score", "critique", "language") if row.get(name)}
    if content:
        builder.judge(row["attribute"], content)
    builder.describe(**{name: row[name] for name in ("subcategory", "arm", "seconds") if row.get(name)})
