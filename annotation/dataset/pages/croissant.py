"""A release in Croissant 1.1 with the RAI vocabulary (docs.mlcommons.org/croissant), as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from annotation.dataset.contents.statements import lines, statement_sentence
from annotation.dataset.contents.tally import Tally
from annotation.dataset.contents.views import VIEWS
from annotation.dataset.format.columns import FLAG, NUMBER, WHOLE, main_columns
from annotation.dataset.format.facts import ReleaseFacts
from annotation.rubric.schema import Rubric

from . import terms
from .columns import ANNOTATION_COLUMNS, COLUMNS, VIEW_COLUMNS, VIEW_ROWS
from .licence_addresses import addresses
from .provenance import is_synthetic, provenance

NAME = "croissant.json"
ONE_ROW_AN_IMAGE = ("default", "scores")
# fmt: off
TERMS = (
    "citeAs", "column", "conformsTo", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet",
    "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references",
    "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)
# fmt: on
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "prov": "http://www.w3.org/ns/prov#",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    **{term: f"cr:{term}" for term in TERMS},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}


def croissant(facts: ReleaseFacts, rubric: Rubric, tally: Tally, hashes: Mapping[str, str]) -> dict[str, Any]:
    """Return the description; `hashes` maps the name of each Parquet file to its SHA-256."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": facts.name,
        "description": _description(facts, rubric),
        "version": facts.version,
        "datePublished": facts.released_at,
        "license": _licences(facts, tally),
        "citeAs": facts.citation,
        **({"identifier": f"https://doi.org/{facts.doi}"} if facts.doi else {}),
        "creator": _creators(facts),
        "keywords": ["aesthetics", "image quality assessment"],
        "isLiveDataset": False,
        **_responsible(facts, tally),
        **provenance(facts, rubric, tally),
        "distribution": list(_distribution(hashes)),
        "recordSet": list(_record_sets(rubric, hashes)),
    }


def _description(facts: ReleaseFacts, rubric: Rubric) -> str:
    """Return what the dataset is, and which of the licences named is that of which part."""
    about = facts.description.strip() or f"Images judged by the {rubric.title['en']}."
    return f"{about}\n\n{terms.of_annotations(facts)} The images stand under their own, image by image in LICENSES.csv."


def _licences(facts: ReleaseFacts, tally: Tally) -> list[str]:
    """Return that of the annotations, where it is stated, then those of the images."""
    images = [address for name in sorted(tally.licences) for address in addresses(name)]
    annotations = addresses(facts.annotations_licence) if facts.annotations_licence else []
    return list(dict.fromkeys([*annotations, *images]))


def _creators(facts: ReleaseFacts) -> list[dict[str, str]]:
    """Return who the organisers name: people as "Family name, given name", anything else as an organisation."""
    creators = lines(facts.statements, "creators") or [f"Organisers of {facts.title}"]
    return [{"@type": "sc:Person" if ", " in name else "sc:Organization", "name": name} for name in creators]


def _responsible(facts: ReleaseFacts, tally: Tally) -> dict[str, Any]:
    """Return the fields of the RAI vocabulary that this release can answer."""
    per_image = ", ".join(f"{name} {n:g}" for name, n in tally.counted_per_image.items())
    simulation_note = (
        f"{tally.annotations['simulated']} of {tally.annotations['all']} answers are simulated by a program."
    )
    return {
        "rai:dataCollection": "Images were imported with licence and source, and judged as PROTOCOL.md tells.",
        "rai:dataCollectionType": ["Manual Human Curation"],
        "rai:dataAnnotationProtocol": "PROTOCOL.md, in this release.",
        "rai:dataAnnotationPlatform": [f"Connoisseur {facts.engine.get('connoisseur', '')}".strip()],
        "rai:dataAnnotationAnalysis": ["Agreement with intervals: RELIABILITY/, in this release."],
        "rai:annotationsPerItem": f"Answers that count, an image: {per_image}; asked for: "
        f"{facts.annotations_per_image}.",
        "rai:annotatorDemographics": [
            f"{len(tally.own_raters)} raters under pseudonyms, {len(tally.counted_raters)} of them with answers in the "
            "means; nothing more is recorded.",
            *([f"Answers of {len(tally.imported_raters)} raters were imported."] if tally.imported_raters else []),
            *(statement_sentence(facts.statements, key) for key in ("recruitment", "payment")),
        ],
        "rai:machineAnnotationTools": sorted(tally.models | tally.imported_models) or ["none"],
        "rai:dataBiases": [
            f"Scores are opinions of {len(tally.counted_raters)} raters.",
            *(["Models were shown to some raters (see the arms)."] if tally.models else []),
            *([simulation_note] if tally.annotations["simulated"] else []),
        ],
        "rai:dataLimitations": [
            "Near duplicates are found by perceptual hash, not strong crops: LEAKAGE.md.",
            statement_sentence(facts.statements, "synthetic"),
        ],
        "rai:dataSocialImpact": statement_sentence(facts.statements, "social_impact"),
        "rai:hasSyntheticData": is_synthetic(facts, tally),
        "rai:dataUseCases": ["Training and testing models that score or describe images."],
        "rai:personalSensitiveInformation": ["Raters appear under pseudonyms; images may show people."],
        "rai:dataReleaseMaintenancePlan": "Releases never change; withdrawn records are listed in WITHDRAWN.csv.",
    }


def _distribution(hashes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield every file with its hash, and a set of files for each table."""
    for name, sha256 in sorted(hashes.items()):
        yield {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "encodingFormat": "application/x-parquet",
            "sha256": sha256,
        }
    for folder in sorted({name.partition("/")[0] for name in hashes}):
        yield {
            "@type": "cr:FileSet",
            "@id": f"{folder}-files",
            "name": f"{folder}-files",
            "encodingFormat": "application/x-parquet",
            "includes": f"{folder}/*.parquet",
        }


def _record_sets(rubric: Rubric, hashes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    tables = {"data": ("default", main_columns), **{view.name: (view.name, view.columns) for view in VIEWS}}
    folders = {name.partition("/")[0] for name in hashes}
    for folder, (name, columns) in tables.items():
        if folder in folders:
            fields = list(_fields(name, folder, columns(rubric.by_key)))
            # Other tables have several rows an image, which no single column tells apart.
            key = {"key": {"@id": f"{name}/sha256"}} if name in ONE_ROW_AN_IMAGE else {}
            about = {"name": name, "description": _sentence(VIEW_ROWS[name])}
            yield {"@type": "cr:RecordSet", "@id": name, **about, **key, "field": fields}


def _fields(record_set: str, folder: str, columns: pa.Schema) -> Iterator[dict[str, Any]]:
    """Yield a field for each plain column and each value inside a struct; lists are read from Parquet itself."""
    for column in columns:
        if column.name == "image" and pa.types.is_struct(column.type):
            words = _column_words(record_set, "image", "")
            yield _field(f"{record_set}/image", words, "sc:ImageObject", folder, "image", "bytes")
        else:
            for path, kind in _values(column.name, column.type):
                name, _, inner = path.partition(".")
                words = _column_words(record_set, name, inner)
                yield _field(f"{record_set}/{path}", words, _data_type(kind), folder, name, inner)


def _column_words(record_set: str, column: str, inner: str) -> str:
    """Return what a column holds, in the words of the card; of a value inside it, with that value's path."""
    main, annotations = (dict(_by_name(rows)) for rows in (COLUMNS, ANNOTATION_COLUMNS))
    view_words = dict(_by_name(VIEW_COLUMNS.get(record_set, ())))
    words = (main if record_set in ONE_ROW_AN_IMAGE else main | annotations) | view_words
    return _sentence(f"{inner}: {words[column]}" if inner else words[column])


def _by_name(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for names, words in rows:
        yield from ((name.removesuffix(".ATTRIBUTE"), words) for name in names.split(", "))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _field(name: str, words: str, kind: str, folder: str, column: str, inner: str) -> dict[str, Any]:
    source: dict[str, Any] = {"fileSet": {"@id": f"{folder}-files"}, "extract": {"column": column}}
    if inner:
        source["transform"] = {"jsonPath": inner}
    about = {"name": name, "description": words}
    return {"@type": "cr:Field", "@id": name, **about, "dataType": kind, "source": source}


def _values(path: str, kind: pa.DataType) -> Iterator[tuple[str, pa.DataType]]:
    if pa.types.is_struct(kind):
        for inner in kind:
            yield from _values(f"{path}.{inner.name}", inner.type)
    elif not pa.types.is_list(kind):
        yield path, kind


def _data_type(kind: pa.DataType) -> str:
    return {NUMBER: "sc:Float", WHOLE: "sc:Integer", FLAG: "sc:Boolean"}.get(kind, "sc:Text")
