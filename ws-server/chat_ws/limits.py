"""How much may one connection, one user, one address do?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Hashable, Sequence

from chat_db.settings import Network, is_in, network_of

ANSWERED = 256  # connections beyond the cap that are still told so
ANSWERED_OF_ONE = 64  # the same of one address


class Bucket:
    """A token bucket: `burst` at once, `rate` a second after that. A rate of 0 means no limit."""

    __slots__ = ("_at", "_level", "burst", "rate")

    def __init__(self, burst: float, rate: float) -> None:
        self.burst = burst
        self.rate = rate
        self._level = burst
        self._at = time.monotonic()

    def take(self) -> float:
        """Take one; return 0 where there was one, else the seconds to wait for it (nothing is taken then)."""
        if not self.rate:
            return 0
        if self.level() < 1:
            return (1 - self._level) / self.rate
        self._level -= 1
        return 0

    def charge(self) -> float:
        """Take one even where there is none; return the level, below 0 while in debt."""
        if not self.rate:
            return self.burst
        self._level = self.level() - 1
        return self._level

    def level(self) -> float:
        now = time.monotonic()
        self._level = min(self.burst, self._level + (now - self._at) * self.rate)
        self._at = now
        return self._level


class Buckets:
    """A bucket for each key. Full ones are forgotten, so that memory follows activity, not the number of users."""

    def __init__(self, burst: float, rate: float, sweep_at: int = 10_000) -> None:
        self._burst = burst
        self._rate = rate
        self._sweep_at = sweep_at
        self._buckets: dict[Hashable, Bucket] = {}

    def take(self, key: Hashable) -> float:
        """As Bucket.take, for one key."""
        return self._of(key).take()

    def charge(self, key: Hashable) -> float:
        """Take one even where there is none; return the seconds until the debt is gone, 0 where there is none."""
        if not self._rate:
            return 0
        return max(0.0, -self._of(key).charge() / self._rate)

    def _of(self, key: Hashable) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._sweep_at:
                self._buckets = {k: b for k, b in self._buckets.items() if b.level() < b.burst}
            bucket = self._buckets[key] = Bucket(self._burst, self._rate)
        return bucket


class ConnectionLimiter:
    """Counts TCP connections, handshaken or not, in all and for each address.

    Those of a trusted proxy are everybody's, until their handshakes say whose they are.
    """

    def __init__(self, max_connections: int, max_per_address: int, trusted_proxies: Sequence[Network] = ()) -> None:
        self._max_connections = max_connections
        self._max_per_address = max_per_address
        self._trusted_proxies = trusted_proxies
        self._by_address: Counter[str] = Counter()
        self._total = 0

    def enter(self, address: str) -> bool:
        """Count a connection; say whether it is within the caps. Every `enter` wants one `leave`."""
        address = network_of(address)
        self._total += 1
        self._by_address[address] += 1
        return self._total <= self._max_connections and self._by_address[address] <= self._max_per_address

    def is_overrun(self, address: str) -> bool:
        """Say whether there are so many refused connections that even answering them costs too much.

        An address that never shakes hands cannot be answered: it would take the places of all others.
        """
        if self._total > self._max_connections + ANSWERED:
            return True
        is_far_beyond = self._by_address[network_of(address)] > self._max_per_address + ANSWERED_OF_ONE
        return is_far_beyond and not is_in(address, self._trusted_proxies)

    def leave(self, address: str) -> None:
        address = network_of(address)
        self._total -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
