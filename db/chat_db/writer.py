"""What does the journal do with a batch? Numbers it, writes it, and finds out what happened.

The usual case asks nothing before the INSERT. UNIQUE (chat_id, seq) and UNIQUE (sender_id, client_id) are the
judges; only what they object to is looked at more closely.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import msgspec
import pymysql
from pymysql.constants import ER

from .connection import Connection, DatabaseSettings, rfc3339, transaction, utc_now
from .driver_errors import TRY_AGAIN, error_code, is_duplicate
from .encryption import KeyRing
from .file_marks import attach, find_lacking
from .file_records import SharedFile
from .given_seqs import GivenSeqs
from .message_files import read_files
from .messages import (
    NewMessage,
    StoredMessage,
    find_known,
    find_last_seqs,
    insert_messages,
    insert_sql,
    lock_chats,
    lock_last_seqs,
)
from .reconnecting import Failed, Reconnecting
from .statement import Statement
from .texts import clean_text

log = logging.getLogger("chatapp.journal")

NO_FILES: Mapping[int, list[SharedFile]] = {}


class Stored(msgspec.Struct, frozen=True):
    """The message is in the table. `is_news`: this process has not told the other sockets of it yet."""

    message_id: int
    seq: int
    sent_at: str
    is_duplicate: bool = False
    is_news: bool = True
    files: list[SharedFile] = []

    def as_duplicate(self) -> Stored:
        return msgspec.structs.replace(self, is_duplicate=True)


class Refused(msgspec.Struct, frozen=True):
    """The message is not in the table and will not be: `code` says why."""

    code: str


Outcome = Stored | Refused | Failed


class Batch:
    """Messages that are written together, sorted by chat. `error` is what ended a first try that an event loop made."""

    def __init__(self, messages: Sequence[NewMessage]) -> None:
        now = utc_now()
        for message in messages:
            message.sent_at = now
        self.has_files = any(message.files for message in messages)
        self._order = sorted(range(len(messages)), key=lambda index: messages[index].chat_id)
        self.rows = [messages[index] for index in self._order]
        self.error: Exception | None = None

    def unsorted(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return the outcomes of the rows in the order in which the messages came."""
        result: list[Outcome] = [Failed()] * len(outcomes)
        for index, outcome in zip(self._order, outcomes, strict=True):
            result[index] = outcome
        return result


class Writer:
    """Used by one thread at a time. Owns one connection and remembers the last `seq` of each active chat.

    `write` does everything, and waits. An event loop may try the usual case itself: it carries out what `begin` returns
    and calls `finish`; where that raises, the error belongs into `batch.error`, and the batch to `write` in a thread.
    """

    def __init__(self, settings: DatabaseSettings, ring: KeyRing) -> None:
        self._ring = ring
        self._given = GivenSeqs()
        self._rows: Sequence[NewMessage] = ()  # that `write` is at
        self._connection = Reconnecting(settings, lost=self._doubt)

    def stop_by(self, moment: float) -> None:
        """Try no longer than until then (time.monotonic), whatever deadline a batch has."""
        self._connection.stop_by(moment)

    def begin(self, batch: Batch) -> Statement | None:
        """Number a batch; return the INSERT that writes it, None where the database must be asked something before."""
        connection = self._connection.connection
        if connection is None or batch.has_files:
            return None
        last: dict[int, int] = {}
        for row in batch.rows:
            seq = self._given.last(row.chat_id, otherwise=row.last_seq)
            if seq is None:
                return None
            last[row.chat_id] = max(seq, last.get(row.chat_id, 0))
        self._number(batch.rows, last)
        return Statement(connection, insert_sql(connection, self._ring, batch.rows))

    def finish(self, batch: Batch, first_id: int) -> list[Outcome]:
        """Return the outcome of each message of a batch whose INSERT has given out `first_id`."""
        return batch.unsorted(self._stored(batch.rows, first_id))

    def write(self, batch: Batch, deadline: float) -> list[Outcome]:
        """Store a batch; return the outcome of each message.

        After a lost connection the same rows are written again until the deadline (time.monotonic). It never
        raises for an outage; messages whose fate stayed unknown are Failed.
        """
        self._rows = batch.rows

        def attempt(is_retry: bool) -> Sequence[Outcome]:
            return self._write_carefully(batch.rows, is_retry) if is_retry else self._write_first(batch)

        outcomes = self._connection.run(attempt, deadline, len(batch.rows))
        return batch.unsorted([Failed()] * len(batch.rows) if outcomes is None else outcomes)

    def _write_first(self, batch: Batch) -> Sequence[Outcome]:
        """Write without asking before, unless that was tried already; look more closely at what is objected to."""
        if batch.has_files:
            return self._write_carefully(batch.rows, is_retry=False)
        try:
            if batch.error is not None:
                raise batch.error
            connection = self._connection.connected()
            return self._stored(
                batch.rows, self._insert(connection, batch.rows, self._last_seqs(connection, batch.rows))
            )
        except (pymysql.err.IntegrityError, pymysql.err.DataError) as error:
            if is_seq_taken(error):
                self._doubt()
        except pymysql.err.OperationalError as error:
            if error_code(error) not in TRY_AGAIN:
                raise
        return self._write_carefully(batch.rows, is_retry=False)

    def _insert(self, connection: Connection, rows: Sequence[NewMessage], last: dict[int, int]) -> int:
        """Number rows that are sorted by chat and write them with one INSERT; return the id of the first."""
        self._number(rows, last)
        return insert_messages(connection, self._ring, rows)

    def _number(self, rows: Sequence[NewMessage], last: dict[int, int]) -> None:
        for row in rows:
            last[row.chat_id] = row.seq = last[row.chat_id] + 1

    def _stored(
        self, rows: Sequence[NewMessage], first_id: int, files: Mapping[int, list[SharedFile]] = NO_FILES
    ) -> list[Outcome]:
        """Remember the numbers of rows that are in the table now; return their outcomes."""
        for row in rows:
            self._given.add(row.chat_id, row.seq)
        return [
            Stored(message_id, row.seq, rfc3339(row.sent_at), files=files.get(message_id, []))
            for message_id, row in enumerate(rows, first_id)
        ]

    def _last_seqs(self, connection: Connection, rows: Sequence[NewMessage]) -> dict[int, int]:
        chats = {row.chat_id for row in rows}
        last = {chat: seq for chat in chats if (seq := self._given.last(chat)) is not None}
        last.update(find_last_seqs(connection, chats - last.keys()))
        return last

    def _write_carefully(self, rows: list[NewMessage], is_retry: bool) -> Sequence[Outcome]:
        """Write under row locks, after taking out what is stored already."""
        try:
            outcomes = self._connection.run_through_conflicts(lambda: self._write_fresh(rows, is_retry))
        except (pymysql.err.IntegrityError, pymysql.err.DataError) as error:
            return self._write_apart(rows, is_retry, error)
        if outcomes is None:
            log.error("event=write_gave_up messages=%d", len(rows))
            return [Failed()] * len(rows)
        return outcomes

    def _write_fresh(self, rows: list[NewMessage], is_retry: bool) -> list[Outcome]:
        connection = self._connection.connected()
        known = find_known(connection, self._ring, [(row.sender_id, row.client_id) for row in rows])
        fresh = [row for row in rows if (row.sender_id, row.client_id) not in known]
        written = dict(zip(map(id, fresh), self._insert_locked(connection, fresh), strict=True))
        return [
            written.get(id(row)) or self._answer_known(row, known[row.sender_id, row.client_id], is_retry)
            for row in rows
        ]

    def _insert_locked(self, connection: Connection, rows: Sequence[NewMessage]) -> list[Outcome]:
        if not rows:
            return []
        with transaction(connection):
            locked = lock_chats(connection, [row.chat_id for row in rows])
            last = dict.fromkeys((row.chat_id for row in rows), 0) | lock_last_seqs(connection, locked)
            lacking = find_lacking(connection, rows)
            whole = [row for place, row in enumerate(rows) if place not in lacking]
            first_id = self._insert(connection, whole, last) if whole else 0
            files = read_files(connection, self._ring, attach(connection, whole, first_id))
        stored = iter(self._stored(whole, first_id, files))
        return [Refused("no_such_file") if place in lacking else next(stored) for place in range(len(rows))]

    def _write_apart(self, rows: list[NewMessage], is_retry: bool, error: pymysql.err.Error) -> list[Outcome]:
        """One row of a batch is impossible: halve until it stands alone, so that it takes no other with it."""
        if len(rows) == 1:
            if error_code(error) in (ER.NO_REFERENCED_ROW_2, ER.NO_REFERENCED_ROW):
                return [Refused("no_such_chat")]
            log.error("event=message_impossible chat=%d code=%d", rows[0].chat_id, error_code(error))
            return [Refused("not_stored")]
        middle = len(rows) // 2
        return [outcome for half in (rows[:middle], rows[middle:]) for outcome in self._write_carefully(half, is_retry)]

    def _answer_known(self, row: NewMessage, stored: StoredMessage, is_retry: bool) -> Outcome:
        if not is_same(stored, row):
            return Refused("client_id_reused")
        files = stored.files or []
        sent_at = rfc3339(row.sent_at)
        # What was sent must not come after what became of it. Who changed it had heard of it, and others ask for it.
        may_be_told = not stored.has_changed
        if is_retry and stored.sent_at == sent_at:  # our own row of before the connection was lost: nobody heard of it
            self._given.add(row.chat_id, stored.seq)
            return Stored(stored.id, stored.seq, stored.sent_at, is_news=may_be_told, files=files)
        is_news = may_be_told and not self._given.includes(row.chat_id, stored.seq)
        return Stored(stored.id, stored.seq, stored.sent_at, is_duplicate=True, is_news=is_news, files=files)

    def _doubt(self) -> None:
        self._given.doubt(row.chat_id for row in self._rows)


def is_seq_taken(error: pymysql.err.Error) -> bool:
    return isinstance(error, pymysql.err.IntegrityError) and is_duplicate(error, "messages_chat_seq")


def is_same(stored: StoredMessage, sent: NewMessage) -> bool:
    """Say whether what is sent again under one client_id is what is stored. Nobody can tell of files that are gone."""
    files = None if stored.files is None else tuple(file.id for file in stored.files)
    is_same_message = stored.chat_id == sent.chat_id and is_same_text(stored.content, sent.content)
    return is_same_message and files in (None, sent.files)


def is_same_text(stored: str | None, sent: str) -> bool:
    """Say whether a text that is sent again is the stored one. Nobody can tell of a damaged one (None): it is.

    What an earlier release stored may hold characters that are removed now.
    """
    return stored is None or stored == sent or clean_text(stored) == sent
