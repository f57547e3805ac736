"""Be a Zenodo that keeps deposits in memory: what is asked of it to reserve, fill and publish one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.harness.stub_server import Asked, Said


class ZenodoThere:
    """Answer as Zenodo does; `deposits` maps a number to what was put there, `busy` requests are turned away first."""

    def __init__(self) -> None:
        self.url = ""
        self.deposits: dict[int, dict[str, Any]] = {}
        self.busy = 0
        self.refusal: Said | None = None
        self.spoils = False  # What arrives is not what was sent.

    def __call__(self, number: int, asked: Asked) -> Said:
        if asked.headers["Authorization"] != "Bearer zen_secret":
            return Said(b'{"message": "Unauthorized"}', 401)
        if self.busy:
            self.busy -= 1
            return Said(b"", 503)
        if self.refusal and asked.method == "PUT":
            return self.refusal
        return Said(json.dumps(self.answer(asked.method, asked.path.strip("/").split("/"), asked.body)).encode())

    def answer(self, method: str, path: list[str], body: Any) -> Any:
        match method, path[1:]:
            case "POST", ["deposit", "depositions"]:
                return self.describe(self.make(body["metadata"]))
            case "POST", ["deposit", "depositions", number, "actions", "newversion"]:
                made = self.make(dict(self.deposits[int(number)]["metadata"]))
                self.deposits[made]["files"] = dict(self.deposits[int(number)]["files"])
                return {"links": {"latest_draft": f"{self.url}/api/deposit/depositions/{made}"}}
            case "POST", ["deposit", "depositions", number, "actions", "publish"]:
                self.deposits[int(number)]["submitted"] = True
                return self.describe(int(number))
            case "GET", ["deposit", "depositions", number]:
                return self.describe(int(number))
            case "PUT", ["deposit", "depositions", number]:
                self.deposits[int(number)]["metadata"] = body["metadata"]
                return self.describe(int(number))
            case "DELETE", ["deposit", "depositions", number, "files", name]:
                del self.deposits[int(number)]["files"][name]
                return {}
            case "PUT", ["files", number, name]:
                kept = body + b"?" if self.spoils else body
                self.deposits[int(number)]["files"][name] = kept
                return {"checksum": f"md5:{hashlib.md5(kept).hexdigest()}"}
        raise AssertionError((method, path))

    def make(self, metadata: dict[str, Any]) -> int:
        number = 1000 + len(self.deposits)
        self.deposits[number] = {"metadata": metadata, "files": {}, "submitted": False}
        return number

    def describe(self, number: int) -> dict[str, Any]:
        kept, address = self.deposits[number], f"{self.url}/api/deposit/depositions/{number}"
        doi = {"doi": f"10.5281/zenodo.{number}", "recid": number}
        return {
            "id": number,
            "submitted": kept["submitted"],
            "metadata": kept["metadata"] | {"prereserve_doi": doi},
            "links": {"bucket": f"{self.url}/api/files/{number}"},
            "files": [{"filename": name, "links": {"self": f"{address}/files/{name}"}} for name in kept["files"]],
        }
