"""How often was something tried? Counts of tries by key, in memory, bounded."""

from __future__ import annotations

import math
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence

from limits import RateLimitItem

MOST_KEYS = 20_000


class Attempts:
    """The times of tries at each key, as a sliding window. Past `most_keys`, the key not tried for longest goes.

    Not the limiter of the other rates: a try that turns out to be right is taken back, and two counts are taken
    together or not at all. Nothing here waits, so greenlets cannot come between a look and its count.
    """

    def __init__(self, most_keys: int = MOST_KEYS, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_keys = most_keys
        self._clock = clock
        self._tries: OrderedDict[str, array[float]] = OrderedDict()

    def wait(self, key: str, limits: Sequence[RateLimitItem]) -> int:
        """Return after how many seconds the next try at `key` is allowed by all limits; 0: now."""
        tries = self._tries.get(key)
        return max((self._wait(tries, limit) for limit in limits), default=0) if tries else 0

    def _wait(self, tries: array[float], limit: RateLimitItem) -> int:
        if len(tries) < limit.amount:
            return 0
        return max(0, math.ceil(tries[-limit.amount] + limit.get_expiry() - self._clock()))

    def count(self, key: str, limits: Sequence[RateLimitItem]) -> None:
        """Count a try now; of those before, only as many are kept as the limits look at."""
        tries = self._tries.setdefault(key, array("d"))
        self._tries.move_to_end(key)
        tries.append(self._clock())
        del tries[: -max(limit.amount for limit in limits)]
        while len(self._tries) > self._most_keys:
            self._tries.popitem(last=False)

    def take_back(self, key: str) -> None:
        """Let the last try at `key` not have happened."""
        tries = self._tries.get(key)
        if tries:
            tries.pop()

    def forget(self, key: str) -> None:
        self._tries.pop(key, None)

    def size(self) -> tuple[int, int]:
        """Return how many keys are held, and how many tries of one key at most."""
        return len(self._tries), max(map(len, self._tries.values()), default=0)
