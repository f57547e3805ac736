"""What a release states about itself: to JSON and back, and by which program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from annotation.dataset.format import facts
from annotation.dataset.format.facts import (
    ADJUDICATED,
    CampaignProtocol,
    ExcludedImage,
    HeldImage,
    Protocol,
    ReleaseFacts,
)
from tests.harness.installation import ROOT
from tests.harness.release_samples import FACTS

ROOMS = ROOT / "annotation" / "dataset"


def test_facts_come_back_from_what_they_state():
    protocol = Protocol(shares={"blind": 100}, also={"busts": CampaignProtocol(shares={"blind": 15})})
    scope = replace(FACTS.scope, also=("busts",), excluded=(ExcludedImage("a" * 64, ADJUDICATED, "A scan."),))
    stated = replace(FACTS, protocol=protocol, scope=scope, held=(HeldImage("b" * 64, ("train", "test")),))
    assert ReleaseFacts.from_json(stated.to_json()) == stated
    assert ReleaseFacts.from_json(FACTS.to_json()) == FACTS


@pytest.mark.parametrize("name", ["scope", "held", "protocol", "statements"])
def test_a_field_of_another_form_is_named(name: str):
    with pytest.raises(ValueError, match=name):
        ReleaseFacts.from_json(FACTS.to_json() | {name: 3})


def test_the_program_is_a_hash_of_every_file_of_the_rooms_of_the_dataset():
    files = {path for path in ROOMS.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert set(facts.writer_sources()) == files


@pytest.mark.parametrize("name", ["write/folder.py", "pages/templates/README.md.jinja"])
def test_the_program_is_another_once_a_file_of_any_room_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("one")
    monkeypatch.setattr(facts, "ROOM", tmp_path)
    one = facts.program.__wrapped__()
    path.write_text("two")
    assert facts.program.__wrapped__() != one
