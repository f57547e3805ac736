"""The database's own guard of rows that are written once: raw SQL and cascades go past their models.

`migrate` puts the triggers up after each run, since SQLite drops them with every table that a migration rebuilds. A
migration that has to change such rows drops them first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connections, transaction

from .append_only import AppendOnly

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# No TRUNCATE in SQLite. Both abort with what Django raises as IntegrityError.
SQLITE = {
    f"{{table}}_refuses_{change.lower()}": f"""
        CREATE TRIGGER {{name}} BEFORE {change} ON {{table}}
        BEGIN SELECT RAISE(ABORT, '{{table}} rows are written once: no {change}; add a new row instead'); END"""
    for change in ("UPDATE", "DELETE")
}
POSTGRESQL = {
    "refuses_changes": """
        CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_row_written_once()""",
    "refuses_truncate": """
        CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_row_written_once()""",
}
POSTGRESQL_FUNCTION = """
    CREATE OR REPLACE FUNCTION refuse_change_of_row_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% rows are written once: no %; add a new row instead', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
    END $$"""


def install_triggers_after_migrating(using: str, **_: Any) -> None:
    """Receive Django's signal `post_migrate`."""
    install_triggers(connections[using])


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    """Let the database refuse to change or delete rows that are written once."""
    with transaction.atomic(connection.alias):
        # Dropped first, for SQLite knows no CREATE OR REPLACE TRIGGER.
        drop_triggers(connection)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(POSTGRESQL_FUNCTION)
            for table in append_only_tables(connection):
                for name, statement in _triggers(connection, table):
                    cursor.execute(statement.format(name=name, table=table))


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Let the database change such rows again, for a migration that has to."""
    with connection.cursor() as cursor:
        for table in append_only_tables(connection):
            for name, _ in _triggers(connection, table):
                # A trigger's name belongs to its table in PostgreSQL, to the whole database in SQLite.
                place = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")


def append_only_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables of rows that are written once, as far as they are migrated."""
    models = apps.get_app_config("annotation").get_models()
    tables = {model._meta.db_table for model in models if issubclass(model, AppendOnly)}
    return sorted(tables & set(connection.introspection.table_names()))


def _triggers(connection: BaseDatabaseWrapper, table: str) -> list[tuple[str, str]]:
    statements = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    return [(name.format(table=table), statement) for name, statement in statements.items()]
