"""Every action that a person can start asks policy whether they may, before anything else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import annotation.actions

ROOMS = Path(annotation.actions.__file__).parent

# Steps inside an action that has asked already; no door calls them.
INNER_STEPS = {
    "campaigns/open_campaign.py: begin_campaign",
    "campaigns/open_campaign.py: enrol_person",
    "events/record.py: record_event",
    "events/record.py: record_events",
    "images/remove_files.py: remove_files",
    "releases/freeze_release.py: freeze_release",
}


def started_by_people(source: str) -> Iterator[ast.FunctionDef]:
    """Yield the public functions of a module that take who acts."""
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if any(argument.arg == "by" for argument in (*node.args.args, *node.args.kwonlyargs)):
            yield node


QUESTIONS = (
    "policy.require(policy.may_",
    # Whoever writes to an assignment locks it first, and is asked about by that: see `lock_work`.
    "assignment = lock_assignment(assignment, by",
    "membership, assignment = lock_own_work(assignment, by",
)


def asks_first(action: ast.FunctionDef) -> bool:
    """Tell whether an action's first statement is `policy.require(…, by, …)`, or locks the assignment `by` somebody."""
    statements = action.body[1:] if ast.get_docstring(action) else action.body
    first = ast.unparse(statements[0]).replace("\n", " ").replace("(membership, assignment)", "membership, assignment")
    return first.startswith(QUESTIONS)


def who_asks() -> dict[str, bool]:
    """Return of each action whether it asks first."""
    return {
        f"{path.relative_to(ROOMS).as_posix()}: {action.name}": asks_first(action)
        for path in sorted(ROOMS.rglob("*.py"))
        for action in started_by_people(path.read_text(encoding="utf-8"))
    }


def test_every_action_that_takes_who_acts_asks_first():
    actions = who_asks()
    assert {name for name, asks in actions.items() if not asks} == INNER_STEPS
    assert len(actions) > 40


def test_an_action_without_its_question_is_noticed():
    source = (ROOMS / "campaigns/change_campaign.py").read_text(encoding="utf-8")
    assert all(map(asks_first, started_by_people(source)))
    forgetful = re.sub(r"    policy\.require\(.*\)\n", "", source, count=1)
    assert [action.name for action in started_by_people(forgetful) if not asks_first(action)] == [
        "change_campaign_state"
    ]


def test_only_inner_steps_and_actions_are_named_here():
    assert set(who_asks()) >= INNER_STEPS
