"""Be a Zenodo that keeps deposits in memory: what is asked of it to reserve, fill and publish one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.harness.stub_server import Reply, Request


class ZenodoServer:
    """Answer as Zenodo does; `deposits` maps a number to what was put there, `busy` requests are turned away first."""

    def __init__(self) -> None:
        self.url = ""
        self.deposits: dict[int, dict[str, Any]] = {}
        self.busy = 0
        self.refusal: Reply | None = None
        self.spoils = False  # What arrives is not what was sent.

    def __call__(self, number: int, request: Request) -> Reply:
        if request.headers["Authorization"] != "Bearer zen_secret":
            return Reply(b'{"message": "Unauthorized"}', 401)
        if self.busy:
            self.busy -= 1
            return Reply(b"", 503)
        if self.refusal and request.method == "PUT":
            return self.refusal
        return Reply(json.dumps(self.answer(request.method, request.path.strip("/").split("/"), request.body)).encode())

    def answer(self, method: str, path: list[str], body: Any) -> Any:
        match method, path[1:]:
            case "POST", ["deposit", "depositions"]:
                return self.describe(self.make(body["metadata"]))
            case "POST", ["deposit", "depositions", number, "actions", "newversion"]:
                new_number = self.make(dict(self.deposits[int(number)]["metadata"]))
                self.deposits[new_number]["files"] = dict(self.deposits[int(number)]["files"])
                return {"links": {"latest_draft": f"{self.url}/api/deposit/depositions/{new_number}"}}
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
                content = body + b"?" if self.spoils else body
                self.deposits[int(number)]["files"][name] = content
                return {"checksum": f"md5:{hashlib.md5(content).hexdigest()}"}
        raise AssertionError((method, path))

    def make(self, metadata: dict[str, Any]) -> int:
        number = 1000 + len(self.deposits)
        self.deposits[number] = {"metadata": metadata, "files": {}, "submitted": False}
        return number

    def describe(self, number: int) -> dict[str, Any]:
        deposit, address = self.deposits[number], f"{self.url}/api/deposit/depositions/{number}"
        doi = {"doi": f"10.5281/zenodo.{number}", "recid": number}
        return {
            "id": number,
            "submitted": deposit["submitted"],
            "metadata": deposit["metadata"] | {"prereserve_doi": doi},
            "links": {"bucket": f"{self.url}/api/files/{number}"},
            "files": [{"filename": name, "links": {"self": f"{address}/files/{name}"}} for name in deposit["files"]],
        }
