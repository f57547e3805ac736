"""Celery's queue in files, which loses no message: the embedded installation's broker.

kombu's own file transport shows readers half-written messages, which stops a worker for good, and forgets a message
as soon as it is read, so that a killed worker loses it. Here a message moves in whole, lies locked in the processed
folder until it is acknowledged, and goes back to the queue once the lock's owner has died.
"""

from __future__ import annotations

# mypy: allow-untyped-calls
# kombu marks itself as typed and is not.
import fcntl
import json
import logging
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import IO, Any, ClassVar

from kombu.transport import filesystem, virtual

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MessageFile:
    """A message's file: where it lies now, and the open file whose lock says that it is ours."""

    path: Path
    file: IO[str]


class Channel(filesystem.Channel):
    """Messages sent and received through files named `{time}_{delivery tag}.{queue}.msg`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._message_files: dict[str, MessageFile] = {}  # Messages not yet acknowledged, by delivery tag.

    # kombu's own classes disagree on the name of the second parameter.
    def _put(self, queue: str, payload: dict[str, Any], **_options: Any) -> None:  # type: ignore[override]
        """Write the message aside, then move it into the queue whole."""
        name = f"{time.time_ns()}_{payload['properties']['delivery_tag']}.{queue}.msg"
        draft = Path(self.processed_folder, f"{name}.part")
        draft.write_text(json.dumps(payload), encoding="utf-8")
        draft.rename(Path(self.data_folder_out, name))

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """Return the oldest message that no one else holds; raises Empty."""
        for path in message_paths(self.data_folder_in, queue):
            message_file = move_under_lock(path, self.processed_folder)
            payload = read_message(message_file) if message_file else None
            if message_file and payload:
                self._message_files[payload["properties"]["delivery_tag"]] = message_file
                return payload
        for path in message_paths(self.processed_folder, queue):
            message_file = move_under_lock(path, self.data_folder_in)
            if message_file:
                message_file.file.close()
        raise Empty

    def _release(self, delivery_tag: str) -> None:
        """Remove the file of a message that is done with; its lock ends with it."""
        message_file = self._message_files.pop(delivery_tag, None)
        if message_file:
            message_file.path.unlink(missing_ok=True)
            message_file.file.close()

    def _restore(self, message: Any) -> None:
        super()._restore(message)
        self._release(message.delivery_tag)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple)
        self._release(delivery_tag)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue)
        self._release(delivery_tag)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack, **kwargs)
        if message and no_ack:
            self._release(message.delivery_tag)
        return message

    def basic_consume(
        self, queue: str, no_ack: bool, callback: Callable[[Any], Any], *args: Any, **kwargs: Any
    ) -> None:

        def release_first(message: Any) -> Any:
            self._release(message.delivery_tag)
            return callback(message)

        super().basic_consume(queue, no_ack, release_first if no_ack else callback, *args, **kwargs)

    def _queue_bind(self, exchange: str, *binding: str) -> None:
        """Add a queue to an exchange's table, which is made whole: kombu's own way shows it empty first."""
        table = self._exchange_file(exchange)
        if not table.exists():
            draft = self.control_folder / f"{uuid.uuid4()}.part"
            draft.write_text("[]", encoding="utf-8")
            try:
                os.link(draft, table)
            except FileExistsError:
                pass  # Another process has made it meanwhile.
            finally:
                draft.unlink()
        super()._queue_bind(exchange, *binding)


class Transport(filesystem.Transport):
    """The way to the queue of files."""

    Channel = Channel
    states: ClassVar[dict[str, virtual.BrokerState]] = {}

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        # kombu remembers bindings per process; a second folder would get none, and lose what is sent to it.
        self.state = self.states.setdefault(client.transport_options["control_folder"], virtual.BrokerState())


def message_paths(folder: str, queue: str) -> list[Path]:
    """Return the files of a queue's messages in a folder, oldest first."""
    ending = f"{queue}.msg"
    return [Path(folder, name) for name in sorted(os.listdir(folder)) if name.partition(".")[2] == ending]


def move_under_lock(path: Path, folder: str) -> MessageFile | None:
    """Lock a message's file and move it into a folder; return None if someone else has it."""
    try:
        file = path.open(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return MessageFile(path.rename(Path(folder, path.name)), file)
    except (BlockingIOError, FileNotFoundError):
        file.close()
        return None


def read_message(message_file: MessageFile) -> dict[str, Any] | None:
    """Return the message; one that a power cut has mangled is set aside under another name."""
    try:
        payload: dict[str, Any] = json.load(message_file.file)
    except ValueError:
        message_file.file.close()
        message_file.path.rename(message_file.path.with_name(f"{message_file.path.name}.broken"))
        logger.exception("message %s cannot be read and is set aside", message_file.path)
        return None
    return payload
