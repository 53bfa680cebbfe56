"""What may a client cost before it has asked for anything, and while it does not take its answer?

A connection that waits for its client costs the client nothing and anybody can open thousands. Such connections have
places of their own (Waiting), apart from requests that are complete and are being worked on.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import gevent
import gevent.socket

FEW = 10  # connections that an address may have waiting without a limit on how often it comes
MOST_DISPLACED = 20  # connections that others make room for, in a second and for one address
STALL_SECONDS = 10  # without a byte taken of what is being sent
SLOWEST = 4096  # bytes in a second that a client has to take on the whole
SEND_STEP = 65_536  # bytes
# Bytes that the kernel holds of an answer (it doubles this). Left to itself it goes up to 4 MiB for each connection.
SEND_BUFFER = 131_072
LINGER_SECONDS = 2
LINGER_BYTES = 2**20
# seconds between two reads; a pause of 0 would let the others' sockets wait (gevent looks at them less often)
READ_PAUSE = 0.001
LINGER_PAUSE = 0.02  # seconds between two reads of what nobody wants: 3 MiB in a second at most


class LimitExceeded(OSError):
    """A client has sent more than it was allowed to."""


class AnswerCutOff(OSError):
    """An answer that has begun cannot be finished: nothing is left but to end its connection."""


class Waiting:
    """The connections that wait for their clients: for a request or its rest, or until an answer is taken.

    Where all places, or all those of one address, are taken, the newest connection gets the place of the oldest of
    the address that has the most, or of its own: an attacker's many addresses only displace each other. The same where
    the answers that wait have too many bytes, with the largest one of the address whose answers have the most.
    """

    def __init__(self, most: int, most_of_one: int, most_bytes: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._most_bytes = most_bytes  # of answers that wait to be taken
        self._bytes = 0
        self._count = 0
        self._second = 0
        self._displacing: Counter[str] = Counter()  # by address, in this second
        self._by_address: dict[str, dict[Connection, int]] = {}

    def admits(self, address: str) -> bool:
        """Say whether one more connection of an address may come in.

        While places are taken, an address that holds more than a FEW displaces only so many in a second: opening
        connections is cheaper than serving them.
        """
        second = int(time.monotonic())
        if second != self._second:
            self._second = second
            self._displacing.clear()
        is_modest = self._held_by(address) <= FEW or self._displacing[address] < MOST_DISPLACED
        return is_modest or not self._is_full_for(address)

    def _is_full_for(self, address: str) -> bool:
        return self._count >= self._most or self._held_by(address) >= self._most_of_one

    def _held_by(self, address: str) -> int:
        return len(self._by_address.get(address, ()))

    @contextmanager
    def place(self, connection: Connection) -> Iterator[None]:
        """Hold a place for a connection, under its address, while it waits; a connection without one is not counted."""
        if connection.address is None:
            yield
            return
        address = connection.address
        self._enter(connection, address)
        try:
            yield
        finally:
            self._leave(connection, address)

    def _enter(self, connection: Connection, address: str) -> None:
        if self._is_full_for(address):
            self._displacing[address] += 1
            is_own_limit = self._held_by(address) >= self._most_of_one
            self._evict_oldest(address if is_own_limit else max(self._by_address, key=self._held_by))
        self._by_address.setdefault(address, {})[connection] = connection.untaken
        self._count += 1
        self._bytes += connection.untaken
        if self._bytes > self._most_bytes:
            self._evict_largest(max(self._by_address, key=lambda other: sum(self._by_address[other].values())))

    def _leave(self, connection: Connection, address: str) -> None:
        held = self._by_address.get(address, {})
        if connection in held:  # it may have been evicted
            self._bytes -= held.pop(connection)
            self._count -= 1
            if not held:
                del self._by_address[address]

    def _evict_oldest(self, address: str) -> None:
        self._evict(next(iter(self._by_address[address])), address)

    def _evict_largest(self, address: str) -> None:
        held = self._by_address[address]
        self._evict(max(held, key=lambda connection: held[connection]), address)

    def _evict(self, connection: Connection, address: str) -> None:
        self._leave(connection, address)
        connection.give_up()


class Connection(gevent.socket.socket):  # type: ignore[misc]  # gevent says no type for it
    """One client's connection. Reading takes from an allowance; who takes nothing of an answer for a while loses it.

    `address` is under what it is counted while it waits; None: a trusted proxy's, which is many people's.
    """

    def __init__(self, accepted: gevent.socket.socket, waiting: Waiting, address: str | None) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self.settimeout(STALL_SECONDS)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.address = address
        self._allowance = 0  # bytes that may still be read
        self._has_read = False  # since it was last allowed to
        self.untaken = 0  # bytes of the answer that is being sent
        self._waiting = waiting

    def allow(self, count: int) -> None:
        """Let so many bytes be read from now on."""
        self._allowance = count
        self._has_read = False

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read, as socket.recv. Raises LimitExceeded where the allowance is used up."""
        if self._allowance <= 0:
            raise LimitExceeded
        if self._has_read:  # who sends faster than we work must not keep everybody else waiting
            gevent.sleep(READ_PAUSE)
        data: bytes = super().recv(min(size, self._allowance), flags)
        self._allowance -= len(data)
        self._has_read = True
        return data

    def receive(self, buffer: memoryview, seconds: float) -> int:
        """Fill a buffer, whatever the allowance; return how far: less only where the client ends or takes too long."""
        filled = 0
        with self._waiting.place(self), gevent.Timeout(seconds, False), suppress(OSError):
            while filled < len(buffer) and (count := super().recv_into(buffer[filled:])):
                filled += count
        return filled

    def send(self, data: bytes | memoryview, flags: int = 0) -> int:
        """Send some, as socket.send. Raises TimeoutError where nothing can be sent for STALL_SECONDS."""
        try:
            return int(super().send(data, flags, timeout=0.0))
        except BlockingIOError:
            with self._waiting.place(self):
                return int(super().send(data, flags))

    def sendall(self, data: bytes | memoryview, flags: int = 0) -> None:
        """Send all. Raises TimeoutError where the client takes nothing for a while, or less than SLOWEST."""
        left = memoryview(data)
        self.untaken = len(left)
        end = time.monotonic() + STALL_SECONDS + len(left) / SLOWEST
        while left:
            left = left[self.send(left[:SEND_STEP], flags) :]
            if left and time.monotonic() > end:
                raise TimeoutError("the answer is taken too slowly")
        self.untaken = 0

    def give_up(self) -> None:
        """End the connection from another greenlet: whatever its own one waits for fails at once."""
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)

    def linger(self) -> None:
        """Stop sending, and discard what still comes until the client has stopped too; a little, and not for long.

        Closing at once, with bytes unread, would make the kernel reset the connection, and the reset may overtake the
        answer that explains it (RFC 9112, 9.6).
        """
        with suppress(OSError), gevent.Timeout(LINGER_SECONDS, False), self._waiting.place(self):
            self.shutdown(socket.SHUT_WR)
            self.allow(LINGER_BYTES)
            while self.recv(SEND_STEP):
                gevent.sleep(LINGER_PAUSE)
