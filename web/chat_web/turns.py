"""How many large answers may one user be sent at a time? A few; some others wait, and are refused after a while.

An answer has its turn until the client has taken it, or has lost it (see connections.py): who asks again and again and
reads nothing fills no memory but what a few answers take. A request that waits is being worked on, of which one address
and a worker have only so many (see worker.py): of one user only some wait, so that they take nobody else's places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response, after_this_request
from gevent.lock import BoundedSemaphore

from .refusals import Refusal

AT_ONCE = 4
MOST_WAITING = 40  # requests; a browser with many tabs comes with some of them at once
PATIENCE = 5  # seconds


@dataclass
class UserTurns:
    """The turns of one user: those to be had, and how many requests have one or wait for one."""

    free: BoundedSemaphore
    wanted: int = 0


class Turns:
    """Gives each user some turns in this process. Users who want none take no memory.

    `retry_after` (s) is what is said where too many wait already; PATIENCE where it is not given.
    """

    def __init__(
        self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING, retry_after: int | None = None
    ) -> None:
        self._at_once = at_once
        self._retry_after = retry_after
        self._most = at_once + most_waiting  # requests that have a turn or wait for one
        self._by_user: dict[int, UserTurns] = {}

    def take(self, user_id: int) -> Callable[[], None]:
        """Wait for a turn; return what gives it back. Raises Refusal (429)."""
        turns = self._by_user.setdefault(user_id, UserTurns(BoundedSemaphore(self._at_once)))
        if turns.wanted >= self._most:
            raise Refusal("rate_limited", self._retry_after or PATIENCE)
        turns.wanted += 1
        if not turns.free.acquire(timeout=PATIENCE):
            self._leave(user_id)
            raise Refusal("rate_limited", PATIENCE)

        def give_back() -> None:
            turns.free.release()
            self._leave(user_id)

        return give_back

    @contextmanager
    def held(self, user_id: int) -> Iterator[None]:
        """Wait for a turn, and have it until the end of the block. Raises Refusal (429)."""
        give_back = self.take(user_id)
        try:
            yield
        finally:
            give_back()

    def _leave(self, user_id: int) -> None:
        turns = self._by_user[user_id]
        turns.wanted -= 1
        if not turns.wanted:
            del self._by_user[user_id]


_turns = Turns()


def wait_for_turn(user_id: int) -> None:
    """Let this request wait until one more large answer may go to its user. Raises Refusal (429)."""
    hold_turn(_turns.take(user_id))


def hold_turn(give_back: Callable[[], None]) -> None:
    """Give a turn back when the answer to this request was taken, or is lost."""

    @after_this_request
    def until_taken(response: Response) -> Response:
        response.call_on_close(give_back)
        return response
