"""Be a Hub that keeps one dataset repository in memory: what its client asks of it for a push, and no more."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from tests.harness.stub_server import Reply, Request


class Hub:
    """Answer as the Hub does; `files` are those of its main branch, `tags` maps a tag to the files it names."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {".gitattributes": b"*.parquet filter=lfs"}
        self.tags: dict[str, dict[str, bytes]] = {}
        self.objects: dict[str, bytes] = {}
        self.created_repositories: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self.refuse: tuple[str, int] = ("", 0)  # Part of a path, and the status it is answered with.
        self.url = ""

    def __call__(self, number: int, request: Request) -> Reply:
        self.tokens.add(request.headers.get("authorization", request.headers.get("Authorization", "")))
        path, part, status = request.path.split("?")[0], *self.refuse
        if part and part in path:
            return Reply(b'{"error": "no place here"}', status, {"X-Error-Message": "no place here"})
        return json_reply(self.answer(path, request))

    def answer(self, path: str, request: Request) -> Any:
        if path == "/api/repos/create":
            self.created_repositories.append(request.body)
            return {"url": f"{self.url}/datasets/olga/portraits", "id": "1"}
        if path.endswith("/refs"):
            refs = [{"name": name, "ref": f"refs/tags/{name}", "targetCommit": "c" * 40} for name in self.tags]
            return {"branches": [], "converts": [], "tags": refs}
        if "/preupload/" in path:
            return {"files": [preupload(file["path"]) for file in request.body["files"]]}
        if path.endswith("/objects/batch"):
            return {"transfer": "basic", "objects": [self.lfs_actions(item) for item in request.body["objects"]]}
        if path.startswith("/objects/"):
            self.objects[path.removeprefix("/objects/")] = request.body
            return {}
        if "/commit/" in path:
            return self.commit([json.loads(line) for line in request.body.splitlines()])
        if "/tag/" in path:
            self.tags[request.body["tag"]] = dict(self.files)
            return {}
        if "/tree/" in path:
            return [{"type": "file", "path": name, "size": 1, "oid": "0" * 40} for name in self.files]
        return {"id": "olga/portraits", "sha": "c" * 40, "siblings": [{"rfilename": name} for name in self.files]}

    def lfs_actions(self, item: dict[str, Any]) -> dict[str, Any]:
        if item["oid"] in self.objects:
            return item
        return item | {"actions": {"upload": {"href": f"{self.url}/objects/{item['oid']}"}}}

    def commit(self, lines: list[dict[str, Any]]) -> dict[str, str]:
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                data = self.objects[value["oid"]]
                assert hashlib.sha256(data).hexdigest() == value["oid"]
                self.files[value["path"]] = data
            elif line["key"] == "deletedFile":
                del self.files[value["path"]]
        return {"commitUrl": f"{self.url}/datasets/olga/portraits/commit/{'c' * 40}", "commitOid": "c" * 40}


def preupload(path: str) -> dict[str, Any]:
    return {"path": path, "uploadMode": "lfs" if path.endswith(".parquet") else "regular", "shouldIgnore": False}


def json_reply(content: Any) -> Reply:
    return Reply(json.dumps(content).encode(), headers={"Content-Type": "application/json"})
