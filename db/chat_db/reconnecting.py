"""How does a writer outlive its connection? It writes again, until a deadline, with the next one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
import pymysql
from pymysql.constants import ER

from .connection import Connection, DatabaseSettings, connect, discard
from .driver_errors import TRY_AGAIN, error_code, is_outage

log = logging.getLogger("chatapp.journal")

Result = TypeVar("Result")

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between two tries
CONFLICT_TRIES, CONFLICT_PAUSE = 20, 0.005  # seconds after the first one, and so much longer after each


class Failed(msgspec.Struct, frozen=True):
    """Whether a thing is in the table is unknown."""


class Reconnecting:
    """One connection, opened when it is needed, for one thread at a time. `lost()` runs after each one that broke."""

    def __init__(self, settings: DatabaseSettings, lost: Callable[[], None]) -> None:
        self._settings = settings
        self._lost = lost
        self.connection: Connection | None = None
        self._deadline = 0.0  # of what `run` is at
        self._latest_end = float("inf")

    def stop_by(self, moment: float) -> None:
        """Try no longer than until then (time.monotonic), whatever deadline there is."""
        self._latest_end = moment

    def is_late(self, pause: float = 0.0) -> bool:
        """Say whether the deadline will have passed after a pause."""
        return time.monotonic() + pause >= min(self._deadline, self._latest_end)

    def connected(self) -> Connection:
        """Return the connection; open it where there is none. Raises pymysql.err.OperationalError."""
        if self.connection is None:
            self.connection = connect(self._settings)
        return self.connection

    def drop(self) -> None:
        """Close the connection: nobody knows in what state it is."""
        self._lost()
        if self.connection is not None:
            discard(self.connection)
            self.connection = None

    def run(self, attempt: Callable[[bool], Result], deadline: float, size: int) -> Result | None:
        """Return what `attempt(is_retry)` returns; run it again after each outage until the deadline.

        None where it failed to the end: nobody knows what became of it. `size` is for the log. An error that is no
        outage is logged; what is no error of the database's is raised.
        """
        self._deadline = deadline
        pause, is_retry = FIRST_PAUSE, False
        while True:
            try:
                return attempt(is_retry)
            except (pymysql.err.Error, OSError) as error:
                self.drop()
                if not is_outage(error):
                    log.exception("event=write_failed messages=%d", size)
                    return None
                if not is_retry:
                    log.warning("event=database_lost code=%d messages=%d", error_code(error), size)
            except BaseException:  # it may have left a transaction open, in which the next batch would not be committed
                self.drop()
                raise
            is_retry = True
            if self.is_late(pause):
                return None
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def run_through_conflicts(self, attempt: Callable[[], Result]) -> Result | None:
        """Return what `attempt()` returns; run it again where another process was in its way. None where that goes on.

        In its way is a deadlock, a lock that it waited for too long, a key that was taken just now.
        Raises what else the database says, and a deadlock or a lock, too, once the deadline has passed.
        """
        for number in range(1, CONFLICT_TRIES + 1):
            try:
                return attempt()
            except pymysql.err.IntegrityError as error:
                if error_code(error) != ER.DUP_ENTRY:
                    raise
            except pymysql.err.OperationalError as error:
                if error_code(error) not in TRY_AGAIN or self.is_late():
                    raise
                time.sleep(CONFLICT_PAUSE * number)
        return None
