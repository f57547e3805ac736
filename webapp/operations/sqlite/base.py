"""The engine. SQLite itself lets waiting writers try again now and then: some wait for seconds while others pass."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from typing import Any

from django.db.backends.sqlite3 import base

from .fair_queue import FairQueue, Turn

# Of this process; other processes wait as SQLite has it.
queues: defaultdict[str, FairQueue] = defaultdict(FairQueue)
# What Django's stubs do not tell of it.
Wrapper: Any = base.DatabaseWrapper


class DatabaseWrapper(Wrapper):  # type: ignore[misc]
    """A connection whose transactions, which all begin with the lock for writing, queue up for it."""

    turn: Turn | None = None

    def _start_transaction_under_autocommit(self) -> None:
        with ExitStack() as stack:
            stack.callback(self.end_turn)
            if not self.is_in_memory_db():  # Threads share that one, connection and all.
                seconds = self.get_connection_params()["timeout"]
                self.turn = queues[str(self.settings_dict["NAME"])].take_turn(seconds)
            super()._start_transaction_under_autocommit()
            stack.pop_all()

    def _commit(self) -> None:
        # After one that fails comes a rollback, and the lock is held until then.
        super()._commit()
        self.end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self.end_turn()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self.end_turn()

    def end_turn(self) -> None:
        """Let the next thread write."""
        turn, self.turn = self.turn, None
        if turn:
            turn.end()
