"""Threads that write to SQLite do so one after the other, in the order in which they came."""

import threading

import pytest
from django.db import OperationalError, connections

from tests.harness.installation import wait_until
from webapp.operations.sqlite import base


@pytest.fixture
def connect(tmp_path, django_db_blocker):
    """Open a connection of its own to one file."""
    opened = []

    def connect(**options):
        settings = connections["default"].settings_dict | {
            "NAME": str(tmp_path / "db.sqlite3"),
            "ENGINE": "webapp.operations.sqlite",
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "OPTIONS": {"timeout": 60, "transaction_mode": "IMMEDIATE"} | options,
        }
        connection = base.DatabaseWrapper(settings, alias="default")
        connection.inc_thread_sharing()
        opened.append(connection)
        return connection

    with django_db_blocker.unblock():
        yield connect
        for connection in opened:
            connection.close()


def begin(connection):
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def line(connection):
    return base.queues[str(connection.settings_dict["NAME"])]


def write_and_end(connection, end):
    begin(connection)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS orders (number integer)")
    end(connection)


@pytest.mark.parametrize(
    "end", [base.DatabaseWrapper.commit, base.DatabaseWrapper.rollback, base.DatabaseWrapper.close]
)
def test_the_next_writes_when_the_one_before_is_through_however_it_ends(connect, end):
    write_and_end(connect(), end)
    last = connect(timeout=0.01)
    begin(last)
    assert last.turn.holds


def test_writers_are_served_in_the_order_in_which_they_came(connect):
    first, order = connect(), []
    with first.cursor() as cursor:
        cursor.execute("CREATE TABLE orders (number integer)")
    begin(first)

    def write(number):
        connection = connect()
        begin(connection)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO orders VALUES (%s)", [number])
        order.append(number)
        connection.commit()
        connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for number, thread in enumerate(threads):
        thread.start()
        wait_until(lambda number=number: len(line(first)) == number + 1, "the thread to stand in line")
    first.commit()
    for thread in threads:
        thread.join()
    with first.cursor() as cursor:
        rows = cursor.execute("SELECT number FROM orders ORDER BY rowid").fetchall()
    assert order == [number for (number,) in rows] == list(range(8))


def test_who_is_refused_by_another_process_leaves_the_line(connect):
    """Another process does not stand in our line; its lock is met as ever."""
    other, refused = connect(), connect(timeout=0.01)
    other.ensure_connection()
    other.connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        begin(refused)
    other.connection.execute("ROLLBACK")
    begin(refused)
    assert refused.turn.holds


def test_a_thread_that_dies_in_its_transaction_holds_nobody_up(connect):
    begin_and_drop(connect)
    after = connect(timeout=0.01)
    begin(after)
    assert after.turn.holds


def begin_and_drop(connect):
    connection = connect()
    begin(connection)
    connection.connection.rollback()  # As SQLite does for a connection that is dropped.
    del connection.turn
