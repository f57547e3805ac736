"""The triggers that keep the tallies: each says what one change adds, in the transaction of the change.

`migrate` takes them down, as SQLite cannot rename a table that a trigger names, counts all anew, and puts them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

IMAGES, PEOPLE, RUNS = "annotation_imagetally", "annotation_persontally", "annotation_runtally"
TALLIES = (IMAGES, PEOPLE, RUNS)
ENTRIES, ASSIGNMENTS = "annotation_campaignimage", "annotation_assignment"
ANNOTATIONS, WITHDRAWALS, ITEMS = "annotation_annotation", "annotation_withdrawal", "annotation_runitem"
COUNTED = (ENTRIES, ASSIGNMENTS, ANNOTATIONS, WITHDRAWALS, ITEMS)
# After so many rows those of a campaign are added up into one for each subcategory or person.
FOLD_AFTER = 500


def _one_if(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


# What a row of an image of a campaign, `{row}`, counts for.
OF_ENTRY = {
    "images": "1",
    "judged": _one_if("NOT {row}.excluded"),
    "complete": _one_if("NOT {row}.excluded AND {row}.answered > 0 AND {row}.answered >= {row}.wanted"),
    "annotations": "CASE WHEN NOT {row}.excluded THEN {row}.answered ELSE 0 END",
    "missing": "CASE WHEN NOT {row}.excluded AND {row}.wanted > {row}.answered"
    " THEN {row}.wanted - {row}.answered ELSE 0 END",
    "held": _one_if("{row}.held AND NOT {row}.excluded"),
}
# What an assignment counts for on its image, as `CampaignImage` says of these columns.
HOLDS_ANSWER = (
    "{row}.state IN ('open', 'committed', 'done') AND {row}.committed_at IS NOT NULL"
    " AND NOT {row}.repeat AND NOT {row}.surplus AND NOT {row}.superseded"
)
ON_IMAGE = {
    "answered": _one_if(
        HOLDS_ANSWER + f" AND NOT EXISTS (SELECT 1 FROM {WITHDRAWALS} w"
        " WHERE w.campaign_id = {row}.campaign_id AND w.person_id = {row}.annotator_id)"
    ),
    "had": _one_if("NOT {row}.repeat AND NOT {row}.superseded AND {row}.state <> 'returned'"),
}
# And for its annotator.
OF_ASSIGNMENT = {
    "done": _one_if("{row}.state = 'done' AND NOT {row}.repeat AND NOT {row}.superseded"),
    "unfinished": _one_if("{row}.state IN ('open', 'committed')"),
}
# What an annotation `{row}` counts for with its assignment `{of}`, if it has one.
REPEATS, SUPERSEDED = "COALESCE({of}.repeat, FALSE)", "COALESCE({of}.superseded, FALSE)"
INSIDE = f"NOT {{row}}.surplus AND NOT {{row}}.imported AND NOT {REPEATS} AND NOT {SUPERSEDED}"
HERE = f"NOT {{row}}.imported AND {{of}}.id IS NOT NULL AND NOT {REPEATS}"
OF_ANNOTATION = {
    "counted": _one_if(
        INSIDE + f" AND EXISTS (SELECT 1 FROM {ENTRIES} e"
        " WHERE e.campaign_id = {row}.campaign_id AND e.image_id = {row}.image_id AND NOT e.excluded)"
    ),
    "surplus": _one_if(f"{HERE} AND NOT {SUPERSEDED} AND {{row}}.surplus"),
    "superseded": _one_if(f"{HERE} AND {SUPERSEDED}"),
    "repeats": _one_if(REPEATS),
    "imports": _one_if("{row}.imported"),
}
# And a row of an image of a run.
FINISHED = "{row}.state <> 'waiting'"
OF_ITEM = {
    **{state: _one_if(f"{{row}}.state = '{state}'") for state in ("waiting", "done", "failed")},
    **{spent: f"{{row}}.{spent}" for spent in ("seconds", "cost")},
    **{f"{spent}_finished": f"CASE WHEN {FINISHED} THEN {{row}}.{spent} ELSE 0 END" for spent in ("seconds", "cost")},
}
KEYS = {IMAGES: ["campaign_id", "subcategory"], PEOPLE: ["campaign_id", "person_id"], RUNS: ["run_id"]}
MEASURES = {IMAGES: [*OF_ENTRY], PEOPLE: [*OF_ASSIGNMENT, "given", *OF_ANNOTATION], RUNS: [*OF_ITEM]}


def _sum(measure: str, *, of: str = "", plus: str = "", minus: str = "") -> str:
    """Return what a measure grows by where a row `minus` becomes a row `plus`; of annotations, their assignments."""

    def read(row: str) -> str:
        return f"({measure.format(row=of or row, of=row)})"

    return " - ".join([read(plus) if plus else "0", *([read(minus)] if minus else [])])


def _adding(table: str, keys: dict[str, str], values: dict[str, str], rest: str = "", folded: str = "FALSE") -> str:
    """Return the statement that adds a row to a tally; `rest` is its FROM and WHERE."""
    columns = {**keys, **dict.fromkeys(MEASURES[table], "0"), **values, "folded": folded}
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} {rest}"


def _of_entries(row: str, *, plus: str = "", minus: str = "") -> str:
    keys = {"campaign_id": f"{row}.campaign_id", "subcategory": f"{row}.subcategory"}
    return _adding(IMAGES, keys, {name: _sum(measure, plus=plus, minus=minus) for name, measure in OF_ENTRY.items()})


def _of_items(row: str, *, plus: str = "", minus: str = "") -> str:
    values = {name: _sum(measure, plus=plus, minus=minus) for name, measure in OF_ITEM.items()}
    return _adding(RUNS, {"run_id": f"{row}.run_id"}, values)


def _of_assignments(row: str, *, plus: str = "", minus: str = "") -> list[str]:
    """Return what an assignment adds to its image, and to its annotator."""
    on_image = {name: _sum(measure, plus=plus, minus=minus) for name, measure in ON_IMAGE.items()}
    of_person = {name: _sum(measure, plus=plus, minus=minus) for name, measure in OF_ASSIGNMENT.items()}
    grown = ", ".join(f"{name} = {name} + ({value})" for name, value in on_image.items())
    any_grown = " OR ".join(f"({value}) <> 0" for value in on_image.values())
    any_of_person = " OR ".join(f"({value}) <> 0" for value in of_person.values())
    keys = {"campaign_id": f"{row}.campaign_id", "person_id": f"{row}.annotator_id"}
    place = f"campaign_id = {row}.campaign_id AND image_id = {row}.image_id"
    return [
        f"UPDATE {ENTRIES} SET {grown} WHERE {place} AND ({any_grown})",
        _adding(PEOPLE, keys, of_person, f"WHERE {any_of_person}"),
    ]


def _of_annotations(values: dict[str, str], rest: str, row: str = "a") -> str:
    return _adding(PEOPLE, {"campaign_id": f"{row}.campaign_id", "person_id": f"{row}.annotator_id"}, values, rest)


def _of_annotations_on(row: str, growth: str) -> str:
    """Return what the annotations on an image add to those that count, where it is not excluded."""
    rest = (
        f"FROM {ANNOTATIONS} a LEFT JOIN {ASSIGNMENTS} s ON s.id = a.assignment_id WHERE NOT {row}.excluded"
        f" AND a.campaign_id = {row}.campaign_id AND a.image_id = {row}.image_id AND {INSIDE.format(row='a', of='s')}"
    )
    return _of_annotations({"counted": growth}, rest)


def _differ(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} <> NEW.{column}" for column in columns)


@dataclass(frozen=True)
class Trigger:
    """What a kind of change (such as `UPDATE OF state`) of rows of a table adds, where a condition holds."""

    name: str
    table: str
    change: str
    statements: Sequence[str]
    condition: str = ""


MOVES = _differ("campaign_id", "subcategory")
ASSIGNMENT_COLUMNS = ("state", "repeat", "surplus", "superseded", "committed_at")
TRIGGERS = [
    Trigger("tally_new_entry", ENTRIES, "INSERT", [_of_entries("NEW", plus="NEW"), _of_annotations_on("NEW", "1")]),
    Trigger("tally_old_entry", ENTRIES, "DELETE", [_of_entries("OLD", minus="OLD"), _of_annotations_on("OLD", "-1")]),
    Trigger(
        "tally_changed_entry",
        ENTRIES,
        "UPDATE OF wanted, answered, excluded, held",
        [_of_entries("NEW", plus="NEW", minus="OLD")],
        f"({_differ('wanted', 'answered', 'excluded', 'held')}) AND NOT ({MOVES})",
    ),
    Trigger(
        "tally_moved_entry",
        ENTRIES,
        "UPDATE OF campaign_id, subcategory",
        [_of_entries("OLD", minus="OLD"), _of_entries("NEW", plus="NEW")],
        MOVES,
    ),
    Trigger(
        "tally_excluded_entry",
        ENTRIES,
        "UPDATE OF excluded",
        [_of_annotations_on("OLD", "-1"), _of_annotations_on("NEW", "1")],
        _differ("excluded"),
    ),
    Trigger("tally_new_assignment", ASSIGNMENTS, "INSERT", _of_assignments("NEW", plus="NEW")),
    Trigger("tally_old_assignment", ASSIGNMENTS, "DELETE", _of_assignments("OLD", minus="OLD")),
    Trigger(
        "tally_changed_assignment",
        ASSIGNMENTS,
        f"UPDATE OF {', '.join(ASSIGNMENT_COLUMNS)}",
        _of_assignments("NEW", plus="NEW", minus="OLD"),
        f"{_differ(*ASSIGNMENT_COLUMNS[:-1])} OR (OLD.committed_at IS NULL) <> (NEW.committed_at IS NULL)",
    ),
    Trigger(
        "tally_superseded_assignment",
        ASSIGNMENTS,
        "UPDATE OF repeat, superseded",
        [
            _of_annotations(
                {name: _sum(measure, of="a", plus="NEW", minus="OLD") for name, measure in OF_ANNOTATION.items()},
                f"FROM {ANNOTATIONS} a WHERE a.assignment_id = NEW.id",
            )
        ],
        _differ("repeat", "superseded"),
    ),
    Trigger(
        "tally_new_annotation",
        ANNOTATIONS,
        "INSERT",
        [
            _of_annotations(
                {"given": "1"} | {name: _sum(measure, of="NEW", plus="s") for name, measure in OF_ANNOTATION.items()},
                f"FROM (SELECT 1) one LEFT JOIN {ASSIGNMENTS} s ON s.id = NEW.assignment_id",
                row="NEW",
            )
        ],
    ),
    Trigger(
        "tally_withdrawn_person",
        WITHDRAWALS,
        "INSERT",
        [
            f"UPDATE {ENTRIES} SET answered = answered - 1 WHERE campaign_id = NEW.campaign_id AND image_id IN"
            f" (SELECT s.image_id FROM {ASSIGNMENTS} s WHERE s.campaign_id = NEW.campaign_id"
            f" AND s.annotator_id = NEW.person_id AND {HOLDS_ANSWER.format(row='s')})"
        ],
        "NEW.person_id IS NOT NULL",
    ),
    Trigger("tally_new_item", ITEMS, "INSERT", [_of_items("NEW", plus="NEW")]),
    Trigger("tally_old_item", ITEMS, "DELETE", [_of_items("OLD", minus="OLD")]),
    Trigger(
        "tally_changed_item",
        ITEMS,
        "UPDATE OF state, seconds, cost",
        [_of_items("NEW", plus="NEW", minus="OLD")],
        _differ("state", "seconds", "cost"),
    ),
]


def remove_triggers_before_migrating(using: str, **_: Any) -> None:
    """Receive Django's signal `pre_migrate`."""
    with transaction.atomic(using):
        drop_triggers(connections[using])


def install_triggers_after_migrating(using: str, **_: Any) -> None:
    """Receive Django's signal `post_migrate`."""
    install_triggers(connections[using])


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    """Count all that is there, and let the database count what changes from now on."""
    if not _is_migrated(connection):
        return
    with transaction.atomic(connection.alias):
        drop_triggers(connection)
        recount(connection)
        with connection.cursor() as cursor:
            for trigger in TRIGGERS:
                for statement in _creating(connection, trigger):
                    cursor.execute(statement)
            for table in TALLIES:
                for statement in _folding(connection, table):
                    cursor.execute(statement)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Let nothing be counted, for a migration that changes the tables."""
    tables = set(connection.introspection.table_names())
    names = [(trigger.name, trigger.table) for trigger in TRIGGERS] + [
        (f"{table}_fold{suffix}", table) for table in TALLIES for suffix in ("", "_all")
    ]
    with connection.cursor() as cursor:
        for name, table in names:
            # A trigger's name belongs to its table in PostgreSQL, to the whole database in SQLite.
            if table in tables:
                place = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")


def recount(connection: BaseDatabaseWrapper) -> None:
    """Count all anew, whatever the tallies say."""
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Nobody changes what is counted meanwhile; everybody reads on.
            cursor.execute(f"LOCK TABLE {', '.join(COUNTED)} IN SHARE ROW EXCLUSIVE MODE")
        for statement in _recounting():
            cursor.execute(statement)


def _recounting() -> list[str]:
    on_image = {
        name: f"COALESCE(SUM(CASE WHEN s.id IS NULL THEN 0 ELSE {measure.format(row='s')} END), 0)"
        for name, measure in ON_IMAGE.items()
    }
    of_entry = {name: f"SUM({measure.format(row='e')})" for name, measure in OF_ENTRY.items()}
    of_assignment = {name: f"SUM({measure.format(row='s')})" for name, measure in OF_ASSIGNMENT.items()}
    of_annotation = {name: f"SUM({measure.format(row='a', of='s')})" for name, measure in OF_ANNOTATION.items()}
    return [
        f"UPDATE {ENTRIES} SET answered = n.answered, had = n.had FROM"
        f" (SELECT e.id, {', '.join(f'{value} AS {name}' for name, value in on_image.items())}"
        f" FROM {ENTRIES} e LEFT JOIN {ASSIGNMENTS} s ON s.campaign_id = e.campaign_id AND s.image_id = e.image_id"
        f" GROUP BY e.id) n WHERE n.id = {ENTRIES}.id"
        f" AND ({ENTRIES}.answered <> n.answered OR {ENTRIES}.had <> n.had)",
        *(f"DELETE FROM {table}" for table in TALLIES),
        _adding(
            IMAGES,
            {"campaign_id": "e.campaign_id", "subcategory": "e.subcategory"},
            of_entry,
            f"FROM {ENTRIES} e GROUP BY e.campaign_id, e.subcategory",
        ),
        _adding(
            PEOPLE,
            {"campaign_id": "s.campaign_id", "person_id": "s.annotator_id"},
            of_assignment,
            f"FROM {ASSIGNMENTS} s GROUP BY s.campaign_id, s.annotator_id",
        ),
        _of_annotations(
            {"given": "COUNT(*)"} | of_annotation,
            f"FROM {ANNOTATIONS} a LEFT JOIN {ASSIGNMENTS} s ON s.id = a.assignment_id"
            " GROUP BY a.campaign_id, a.annotator_id",
        ),
        _adding(
            RUNS,
            {"run_id": "i.run_id"},
            {name: f"SUM({measure.format(row='i')})" for name, measure in OF_ITEM.items()},
            f"FROM {ITEMS} i GROUP BY i.run_id",
        ),
    ]


def _creating(connection: BaseDatabaseWrapper, trigger: Trigger) -> list[str]:
    when = f"WHEN ({trigger.condition})" if trigger.condition else ""
    body = "; ".join(trigger.statements)
    start = f"CREATE TRIGGER {trigger.name} AFTER {trigger.change} ON {trigger.table}"
    if connection.vendor == "sqlite":
        return [f"{start} {when} BEGIN {body}; END"]
    return [_function(trigger.name, body), f"{start} FOR EACH ROW {when} EXECUTE FUNCTION {trigger.name}()"]


def _folding(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """Return the statements that make the trigger which adds up what has come together."""
    name, keys, first = f"{table}_fold", KEYS[table], KEYS[table][0]
    sums = {measure: f"SUM({measure})" for measure in MEASURES[table]}
    start = f"CREATE TRIGGER {name} AFTER INSERT ON {table}"
    # A sum starts no further adding up, which would come upon rows that this one has not yet removed.
    when = f"WHEN (NEW.id % {FOLD_AFTER} = 0 AND NOT NEW.folded)"

    def adding(rows: str) -> str:
        return _adding(table, {key: key for key in keys}, sums, f"FROM {rows} GROUP BY {', '.join(keys)}", "TRUE")

    if connection.vendor == "sqlite":
        of_these = f"{table} WHERE {first} = NEW.{first} AND id <= NEW.id"
        return [f"{start} {when} BEGIN {adding(of_these)}; DELETE FROM {of_these}; END"]
    # Mostly those that came last, sums among them: in a transaction that changes a million rows, those it has removed
    # stay in its way to the end.
    last = f"id > NEW.id - {FOLD_AFTER} AND id <= NEW.id"
    every = f"NEW.id % {FOLD_AFTER * 32} = 0"
    statements = []
    for suffix, condition, rows in (("", f"NOT {every}", last), ("_all", every, "TRUE")):
        # Rows that another transaction is adding up are left to it; those it has not committed are not seen.
        gone = (
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {first} = NEW.{first} AND {rows}"
            " FOR UPDATE SKIP LOCKED) RETURNING *"
        )
        statements += [
            _function(f"{name}{suffix}", f"WITH gone AS ({gone}) {adding('gone')}"),
            f"CREATE TRIGGER {name}{suffix} AFTER INSERT ON {table} FOR EACH ROW"
            f" WHEN (NEW.id % {FOLD_AFTER} = 0 AND {condition} AND NOT NEW.folded) EXECUTE FUNCTION {name}{suffix}()",
        ]
    return statements


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$"
    )


def _is_migrated(connection: BaseDatabaseWrapper) -> bool:
    tables = set(connection.introspection.table_names())
    return {*TALLIES, *COUNTED} <= tables
