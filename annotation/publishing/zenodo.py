"""Deposit a release at Zenodo (developers.zenodo.org): reserve its DOI, fill the draft, and publish it for ever.

The DOI of a draft is reserved when the draft is made, so that it can stand inside the files of the release.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import urllib3

from annotation.dataset.format import manifest
from annotation.dataset.write import signature
from annotation.dataset.write.folder import CARD

from .archive import archive
from .parcel import Parcel, PublishingRefused

DOI = re.compile(r"10\.\d{4,9}/zenodo\.(\d+)")
DRAFTS = "/api/deposit/depositions"
BESIDE = (CARD, manifest.NAME, signature.NAME)  # To be read without opening the archive.
# Sending the same bytes to the same place again does no harm; making a draft or publishing it twice would.
RETRIES = urllib3.Retry(4, backoff_factor=0.5, status_forcelist=(429, 502, 503, 504), raise_on_status=False)


@dataclass(frozen=True)
class Draft:
    """A deposition that is not published: its number, its reserved DOI, and where its files go."""

    number: int
    doi: str
    bucket: str
    files: Sequence[str]  # The addresses of files that are there already.


class Zenodo:
    """Zenodo, or its sandbox. Every call raises PublishingRefused saying what was answered."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._pool = urllib3.PoolManager(retries=RETRIES, timeout=urllib3.Timeout(connect=10, read=120))

    def reserve(self, title: str) -> Draft:
        """Make an empty draft."""
        metadata = {"title": title, "upload_type": "dataset", "prereserve_doi": True}
        return _draft(self._call("POST", DRAFTS, {"metadata": metadata}))

    def reserve_next(self, doi: str) -> Draft:
        """Make a draft of the next version of a published deposit; the files it takes over are still in it."""
        deposit = self._call("POST", f"{DRAFTS}/{number_of(doi)}/actions/newversion")
        return self.draft(int(deposit["links"]["latest_draft"].rstrip("/").rpartition("/")[2]))

    def draft(self, number: int) -> Draft:
        """Return a draft by its number."""
        deposit = self._call("GET", f"{DRAFTS}/{number}")
        if deposit.get("submitted"):
            raise PublishingRefused(f"deposit {number} is published already, and stays as it is")
        return _draft(deposit)

    def fill(self, parcel: Parcel, draft: Draft, metadata: dict[str, Any]) -> None:
        """Give a draft its description and the files of a release, and no other files."""
        # First the description: what Zenodo refuses in it shows before gigabytes are sent.
        self._call("PUT", f"{DRAFTS}/{draft.number}", {"metadata": metadata})
        for address in draft.files:
            self._call("DELETE", address)
        # On the disk that holds releases, as the system's temporary folder may be too small for another one.
        with tempfile.TemporaryDirectory(dir=parcel.folder.parent) as folder:
            zip_path = Path(folder) / f"{parcel.name}.zip"
            archive(parcel.folder, parcel.sizes, zip_path)
            self._put(draft, zip_path)
        for name in BESIDE:
            if name in parcel.sizes:
                self._put(draft, parcel.folder / name)

    def publish(self, draft: Draft) -> None:
        """Publish a draft. Nobody can take that back."""
        self._call("POST", f"{DRAFTS}/{draft.number}/actions/publish")

    def _put(self, draft: Draft, path: Path) -> None:
        with path.open("rb") as file:
            # The only hash that Zenodo states of what it stored.
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            file.seek(0)
            size = {"Content-Type": "application/octet-stream", "Content-Length": str(path.stat().st_size)}
            reply = self._call("PUT", f"{draft.bucket}/{path.name}", file, size)
        if reply.get("checksum") != f"md5:{md5}":
            raise PublishingRefused(f"{path.name} did not arrive at Zenodo as it is here; the draft is not published")

    def _call(
        self, method: str, path: str, content: Any = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        # An address that Zenodo gave counts only on its own host, for the token goes along.
        address = path if path.startswith(f"{self.url}/") else self.url + path
        body = json.dumps(content).encode() if isinstance(content, dict) else content
        authorization = {"Authorization": f"Bearer {self._token}"}
        request_headers = {"Content-Type": "application/json", **(headers or {}), **authorization}
        try:
            # No redirect is followed: the token would go along to wherever it leads.
            reply = self._pool.request(method, address, body=body, headers=request_headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise PublishingRefused(f"Zenodo cannot be reached: {type(error).__name__}") from error
        answer = _json(reply.data)
        if reply.status >= 300:
            raise PublishingRefused(f"Zenodo refuses {method} {path} with {reply.status}: {_reason(answer)}")
        return answer


def describe(parcel: Parcel, creators: Sequence[str], licence: str) -> dict[str, Any]:
    """Return the metadata of a deposit, from the record of its release."""
    record = parcel.record
    imported = record["annotations"].get("imported", 0)
    counts = (
        f"{record['images']} images, {record['annotations']['all'] - imported} answers by {record['raters']} raters"
    )
    counts += f", and {imported} answers collected elsewhere." if imported else "."
    words = (record["description"].strip(), counts, "Protocol, reliability and licences are described inside.")
    return {
        "title": record["title"],
        "version": parcel.version,
        "upload_type": "dataset",
        "publication_date": record["released_at"][:10],
        # Zenodo shows it as HTML, and a campaign's description is anybody's text.
        "description": "".join(f"<p>{escape(text)}</p>" for text in words if text),
        "creators": [{"name": name} for name in creators],
        "access_right": "open",
        "license": licence,
    }


def number_of(doi: str) -> int:
    """Return the number of the deposit a DOI of Zenodo names. Raise PublishingRefused for any other DOI."""
    match = DOI.fullmatch(doi)
    if match is None:
        raise PublishingRefused(f"{doi!r} is no DOI of Zenodo; one such as 10.5281/zenodo.1234 is accepted")
    return int(match[1])


def _draft(answer: dict[str, Any]) -> Draft:
    try:
        doi = answer["metadata"]["prereserve_doi"]["doi"]
        files = [file["links"]["self"] for file in answer.get("files", [])]
        return Draft(int(answer["id"]), str(doi), str(answer["links"]["bucket"]), files)
    except (KeyError, TypeError, ValueError) as error:
        raise PublishingRefused(f"Zenodo's answer is not understood: {error} is missing in it") from error


def _json(data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data or b"{}")
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _reason(answer: dict[str, Any]) -> str:
    errors = [f"{error.get('field')}: {error.get('message')}" for error in answer.get("errors", [])]
    return "; ".join([str(answer.get("message", "no reason given")), *errors])
