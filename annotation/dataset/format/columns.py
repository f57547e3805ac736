"""Name the columns of a release: the main table with images, and the views without them.

Types are nested and stated, so that no reader has to guess them; each table says in its metadata what `datasets`
needs to know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

IMAGE = "image.bytes"

TEXT, NUMBER, WHOLE, FLAG = pa.string(), pa.float64(), pa.int32(), pa.bool_()
MEAN = pa.struct([("mean", NUMBER), ("n", WHOLE), ("se", NUMBER), ("corrected", NUMBER)])
PINS = pa.list_(pa.struct([("x", NUMBER), ("y", NUMBER), ("width", NUMBER), ("height", NUMBER)]))
JUDGEMENT = pa.struct(
    [
        ("score", NUMBER),
        ("critique", TEXT),
        ("language", TEXT),
        ("score_origin", TEXT),
        ("critique_origin", TEXT),
        ("edit_distance", WHOLE),
        ("pasted", WHOLE),
        ("pins", PINS),
    ]
)
ABOUT_ANNOTATION = [
    ("rater", TEXT),
    ("campaign", TEXT),
    ("arm", TEXT),
    ("kind", TEXT),
    ("counted", FLAG),
    ("simulated", FLAG),
    ("surplus", FLAG),
    ("exposed", FLAG),
    ("repeat", FLAG),
    ("superseded", FLAG),
    ("imported", FLAG),
    ("rubric_version", TEXT),
    ("shown_model", TEXT),
]
TIMES = [("seconds", WHOLE), ("seconds_to_first_score", WHOLE), ("week", TEXT)]
ABOUT_IMAGE = [("image", TEXT), ("sha256", TEXT), ("split", TEXT)]


def main_columns(attributes: Iterable[str]) -> pa.Schema:
    """Return the columns of the main table for a rubric's attributes, a row an image.

    Categories are text, not class numbers: a number would mean another subcategory once the rubric gains one.
    """
    keys = list(attributes)
    annotation = [
        *ABOUT_ANNOTATION,
        ("subcategory", TEXT),
        ("holistic", NUMBER),
        *TIMES,
        ("judgements", each(keys, JUDGEMENT)),
    ]
    consensus_fields = [
        ("rule", TEXT),
        ("cause", TEXT),
        ("reason", TEXT),
        ("subcategory", TEXT),
        ("scores", each(keys)),
    ]
    prefill_fields = [("model", TEXT), ("score", NUMBER), ("scores", each(keys)), ("critiques", each(keys, TEXT))]
    consensus, prefill = ([*fields, ("imported", FLAG)] for fields in (consensus_fields, prefill_fields))
    columns = pa.schema(
        [
            ("image", pa.struct([("bytes", pa.binary()), ("path", TEXT)])),
            ("sha256", TEXT),
            ("image_sha256", TEXT),
            ("perceptual_hashes", pa.list_(TEXT)),
            ("miniature", TEXT),
            ("width", WHOLE),
            ("height", WHOLE),
            ("category", TEXT),
            ("subcategory", TEXT),
            ("gt_score", NUMBER),
            ("gt_source", TEXT),
            ("holistic", MEAN),
            ("scores", each(keys, MEAN)),
            ("consensus", pa.struct(consensus)),
            ("annotations", pa.list_(pa.struct(annotation))),
            ("prefills", pa.list_(pa.struct(prefill))),
            ("licence", TEXT),
            ("author", TEXT),
            ("source", TEXT),
            ("title", TEXT),
            ("note", TEXT),
            ("group", TEXT),
            ("split", TEXT),
            ("split_reason", TEXT),
        ]
    )
    return _with_features(columns, image={"_type": "Image"})


def ratings_columns(attributes: Iterable[str]) -> pa.Schema:
    """Return the columns of the view `ratings`, a row an answer."""
    keys = list(attributes)
    fields = [
        ("subcategory", TEXT),
        ("holistic", NUMBER),
        *TIMES,
        ("scores", each(keys)),
        ("origins", each(keys, TEXT)),
    ]
    return _with_features(pa.schema([*ABOUT_IMAGE, *ABOUT_ANNOTATION, *fields]))


def critiques_columns(attributes: Iterable[str]) -> pa.Schema:
    """Return the columns of the view `critiques`, a row a critique; they are the same for every rubric."""
    fields = [
        ("attribute", TEXT),
        ("score", NUMBER),
        ("critique", TEXT),
        ("language", TEXT),
        ("critique_origin", TEXT),
        ("edit_distance", WHOLE),
        ("pasted", WHOLE),
        ("pins", PINS),
        ("prefill", TEXT),
    ]
    return _with_features(pa.schema([*ABOUT_IMAGE, *ABOUT_ANNOTATION, *fields]))


def scores_columns(attributes: Iterable[str]) -> pa.Schema:
    """Return the columns of the view `scores`, a row an image."""
    fields = [
        ("gt_score", NUMBER),
        ("gt_source", TEXT),
        ("n", WHOLE),
        ("se", NUMBER),
        ("corrected", NUMBER),
        ("category", TEXT),
        ("subcategory", TEXT),
        ("scores", each(attributes)),
    ]
    return _with_features(pa.schema([*ABOUT_IMAGE, *fields]))


def each(attributes: Iterable[str], kind: pa.DataType = NUMBER) -> pa.DataType:
    """Return the type that holds a value of one kind for each attribute."""
    return pa.struct([(key, kind) for key in attributes])


def leaves(columns: pa.Schema) -> list[str]:
    """Return the paths of the leaf columns as Parquet names them."""
    return [leaf for column in columns for leaf in _leaves(column.name, column.type)]


def _leaves(name: str, kind: pa.DataType) -> list[str]:
    if pa.types.is_struct(kind):
        return [leaf for inner in kind for leaf in _leaves(f"{name}.{inner.name}", inner.type)]
    if pa.types.is_list(kind):
        return _leaves(f"{name}.list.element", kind.value_type)
    return [name]


def _with_features(columns: pa.Schema, **special: Any) -> pa.Schema:
    # `datasets` looks under this key, and would else take the image for a mere struct of bytes.
    features = {column.name: _feature(column.type) for column in columns} | special
    return columns.with_metadata({"huggingface": json.dumps({"info": {"features": features}}, sort_keys=True)})


def _feature(kind: pa.DataType) -> Any:
    """Describe a type the way `datasets` does; a list stands in brackets, which versions 3 and later read."""
    if pa.types.is_struct(kind):
        return {inner.name: _feature(inner.type) for inner in kind}
    if pa.types.is_list(kind):
        return [_feature(kind.value_type)]
    names = {NUMBER: "float64", WHOLE: "int32", FLAG: "bool", TEXT: "string"}
    return {"dtype": names.get(kind, "binary"), "_type": "Value"}
