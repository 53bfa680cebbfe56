"""How long do two people wait who have nothing to do with a storm? For an acknowledgement, a page, a sync."""

from __future__ import annotations

import contextlib
import secrets
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from stack import Stack
from tests.support.http import HttpClient
from tests.support.people import People
from tests.support.socket import Socket

PAUSE = 0.01  # seconds between two measurements: people who talk, not a load
PATIENCE = 30.0  # seconds until a wait counts as failed


@dataclass(frozen=True)
class Waits:
    """Waits in milliseconds, sorted; a failed one counts as all the time it took, and as a failure."""

    milliseconds: list[float]
    failures: int

    @property
    def p50(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        return self._quantile(0.95)

    @property
    def p99(self) -> float:
        return self._quantile(0.99)

    @property
    def worst(self) -> float:
        return self.milliseconds[-1]

    def _quantile(self, part: float) -> float:
        return self.milliseconds[min(len(self.milliseconds) - 1, int(part * len(self.milliseconds)))]


class Bystanders:
    """Two people who share a chat. Every method measures for so many seconds, one wait after another."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        people = People(stack)
        self.one, self.two = (people.register(f"{name}-{secrets.token_hex(4)}") for name in ("ada", "bob"))
        self.chat_id = people.chat_between(self.one, self.two)

    def acks(self, seconds: float) -> Waits:
        """From `send_message` to `message_sent`, on one open connection."""
        with contextlib.closing(self.one.connect()) as socket:

            def send() -> None:
                socket.send("send_message", chat_id=self.chat_id, message="Are you there?")
                socket.wait_for("message_sent", deadline=PATIENCE)

            return measure(send, seconds)

    def pages(self, seconds: float, path: str = "/login") -> Waits:
        """A GET without a session, on a connection of its own."""
        http = HttpClient(self.stack.web.url)

        def get() -> None:
            answer = http.get(path)
            assert answer.status == 200, answer.status

        return measure(get, seconds)

    def health(self, seconds: float) -> Waits:
        """GET /healthz of web, as Docker asks it."""
        return self.pages(seconds, "/healthz")

    def syncs(self, seconds: float) -> Waits:
        """From opening a connection through `auth` to `sync_done`."""

        def sync() -> None:
            with Socket(self.stack.ws_server.url) as socket:
                socket.send("auth", user_id=self.one.id, token=self.one.token)
                socket.send("sync", chats={})
                socket.wait_for("sync_done", deadline=PATIENCE)

        return measure(sync, seconds, pause=0.1)  # one user may ask 300 times in a minute


def measure(wait: Callable[[], None], seconds: float, pause: float = PAUSE) -> Waits:
    """Measure `wait` again and again; what raises OSError, TimeoutError or AssertionError has failed."""
    milliseconds: list[float] = []
    failures = 0
    end = time.monotonic() + seconds
    while not milliseconds or time.monotonic() < end:
        began = time.perf_counter()
        try:
            wait()
        except (OSError, TimeoutError, AssertionError):
            failures += 1
        milliseconds.append(1000 * (time.perf_counter() - began))
        time.sleep(pause)
    return Waits(sorted(milliseconds), failures)
