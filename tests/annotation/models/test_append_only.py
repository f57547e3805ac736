import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from annotation.models import Annotation, Event, EventChain, Judgement, Revision, WrittenOnce
from annotation.models.append_only import AppendOnly
from annotation.models.append_only_triggers import append_only_tables, drop_triggers, install_triggers
from tests.harness.factories import judge

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

KINDS = [model for model in apps.get_app_config("annotation").get_models() if issubclass(model, AppendOnly)]


@pytest.fixture
def annotated(campaign, alice):
    judge(campaign, alice)
    connection.check_constraints()  # PostgreSQL puts off to the commit what it does here.
    return campaign


def execute(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        connection.check_constraints()


@pytest.mark.parametrize("model", [Annotation, Event, Judgement, Revision])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_is_written_once(annotated, model, statement):
    before = list(model.objects.values())
    table, change = model._meta.db_table, statement.split()[0]
    with pytest.raises(IntegrityError, match=f"{table} rows are written once: no {change}; add a new row instead"):
        execute(statement.format(table))
    assert list(model.objects.values()) == before != []


def test_nor_may_a_row_take_the_place_of_another(annotated):
    event = "SELECT id, chain_id, number, 'nothing', actor_id, subject, content_hash, details, created_at, '', hash"
    columns = "(id, chain_id, number, verb, actor_id, subject, content_hash, details, created_at, previous_hash, hash)"
    replaces = {
        "sqlite": f"REPLACE INTO annotation_event {columns} {event} FROM annotation_event",
        "postgresql": f"INSERT INTO annotation_event {columns} {event} FROM annotation_event "
        "ON CONFLICT (id) DO UPDATE SET verb = EXCLUDED.verb",
    }
    with pytest.raises(IntegrityError, match="rows are written once"):
        execute(replaces[connection.vendor])


def test_nor_is_a_table_emptied(annotated):
    # SQLite has no TRUNCATE; a DELETE of all rows is what comes next to it there.
    verb, statement = {
        "sqlite": ("DELETE", "DELETE FROM annotation_event"),
        "postgresql": ("TRUNCATE", "TRUNCATE annotation_event CASCADE"),
    }[connection.vendor]
    with pytest.raises(IntegrityError, match=f"annotation_event rows are written once: no {verb}"):
        execute(statement)


def test_what_goes_past_the_guard_in_python_meets_the_one_in_the_database(annotated):
    with pytest.raises(WrittenOnce):
        Event.objects.all().delete()
    with pytest.raises(IntegrityError, match="no DELETE"), transaction.atomic():
        Event._base_manager.all().delete()  # The way of Django's own cascades.
    with pytest.raises(IntegrityError, match="no UPDATE"), transaction.atomic():
        Event._base_manager.update(verb="nothing.happened")


def test_no_parent_takes_them_along(annotated):
    with pytest.raises(models.ProtectedError):
        EventChain.objects.all().delete()
    with pytest.raises(IntegrityError):
        execute("DELETE FROM annotation_eventchain")
    parents = [field for model in KINDS for field in model._meta.fields if field.remote_field]
    assert [field for field in parents if field.remote_field.on_delete is not models.PROTECT] == []


def test_every_kind_of_row_that_is_written_once_has_its_triggers(db):
    def guarded():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%refuses%'"
                if connection.vendor == "sqlite"
                else "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%refuses%'"
            )
            return sorted(table for (table,) in cursor.fetchall())

    tables = sorted(model._meta.db_table for model in KINDS)
    assert append_only_tables(connection) == tables
    assert guarded() == sorted(tables * 2)
    drop_triggers(connection)
    assert guarded() == []
    install_triggers(connection)
    install_triggers(connection)
    assert guarded() == sorted(tables * 2)
