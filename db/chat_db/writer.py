"""What does the journal's thread do with a batch? Numbers it, writes it, and finds out what happened.

The usual case asks nothing before the INSERT. UNIQUE (chat_id, seq) and UNIQUE (sender_id, client_id) are the
judges; only what they object to is looked at more closely.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import msgspec
import pymysql
from pymysql.constants import ER

from .connection import (
    TRY_AGAIN,
    Connection,
    DatabaseSettings,
    connect,
    discard,
    error_code,
    is_duplicate,
    is_outage,
    rfc3339,
    utc_now,
)
from .messages import (
    NewMessage,
    StoredMessage,
    find_known,
    find_last_seqs,
    insert_messages,
    lock_chats,
)
from .seal import KeyRing
from .texts import clean_text

log = logging.getLogger("chatapp.journal")

MAX_CHATS = 100_000  # whose last `seq` is remembered
CONFLICT_TRIES = 20


class Stored(msgspec.Struct, frozen=True):
    """The message is in the table. `is_news`: this process has not told the other sockets of it yet."""

    message_id: int
    seq: int
    sent_at: str
    is_duplicate: bool = False
    is_news: bool = True

    def as_duplicate(self) -> Stored:
        return msgspec.structs.replace(self, is_duplicate=True)


class Refused(msgspec.Struct, frozen=True):
    """The message is not in the table and will not be: `code` says why."""

    code: str


class Failed(msgspec.Struct, frozen=True):
    """Whether the message is in the table is unknown."""


Outcome = Stored | Refused | Failed


class SeqRange(msgspec.Struct):
    """Numbers of one chat that this process has given out without a gap, and so has announced."""

    first: int
    last: int


class Writer:
    """Used by one thread. Owns one connection and remembers the last `seq` of each active chat."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing) -> None:
        self._settings = settings
        self._ring = ring
        self._connection: Connection | None = None
        self._given: dict[int, SeqRange] = {}
        self._latest_end = float("inf")

    def stop_by(self, moment: float) -> None:
        """Try no longer than until then (time.monotonic), whatever deadline a batch has."""
        self._latest_end = moment

    def write(self, batch: Sequence[NewMessage], deadline: float) -> list[Outcome]:
        """Store a batch; return the outcome of each message, in the batch's order.

        After a lost connection the same rows are written again until the deadline (time.monotonic). It never
        raises for an outage; messages whose fate stayed unknown are Failed.
        """
        now = utc_now()
        for message in batch:
            message.sent_at = now
        order = sorted(range(len(batch)), key=lambda place: batch[place].chat_id)
        rows = [batch[place] for place in order]
        outcomes: list[Outcome] = [Failed()] * len(batch)
        for place, outcome in zip(order, self._write_sorted(rows, deadline), strict=True):
            outcomes[place] = outcome
        return outcomes

    def _write_sorted(self, rows: list[NewMessage], deadline: float) -> Sequence[Outcome]:
        pause, is_retry = 0.05, False
        while True:
            try:
                return self._write_once(rows, is_retry)
            except (pymysql.err.Error, OSError) as error:
                self._drop_connection(rows)
                if not is_outage(error):
                    log.exception("event=write_failed messages=%d", len(rows))
                    return [Failed()] * len(rows)
                if not is_retry:
                    log.warning("event=database_lost code=%d messages=%d", error_code(error), len(rows))
            is_retry = True
            if time.monotonic() + pause >= min(deadline, self._latest_end):
                return [Failed()] * len(rows)
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _write_once(self, rows: list[NewMessage], is_retry: bool) -> Sequence[Outcome]:
        connection = self._connected()
        if not is_retry:
            try:
                return self._insert(connection, rows)
            except (pymysql.err.IntegrityError, pymysql.err.DataError) as error:
                if is_seq_taken(error):
                    self._forget(rows)
            except pymysql.err.OperationalError as error:
                if error_code(error) not in TRY_AGAIN:
                    raise
        return self._write_carefully(connection, rows, is_retry)

    def _insert(self, connection: Connection, rows: Sequence[NewMessage], locking: bool = False) -> list[Outcome]:
        """Number rows that are sorted by chat and write them with one INSERT."""
        last = self._last_seqs(connection, rows, locking)
        for row in rows:
            last[row.chat_id] += 1
            row.seq = last[row.chat_id]
        first_id = insert_messages(connection, self._ring, rows)
        outcomes: list[Outcome] = []
        for place, row in enumerate(rows):
            self._remember(row.chat_id, row.seq)
            outcomes.append(Stored(first_id + place, row.seq, rfc3339(row.sent_at)))
        return outcomes

    def _last_seqs(self, connection: Connection, rows: Sequence[NewMessage], locking: bool) -> dict[int, int]:
        chats = {row.chat_id for row in rows}
        if locking:
            return find_last_seqs(connection, chats, locking=True)
        last = {chat: self._given[chat].last for chat in chats if chat in self._given}
        last.update(find_last_seqs(connection, chats - last.keys()))
        return last

    def _write_carefully(self, connection: Connection, rows: list[NewMessage], is_retry: bool) -> Sequence[Outcome]:
        """Write under row locks, after taking out what is stored already."""
        for attempt in range(CONFLICT_TRIES):
            known = find_known(connection, self._ring, [(row.sender_id, row.client_id) for row in rows])
            fresh = [row for row in rows if (row.sender_id, row.client_id) not in known]
            try:
                written = dict(zip(map(id, fresh), self._insert_locked(connection, fresh), strict=True))
            except (pymysql.err.IntegrityError, pymysql.err.DataError) as error:
                if error_code(error) == ER.DUP_ENTRY:  # the same client_id came in elsewhere just now
                    continue
                return self._write_apart(connection, rows, is_retry, error)
            except pymysql.err.OperationalError as error:
                if error_code(error) not in TRY_AGAIN:
                    raise
                time.sleep(0.005 * (attempt + 1))
                continue
            return [
                written.get(id(row)) or self._answer_known(row, known[row.sender_id, row.client_id], is_retry)
                for row in rows
            ]
        log.error("event=write_gave_up messages=%d", len(rows))
        return [Failed()] * len(rows)

    def _insert_locked(self, connection: Connection, rows: Sequence[NewMessage]) -> list[Outcome]:
        if not rows:
            return []
        connection.begin()
        try:
            lock_chats(connection, [row.chat_id for row in rows])
            outcomes = self._insert(connection, rows, locking=True)
            connection.commit()
        except pymysql.err.Error as error:
            self._forget(rows)
            if not is_outage(error) or error_code(error) in TRY_AGAIN:
                connection.rollback()
            raise
        return outcomes

    def _write_apart(
        self, connection: Connection, rows: list[NewMessage], is_retry: bool, error: pymysql.err.Error
    ) -> list[Outcome]:
        """One row of a batch is impossible: halve until it stands alone, so that it takes no other with it."""
        if len(rows) == 1:
            if error_code(error) in (ER.NO_REFERENCED_ROW_2, ER.NO_REFERENCED_ROW):
                return [Refused("no_such_chat")]
            log.error("event=message_impossible chat=%d code=%d", rows[0].chat_id, error_code(error))
            return [Failed()]
        middle = len(rows) // 2
        return [
            outcome
            for half in (rows[:middle], rows[middle:])
            for outcome in self._write_carefully(connection, half, is_retry)
        ]

    def _answer_known(self, row: NewMessage, stored: StoredMessage, is_retry: bool) -> Outcome:
        if stored.chat_id != row.chat_id or not is_same_text(stored.content, row.content):
            return Refused("client_id_reused")
        sent_at = rfc3339(row.sent_at)
        if is_retry and stored.sent_at == sent_at:  # our own row of before the connection was lost: nobody heard of it
            return Stored(stored.id, stored.seq, stored.sent_at)
        given = self._given.get(row.chat_id)
        is_news = given is None or not given.first <= stored.seq <= given.last
        return Stored(stored.id, stored.seq, stored.sent_at, is_duplicate=True, is_news=is_news)

    # What is remembered

    def _remember(self, chat_id: int, seq: int) -> None:
        given = self._given.get(chat_id)
        if given is not None and given.last + 1 == seq:
            given.last = seq
            return
        if len(self._given) >= MAX_CHATS:
            self._given.clear()
        self._given[chat_id] = SeqRange(seq, seq)

    def _forget(self, rows: Sequence[NewMessage]) -> None:
        for row in rows:
            self._given.pop(row.chat_id, None)

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._settings)
        return self._connection

    def _drop_connection(self, rows: Sequence[NewMessage]) -> None:
        self._forget(rows)
        if self._connection is not None:
            discard(self._connection)
            self._connection = None


def is_seq_taken(error: pymysql.err.Error) -> bool:
    return isinstance(error, pymysql.err.IntegrityError) and is_duplicate(error, "messages_chat_seq")


def is_same_text(stored: str | None, sent: str) -> bool:
    """Say whether a text that is sent again is the stored one. Nobody can tell of a damaged one (None): it is.

    What an earlier release stored may hold characters that are removed now.
    """
    return stored is None or stored == sent or clean_text(stored) == sent
