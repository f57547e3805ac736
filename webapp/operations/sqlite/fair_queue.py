"""A lock that is handed on in the order in which it was asked for (plain Python)."""

from __future__ import annotations

import threading
from collections import deque


class FairQueue:
    """Threads that wait for one thing; whoever came first has it first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def __len__(self) -> int:
        return len(self._waiting)

    def take_turn(self, seconds: float) -> Turn:
        """Wait for one's turn and return it; after so many seconds a turn that holds nothing."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return Turn(self)
            bell = threading.Lock()
            bell.acquire()
            self._waiting.append(bell)
        if bell.acquire(timeout=seconds):
            return Turn(self)
        with self._lock:
            if bell in self._waiting:
                self._waiting.remove(bell)
                return Turn(None)
        return Turn(self)  # It came at the last moment.

    def hand_on(self) -> None:
        """Give the turn to whoever has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Turn:
    """What one thread has until it ends it, or is gone."""

    def __init__(self, queue: FairQueue | None) -> None:
        self._queue = queue

    @property
    def holds(self) -> bool:
        """Tell whether it is one's turn, and not ended yet."""
        return self._queue is not None

    def end(self) -> None:
        """Hand it on; a second time does nothing."""
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.hand_on()

    # A thread that dies in a transaction takes its connection along; the others would wait for ever.
    __del__ = end
