"""A row that is locked may be referred to all the same: else two people who each wait for the other's row stop both."""

import ast
from pathlib import Path

import annotation.actions

ROOMS = Path(annotation.actions.__file__).parent


def locks_in(source):
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "select_for_update"
        ):
            yield node.lineno, {keyword.arg for keyword in node.keywords}


def test_every_lock_of_an_action_lets_others_write_rows_that_refer_to_the_locked_one():
    locks = {path: list(locks_in(path.read_text(encoding="utf-8"))) for path in sorted(ROOMS.rglob("*.py"))}
    strict = [f"{path.name}:{line}" for path, found in locks.items() for line, given in found if "no_key" not in given]
    assert strict == []
    assert sum(map(len, locks.values())) > 20
