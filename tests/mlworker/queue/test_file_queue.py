"""The queue of files loses no message: not half-written ones, not those of a killed worker."""

# mypy: allow-untyped-calls

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from kombu.connection import Connection
from kombu.entity import Exchange, Queue

from mlworker.queue.broker import broker_settings


@pytest.fixture
def connection(tmp_path):
    settings = broker_settings(None, tmp_path)
    options = settings["broker_transport_options"]
    with Connection(
        settings["broker_url"], transport=settings["broker_transport"], transport_options=options
    ) as connection:
        yield connection


@pytest.fixture
def work():
    """Name one queue, the same in every test: each test's folder must get its own binding."""
    return Queue("work", Exchange("work"), routing_key="work")


@pytest.fixture
def send(connection, work):
    def publish(*bodies):
        with connection.Producer() as producer:
            for body in bodies:
                producer.publish(body, exchange=work.exchange, routing_key=work.name, declare=[work], serializer="json")

    return publish


def files(folder: Path) -> list[Path]:
    return [file for part in ("messages", "processed") for file in (folder / part).iterdir()]


def test_messages_come_out_in_the_order_they_went_in(connection, send, work):
    send(*range(5))
    queue = work(connection.default_channel)

    assert [queue.get(no_ack=True).payload for _ in range(5)] == list(range(5))
    assert queue.get() is None


def test_an_acknowledged_message_leaves_nothing_behind(connection, tmp_path, send, work):
    send("one", "two")
    queue = work(connection.default_channel)
    queue.get().ack()
    queue.get().reject()

    assert files(tmp_path) == []


def test_a_message_that_is_held_is_not_given_twice(connection, send, work):
    send("one")
    first = work(connection.channel()).get()

    assert first.payload == "one"
    assert work(connection.channel()).get() is None


def test_a_requeued_message_comes_again(connection, send, work):
    send("one")
    queue = work(connection.default_channel)
    queue.get().requeue()

    assert queue.get().payload == "one"


def test_closing_a_channel_returns_what_it_held(connection, send, work):
    send("one")
    channel = connection.channel()
    work(channel).get()
    channel.close()

    assert work(connection.channel()).get().payload == "one"


def test_a_killed_process_returns_what_it_held(connection, tmp_path, send, work):
    send("one")
    code = f"""
import os, signal
from pathlib import Path
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from mlworker.queue.broker import broker_settings
settings = broker_settings(None, Path({str(tmp_path)!r}))
connection = Connection(settings["broker_url"], transport=settings["broker_transport"],
                        transport_options=settings["broker_transport_options"])
message = Queue("work", Exchange("work"), routing_key="work")(connection.default_channel).get()
assert message.payload == "one"
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    queue = work(connection.default_channel)

    assert queue.get() is None  # This look finds the abandoned message and returns it to the queue.
    assert queue.get().payload == "one"


def test_a_mangled_message_is_set_aside_and_the_next_is_served(connection, tmp_path, caplog, send, work):
    send("one", "two")
    message_path = min((tmp_path / "messages").iterdir())
    message_path.write_bytes(b"")

    assert work(connection.default_channel).get(no_ack=True).payload == "two"
    assert [file.name for file in files(tmp_path)] == [f"{message_path.name}.broken"]
    assert "set aside" in caplog.text


def test_readers_that_race_with_a_writer_get_every_message_whole_and_once(connection, tmp_path, send, work):
    count, payloads, writer_finished = 300, [], threading.Event()

    def receive():
        queue = work(connection.clone().default_channel)
        while not writer_finished.is_set():
            message = queue.get(no_ack=True)
            if message:
                payloads.append(message.payload)

    readers = [threading.Thread(target=receive) for _ in range(2)]
    for reader in readers:
        reader.start()
    send(*range(count))
    timer = threading.Timer(20, writer_finished.set)
    timer.start()
    while len(payloads) < count and not writer_finished.is_set():
        writer_finished.wait(0.01)
    writer_finished.set()
    timer.cancel()
    for reader in readers:
        reader.join()

    assert sorted(payloads) == list(range(count))


def test_an_exchange_is_bound_by_many_at_once_without_losing_one(connection, tmp_path):
    clones = [connection.clone() for _ in range(8)]

    def bind(number):
        exchange = Exchange("shared", type="fanout")
        channel = clones[number].default_channel
        channel._queue_bind(exchange.name, "", "", f"queue-{number}")

    threads = [threading.Thread(target=bind, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    table = json.loads((tmp_path / "control" / "shared.exchange").read_text())
    assert {queue for _, _, queue in table} == {f"queue-{number}" for number in range(8)}
