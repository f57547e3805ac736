"""The house is as CONTRIBUTING.md says, and tests stand in rooms named after those they test."""

from tests.harness.installation import ROOT
from tests.harness.rooms import HOUSES, PAGE, first_line, listed_rooms, packages, table

# Commands are tested where what they call is, and the embedder that is a double where embeddings are queued.
TESTED_ELSEWHERE = {
    "annotation/management",
    "annotation/management/commands",
    "mlworker/predictors/grid",
    "webapp/management/commands",
}


def test_every_package_says_what_it_is():
    assert [folder for folder in packages(*HOUSES) if not first_line(folder)] == []


def test_the_list_of_rooms_is_that_of_the_tree():
    assert listed_rooms(PAGE.read_text(encoding="utf-8")) == table(), "python -m tests.harness.rooms writes it anew"


def test_tests_stand_in_the_rooms_of_the_house():
    rooms = [folder.relative_to("tests") for house in HOUSES for folder in packages(f"tests/{house}")]
    assert len(rooms) > 20
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []


def test_each_room_with_code_has_its_room_in_the_tests():
    rooms = [folder for folder in packages(*HOUSES) if len(list((ROOT / folder).glob("*.py"))) > 1]
    missing = {str(room) for room in rooms if not list((ROOT / "tests" / room).rglob("test_*.py"))}
    assert missing == TESTED_ELSEWHERE
