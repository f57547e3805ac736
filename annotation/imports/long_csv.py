"""Read a table with a row for each image, rater and attribute, or a wide one with a column for each attribute.

One of images and `gt_score` gives reference scores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotation.errors import RatingsRefused

from .absent import is_absent
from .annotation_builder import AnnotationBuilder
from .files import read_csv
from .records import ForeignAnnotation, Problem, Records
from .reference_scores import reference_score
from .rows import ScoreRow
from .vocabulary import Vocabulary

COLUMNS = ("image", "rater", "attribute", "score", "critique", "language", "subcategory", "arm", "seconds", "gt_score")
ENDINGS = {"_score": "score", "_critique": "critique", "_language": "language"}
# What R and pandas write over the names of rows.
ROW_NAMES = ("", "Unnamed: 0")


def read(path: Path, words: Vocabulary) -> Records:
    """Yield an annotation for each image and rater. Raise RatingsRefused for a header that is not understood."""
    rows = read_csv(path)
    header = _Header([name.strip() for name in next(rows, (0, []))[1]], words)
    header.check(path)
    builders: dict[tuple[str, str], AnnotationBuilder] = {}
    for number, cells in rows:
        place = f"{path.name}, row {number}"
        if not any(cell.strip() for cell in cells):
            continue
        row = header.row(cells)
        if row is None:
            yield Problem(place, "row", f"{len(header.names)} fields are accepted, as in the header, not {len(cells)}")
            continue
        image = words.image(row["image"])
        if row.get("gt_score"):
            yield from reference_score(ScoreRow, row | {"image": image}, place)
        if row.get("attribute") or header.wide:
            _add_row(builders, place, image, row, header)
    for builder in builders.values():
        yield from builder.result()


@dataclass
class _Header:
    """The columns of a table by our names, empty where one is left out; `wide` are those named after attributes."""

    cells: Sequence[str]
    words: Vocabulary
    names: list[str] = field(init=False)
    wide: dict[str, tuple[str, str]] = field(default_factory=dict)
    row_names: bool | None = None

    def __post_init__(self) -> None:
        self.names = [self._name(cell) for cell in self.cells]
        while self.names and not self.names[-1] and not self.cells[len(self.names) - 1]:
            self.names.pop()  # Spreadsheets write empty columns as well.

    def _name(self, cell: str) -> str:
        name = self.words.column(cell)
        if name.lower() in COLUMNS:
            return name.lower()
        for ending, part in ({"": "score"} | ENDINGS).items():
            key = self.words.exact_attribute(name.removesuffix(ending)) if name.endswith(ending) else None
            if key:
                # One attribute may stand under two names, which is then said to be twice.
                self.wide[f"{key}: {part}"] = (key, part)
                return f"{key}: {part}"
        left_out = name in ROW_NAMES or self.words.leaves_others_out
        return "" if left_out else name

    def check(self, path: Path) -> None:
        """Raise RatingsRefused for a column that is unknown or stands twice, and where one is missing."""
        known = {*COLUMNS, *self.wide, ""}
        unknown = [name for name in self.names if name not in known]
        named = [name for name in self.names if name]
        if unknown or len(set(named)) < len(named):
            problem = f"column {unknown[0]!r} is unknown" if unknown else "a column stands twice"
            raise RatingsRefused(
                f"{path.name}, row 1: {problem}; accepted: {', '.join(COLUMNS)}, or what a mapping names; "
                "one that it maps to null is left out"
            )
        if "image" not in named or not ({"attribute", "gt_score"} & set(named) or self.wide):
            raise RatingsRefused(f"{path.name}, row 1: image, and attribute or gt_score, are needed")

    def row(self, cells: list[str]) -> dict[str, str] | None:
        """Return the cells of a row that say something, by our names, None where there are too many or too few."""
        if self.row_names is None:
            # R's write.table puts names before the rows, and none over them.
            self.row_names = len(cells) == len(self.names) + 1 and cells[0].strip() == "1" and bool(cells[-1].strip())
        cells = cells[1:] if self.row_names else cells
        if len(cells) < len(self.names) or any(cell.strip() for cell in cells[len(self.names) :]):
            return None
        row = {name: cell.strip() for name, cell in zip(self.names, cells, strict=False) if name}
        return {name: "" if is_absent(cell) else cell for name, cell in row.items()}


def _add_row(
    builders: dict[tuple[str, str], AnnotationBuilder], place: str, image: str, row: dict[str, str], header: _Header
) -> None:
    rater = row.get("rater") or "unknown"
    if (image, rater) not in builders:
        builders[image, rater] = AnnotationBuilder(ForeignAnnotation(place, image, rater), header.words)
    builder = builders[image, rater]
    builder.annotation.place = place  # So that a message names the row at fault.
    judged = {name: row[name] for name in ("score", "critique", "language") if row.get(name)}
    if judged and row.get("attribute"):
        builder.judge(row["attribute"], judged)
    by_attribute: dict[str, dict[str, str]] = defaultdict(dict)
    for column, (key, part) in header.wide.items():
        if row.get(column):
            by_attribute[key][part] = row[column]
    for key, parts in by_attribute.items():
        builder.judge(key, parts)
    builder.describe(**{name: row[name] for name in ("subcategory", "arm", "seconds") if row.get(name)})
