"""A checkpoint is had by its name on the Hub: weights and words, never code; and found again without the Hub."""

import hashlib
import json
from urllib.parse import urlsplit

import pytest
from huggingface_hub import constants

from mlworker import registry
from mlworker.__main__ import main
from mlworker.contract import PredictorError, TemporaryFailure
from mlworker.predictors.artimuse.predictor import ArtiMuse
from mlworker.predictors.artimuse.source import CheckpointSource
from tests.harness.random_checkpoint import FIXTURE
from tests.harness.stub_server import Reply, run_server

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "Thunderbolt215215/ArtiMuse_AVA"
CODE = "modeling_internvl_chat.py"
SIBLINGS = ["ArtiMuse", "ArtiMuse_AVA", "ArtiMuse_PARA", "ArtiMuse_TAD66K", "ArtiMuse_FLICKR-AES", "UniPercept"]


def repository(number, request):
    """Answer as the Hub does for one repository that holds the fixture's checkpoint, and code beside it."""
    path = urlsplit(request.path).path
    files = {file.name: file.read_bytes() for file in FIXTURE.iterdir()} | {CODE: b"raise SystemExit('code was run')"}
    if path.startswith(f"/api/models/{NAME}/"):
        if "/tree/" in path:
            return json_reply([{"type": "file", "path": name, "size": len(files[name]), "oid": "0"} for name in files])
        siblings = [{"rfilename": name} for name in files]
        return json_reply({"id": NAME, "modelId": NAME, "sha": COMMIT, "siblings": siblings})
    prefix, _, file = path.rpartition("/")
    if prefix == f"/{NAME}/resolve/{COMMIT}" and file in files:
        etag = f'"{hashlib.sha256(files[file]).hexdigest()}"'
        return Reply(files[file], headers={"ETag": etag, "X-Repo-Commit": COMMIT})
    return Reply(b'{"error": "no such repository"}', 404, {"X-Error-Code": "RepoNotFound"})


def json_reply(content):
    return Reply(json.dumps(content).encode(), headers={"Content-Type": "application/json"})


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A Hub, and a machine that has fetched nothing from it yet."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with run_server(repository) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


def test_a_name_is_fetched_without_code_and_answers_as_its_folder_does(hub):
    source = CheckpointSource.from_text(NAME)
    with pytest.raises(PredictorError, match=f"python -m mlworker fetch {NAME}@main"):
        _ = source.version  # The web application asks too, and never reaches out.
    assert not hub.requests

    predictor = ArtiMuse(source)
    assert predictor.checkpoint.sha256 == ArtiMuse(FIXTURE).checkpoint.sha256
    assert not [path for path in predictor.folder.rglob("*") if path.suffix == ".py"]
    assert not [request for request in hub.requests if request.path.endswith(".py")]
    assert predictor.version == f"{NAME}@{COMMIT[:12]}"
    assert (predictor.provenance["checkpoint"], predictor.provenance["revision"]) == (NAME, COMMIT)

    request = len(hub.requests)
    assert CheckpointSource.from_text(NAME).folder() == predictor.folder
    assert len(hub.requests) == request


def test_a_revision_can_be_pinned_and_then_names_the_version_before_anything_is_fetched(hub, monkeypatch):
    monkeypatch.setenv("MLWORKER_ARTIMUSE", f"{NAME}@{COMMIT}")
    assert registry.version_of("artimuse") == f"{NAME}@{COMMIT[:12]}"
    assert not hub.requests


def test_the_command_fetches_and_says_what_and_where(hub, capsys):
    assert main(["fetch", NAME]) == 0
    version, folder = capsys.readouterr().out.splitlines()
    assert version == f"{NAME}@{COMMIT[:12]}"
    assert folder.endswith(COMMIT)


@pytest.mark.parametrize("name", SIBLINGS)
def test_all_published_names_are_understood(name):
    assert CheckpointSource.from_text(f"Thunderbolt215215/{name}") == CheckpointSource(
        f"Thunderbolt215215/{name}", "main"
    )


@pytest.mark.parametrize("text", ["", "nothing", "a/b/c", "../up", "a/b@", "https://x/y", "-a/b"])
def test_what_is_neither_folder_nor_name_is_refused_with_what_is_accepted(text):
    with pytest.raises(PredictorError, match="OWNER/NAME@REVISION"):
        CheckpointSource.from_text(text)


def test_a_repository_that_is_not_there_and_a_hub_that_is_away_are_told_apart(hub, capsys, monkeypatch):
    with pytest.raises(PredictorError, match="the Hub answers 404 for nobody/nothing@main") as caught:
        CheckpointSource.from_text("nobody/nothing").fetch()
    assert not isinstance(caught.value, TemporaryFailure)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(TemporaryFailure, match="the Hub cannot be reached"):
        CheckpointSource.from_text(NAME).fetch()
    assert main(["fetch", NAME]) == 1
    assert "cannot be reached" in capsys.readouterr().err
