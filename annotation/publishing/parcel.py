"""A release as it is sent: that it holds, what it is called, which files go."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotation.dataset.format import manifest
from annotation.dataset.read.record import RECORD
from annotation.dataset.verify.verify import verify
from annotation.dataset.write import signature
from annotation.errors import BadInput


class PublishingRefused(BadInput):
    """A release that is not sent, or that the other side refused; says how far it got."""


@dataclass(frozen=True)
class Parcel:
    """A release that holds: its folder, its record, and the size of each file that goes, in bytes, by name."""

    folder: Path
    record: dict[str, Any]
    manifest_sha256: str
    sizes: dict[str, int]

    @property
    def version(self) -> str:
        """Return the version of the release."""
        return str(self.record["version"])

    @property
    def name(self) -> str:
        """Return the campaign and the version, as the folder is called."""
        return f"{self.record['campaign']}-{self.version}"

    def to_json(self) -> dict[str, Any]:
        """Say what goes."""
        content = {"release": self.name, "manifest_sha256": self.manifest_sha256}
        return content | {"files": len(self.sizes), "bytes": sum(self.sizes.values())}


def parcel(folder: Path) -> Parcel:
    """Check the release in `folder` and return it ready to be sent. Raise PublishingRefused when it does not hold."""
    result = verify(folder)
    # Checked here, where every way out passes: what is published cannot be taken back.
    if not result.holds:
        raise PublishingRefused(f"{folder} does not hold, so it is not sent: {result.findings[0]}")
    # A manifest cannot hold its own hash, nor that of a signature made over it.
    names = sorted([*manifest.read(folder), manifest.NAME])
    signature_names = [signature.NAME] if (folder / signature.NAME).is_file() else []
    sizes = {name: (folder / name).stat().st_size for name in [*names, *signature_names]}
    return Parcel(folder, json.loads((folder / RECORD).read_text(encoding="utf-8")), result.manifest_sha256, sizes)
