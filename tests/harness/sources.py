"""Write folders, zips and manifests of images, and read what an import stored of them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.models.fields.files import FieldFile
from PIL import Image as Pillow

from annotation.actions.images.import_images import ImportReport
from annotation.models import Campaign, Event, Image, NearDuplicateGroup
from tests.annotation.images.test_files import encode, scene


def draw(seed: int, form: str = "PNG", **options: Any) -> bytes:
    return encode(scene(seed=seed), form, **options)


def put(root: Path, name: str, data: bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def write_csv(path: Path, rows: Iterable[Iterable[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def write_zip(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def content(file: FieldFile) -> bytes:
    with file.open("rb") as archive:
        return bytes(archive.read())


def shown(file: FieldFile) -> Pillow.Image:
    return Pillow.open(io.BytesIO(content(file)))


def stored_files(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def nothing_is_stored(campaign: Campaign, media: Path) -> bool:
    events = Event.objects.filter(verb__startswith="images.").exists()
    rows = Image.objects.exists() or campaign.entries.exists() or NearDuplicateGroup.objects.exists()
    return not (rows or events or stored_files(media))


def reasons(report: ImportReport) -> dict[str, str]:
    return {item.file: item.reason for item in report.refused}
