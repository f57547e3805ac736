"""Hold ratings in long form: one row a rating, with holes wherever somebody did not rate a unit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Values = NDArray[np.float64]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Ratings:
    """N ratings as parallel arrays, in the order of unit, rater and occasion.

    `unit`, `rater` and `occasion` are codes into `units`, `raters` and `occasions`, which list names in ascending
    order; `value` is the rating; `time`, where known, is when it was given, in days since any fixed moment. A second
    rating of a unit by the same rater is another occasion.
    """

    unit: Codes
    rater: Codes
    occasion: Codes
    value: Values
    units: tuple[str, ...]
    raters: tuple[str, ...]
    occasions: tuple[str, ...]
    time: Values | None = None

    @property
    def n(self) -> int:
        """Return the number of ratings."""
        return len(self.value)

    @classmethod
    def of(
        cls,
        unit: Sequence[object],
        rater: Sequence[object],
        value: Sequence[float],
        *,
        occasion: Sequence[object] | None = None,
        time: Sequence[float] | None = None,
    ) -> Ratings:
        """Sort and encode columns of equal length, whatever the order of their rows.

        Raise ValueError when a rater rated a unit twice on one occasion, or when a value is not finite.
        """
        values = np.asarray(value, dtype=np.float64)
        if not np.isfinite(values).all():
            raise ValueError("a rating is not a finite number")
        units, unit_codes = _encode(unit)
        raters, rater_codes = _encode(rater)
        occasions, occasion_codes = _encode(["1"] * len(values) if occasion is None else occasion)
        order = np.lexsort((occasion_codes, rater_codes, unit_codes))
        keys = np.stack([unit_codes[order], rater_codes[order], occasion_codes[order]])
        if len(values) > 1 and (np.diff(keys) == 0).all(axis=0).any():
            raise ValueError("a rater rated the same unit twice on one occasion")
        return cls(
            keys[0],
            keys[1],
            keys[2],
            values[order],
            units,
            raters,
            occasions,
            None if time is None else np.asarray(time, dtype=np.float64)[order],
        )

    @cached_property
    def digest(self) -> bytes:
        """Return a hash of who rated what and how, whatever the time."""
        # Time is no part of it: what is remembered by this hash does not depend on when ratings were given.
        content = hashlib.blake2b()
        for codes in (self.unit, self.rater, self.occasion, self.value):
            content.update(codes.tobytes())
        for names in (self.units, self.raters, self.occasions):
            content.update(repr(names).encode())
        return content.digest()

    def where(self, mask: NDArray[np.bool_]) -> Ratings:
        """Return the ratings at which `mask` holds, with the units, raters and occasions that are left."""
        units, unit = _compact(self.unit[mask], self.units)
        raters, rater = _compact(self.rater[mask], self.raters)
        occasions, occasion = _compact(self.occasion[mask], self.occasions)
        time = None if self.time is None else self.time[mask]
        return Ratings(unit, rater, occasion, self.value[mask], units, raters, occasions, time)

    def first_occasion(self) -> Ratings:
        """Return each rater's first rating of each unit; the rest are repeats."""
        is_repeat = np.zeros(self.n, dtype=bool)
        is_repeat[1:] = (np.diff(self.unit) == 0) & (np.diff(self.rater) == 0)
        return self.where(~is_repeat)


def cache_by_content(size: int) -> Callable[[Callable[[Ratings], Result]], Callable[[Ratings], Result]]:
    """Have a function answer from memory for the ratings it saw last, at most so many: their content counts.

    What it returns is shared, so that nobody may change it.
    """

    def remember(work: Callable[[Ratings], Result]) -> Callable[[Ratings], Result]:
        results: dict[bytes, Result] = {}
        lock = Lock()

        @wraps(work)
        def annotation(ratings: Ratings) -> Result:
            with lock:
                if ratings.digest in results:
                    return results[ratings.digest]
            # Outside the lock, so that threads with other ratings need not wait for each other.
            result = work(ratings)
            with lock:
                while len(results) >= size:
                    del results[next(iter(results))]
                results[ratings.digest] = result
            return result

        return annotation

    return remember


def _encode(names: Iterable[object]) -> tuple[tuple[str, ...], Codes]:
    texts = np.array([str(name) for name in names], dtype=object)
    if not len(texts):
        return (), np.zeros(0, dtype=np.int64)
    unique_names, codes = np.unique(texts, return_inverse=True)
    return tuple(unique_names), codes.astype(np.int64)


def _compact(codes: Codes, names: tuple[str, ...]) -> tuple[tuple[str, ...], Codes]:
    present_codes, new_codes = np.unique(codes, return_inverse=True)
    return tuple(names[code] for code in present_codes), new_codes.astype(np.int64)
