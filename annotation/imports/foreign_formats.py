"""Name formats of other tools that are not read here, so that nobody has to wonder what a message is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

# By the first bytes of a file, by what is in a zip, and by the ending where the bytes tell nothing.
BINARY = (
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of before 2007"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"$FL2", "an SPSS file"),
    (b"$FL3", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x1f\x8b", "a file packed by gzip (an R data file is one)"),
    (b"BZh", "a file packed by bzip2"),
    (b"\xfd7zXZ", "a file packed by xz"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"\x80\x04", "a Python pickle"),
    (b"%PDF", "a PDF"),
)
ZIPPED = (
    (b"xl/", "an Excel workbook"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet"),
    (b"Index/", "a Numbers spreadsheet"),
    (b"word/", "a Word document"),
)
# Keys that all have to be there, on the object itself or on the first of a list.
KEYED = (
    ({"images", "annotations"}, "COCO"),
    ({"image_id", "caption"}, "COCO captions"),
    ({"image_id", "category_id"}, "COCO results"),
    ({"fields", "responses"}, "Argilla records"),
    ({"inputs", "annotation", "prediction"}, "Argilla records of version 1"),
    ({"imagePath", "shapes"}, "LabelMe"),
    ({"_task_hash"}, "Prodigy"),
    ({"_input_hash"}, "Prodigy"),
    ({"_via_img_metadata"}, "VGG Image Annotator"),
    ({"filename", "regions"}, "VGG Image Annotator"),
    ({"data_row"}, "Labelbox"),
    ({"Labeled Data"}, "Labelbox"),
    ({"source-ref"}, "SageMaker Ground Truth"),
    ({"tagsInImage"}, "Supervisely"),
    ({"displayed_text", "annotations", "instance_id"}, "Potato"),
    ({"label", "text"}, "doccano"),
    ({"categories", "items"}, "Datumaro"),
    ({"@context"}, "JSON-LD"),
    ({"info", "licenses"}, "COCO"),
)
TABLED = (
    ({"HITId", "WorkerId"}, "a batch of Amazon Mechanical Turk"),
    ({"INPUT:image"}, "Toloka"),
    ({"ASSIGNMENT:assignment_id"}, "Toloka"),
    ({"ResponseId", "RecordedDate"}, "Qualtrics"),
    ({"ImageID", "LabelName"}, "Open Images"),
    ({"_unit_id", "_worker_id"}, "Figure Eight"),
)
HEAD, TAIL = 8192, 2**20
PACKED = ("a zip", "a file packed by gzip (an R data file is one)", "a file packed by bzip2", "a file packed by xz")


class BinaryFormat(NamedTuple):
    """What a file is that is no text, and what to do with it."""

    name: str
    hint: str


def binary_format(path: Path) -> BinaryFormat | None:
    """Return what a file is that is no text, None where it may be one."""
    with path.open("rb") as file:
        data = file.read(HEAD)
        if data.startswith(b"PK\x03\x04"):
            # The list of what is inside stands at the end, of a file that may be large.
            file.seek(max(0, path.stat().st_size - TAIL))
            data += file.read()
    if data.startswith(b"PK\x03\x04"):
        name = next((name for sign, name in ZIPPED if sign in data), "a zip")
    else:
        name = next((name for sign, name in BINARY if data.startswith(sign)), "")
    hint = "unpack it first" if name in PACKED else "save its table as CSV"
    return BinaryFormat(name, hint) if name else None


def json_format(content: Any) -> str:
    """Return which known format an object, or the objects of a list, are of, empty where it is none of these."""
    first = next((item for item in content if isinstance(item, dict)), {}) if isinstance(content, list) else content
    if not isinstance(first, dict):
        return ""
    keys = set(map(str, first))
    # Two of its exports share keys with Label Studio's tasks, which have `data` beside `annotations`.
    if any(key.endswith((".responses", ".responses.users")) for key in keys):
        return "an Argilla data set"
    return next((name for needed, name in KEYED if needed <= keys and "conversations" not in keys), "")


def table_format(header: list[str]) -> str:
    """Return which known format a table with this header is of, empty where it is none of these."""
    names = {name.strip() for name in header}
    if any(name.endswith(".responses") for name in names):
        return "an Argilla data set"
    return next((name for needed, name in TABLED if needed <= names), "")
