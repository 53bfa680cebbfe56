"""How does a change become part of its message, once, in order, whatever fails?

A batch is one transaction under the locks of its chats: what was made before is found by its client_id, the rest is
applied to the rows as they are and numbered.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

import pymysql

from .change_rows import Member, find_made, find_members, note_changes, read_present, write_present
from .changes import Change, Changed, Outcome, PresentMessage, Unchanged, apply
from .connection import Connection, DatabaseSettings, rfc3339, transaction, utc_now
from .driver_errors import error_code
from .encryption import KeyRing
from .file_marks import mark_of_messages
from .given_seqs import GivenSeqs
from .message_state import WITH_FILES
from .messages import lock_chats, quote
from .reconnecting import Failed, Reconnecting

log = logging.getLogger("chatapp.journal")


class ChangeWriter:
    """Used by one thread. Owns one connection, and remembers which changes it has made and so announced."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing) -> None:
        self._ring = ring
        self._given = GivenSeqs()
        self._connection = Reconnecting(settings, lost=lambda: None)

    def stop_by(self, moment: float) -> None:
        """Try no longer than until then (time.monotonic), whatever deadline a batch has."""
        self._connection.stop_by(moment)

    def write(self, changes: Sequence[Change], deadline: float) -> list[Outcome]:
        """Make changes, in their order; return the outcome of each.

        After a lost connection they are tried again until the deadline (time.monotonic). It never raises for an outage;
        changes whose fate stayed unknown are Failed.
        """
        outcomes = self._connection.run(lambda is_retry: self._write(changes, is_retry), deadline, len(changes))
        return [Failed()] * len(changes) if outcomes is None else outcomes

    def _write(self, changes: Sequence[Change], is_retry: bool) -> list[Outcome]:
        try:
            outcomes = self._connection.run_through_conflicts(lambda: self._make(changes))
        except (pymysql.err.IntegrityError, pymysql.err.DataError) as error:
            return self._write_apart(changes, is_retry, error)
        if outcomes is None:
            log.error("event=write_gave_up changes=%d", len(changes))
            return [Failed()] * len(changes)
        return [self._told(outcome, is_retry) for outcome in outcomes]

    def _make(self, changes: Sequence[Change]) -> list[Outcome]:
        connection = self._connection.connected()
        with transaction(connection):
            return Batch(connection, self._ring, changes).make()

    def _told(self, outcome: Outcome, is_retry: bool) -> Outcome:
        """Say of a change that was found whether anybody has heard of it; remember those that were made."""
        if not isinstance(outcome, Changed):
            return outcome
        message = outcome.message
        if not outcome.is_duplicate:
            if outcome.is_news:
                self._given.add(message.chat_id, message.change_seq)
            return outcome
        is_news = not self._given.includes(message.chat_id, message.change_seq)
        if is_retry and is_news:  # our own, made before the connection was lost: nobody has heard of it
            self._given.add(message.chat_id, message.change_seq)
            return Changed(message)
        return Changed(message, is_duplicate=True, is_news=is_news)

    def _write_apart(self, changes: Sequence[Change], is_retry: bool, error: pymysql.err.Error) -> list[Outcome]:
        """One change of a batch is impossible: halve until it stands alone, so that it takes no other with it."""
        if len(changes) == 1:
            log.error("event=change_impossible chat=%d code=%d", changes[0].chat_id, error_code(error))
            return [Unchanged("not_stored")]
        middle = len(changes) // 2
        return [outcome for half in (changes[:middle], changes[middle:]) for outcome in self._write(half, is_retry)]


class Batch:
    """The changes of one transaction."""

    def __init__(self, connection: Connection, ring: KeyRing, changes: Sequence[Change]) -> None:
        self._connection = connection
        self._ring = ring
        self._changes = changes
        self._now = utc_now()
        self._messages: dict[tuple[int, int], PresentMessage] = {}
        self._last: dict[int, int] = {}  # change_seq of each chat
        self._known: dict[tuple[int, str], tuple[int, int]] = {}  # where changes were made that are sent again
        self._members: dict[tuple[int, int], Member] = {}  # by chat and user
        self._written: dict[int, PresentMessage] = {}  # messages that have changed, by id
        self._made: list[tuple[Change, int]] = []

    def make(self) -> list[Outcome]:
        """Lock, look, change and write; return the outcome of each change."""
        self._look()
        outcomes = [self._make(change) for change in self._changes]
        if self._made:
            written = self._written.values()
            write_present(self._connection, self._ring, written)
            deleted = [each.id for each in written if each.kind == WITH_FILES and each.deleted_at is not None]
            mark_of_messages(self._connection, deleted)
            chats = {message.chat_id for message in written}
            note_changes(self._connection, self._made, {chat: self._last[chat] for chat in chats}, self._now)
        return outcomes

    def _look(self) -> None:
        """Lock the chats, then their messages: always in this order, or two processes wait for each other."""
        connection, changes = self._connection, self._changes
        numbers = lock_chats(connection, (change.chat_id for change in changes))
        if not numbers:
            return
        self._last = {chat: number.change_seq for chat, number in numbers.items()}
        self._members = find_members(connection, numbers)
        self._known = find_made(connection, changes)
        keys = {(change.chat_id, change.seq) for change in changes}
        self._messages = read_present(connection, self._ring, keys, locking=True)
        self._look_around(self._messages.values())

    def _look_around(self, messages: Collection[PresentMessage]) -> None:
        """Look up what belongs to messages without being in their rows."""
        answered = [(each.chat_id, each.reply_to_seq) for each in messages if each.reply_to_seq is not None]
        quoted = read_present(self._connection, self._ring, answered) if answered else {}
        floors: dict[int, dict[int, int]] = {}
        for (chat, user), member in self._members.items():
            floors.setdefault(chat, {})[user] = member.floor
        for message in messages:
            sender = self._members.get((message.chat_id, message.sender_id))
            message.username = None if sender is None else sender.name
            message.floors = floors.get(message.chat_id, {})
            if (answers := quoted.get((message.chat_id, message.reply_to_seq or 0))) is not None:
                message.quote = quote(answers)

    def _make(self, change: Change) -> Outcome:
        key = (change.chat_id, change.seq)
        known = self._known.get((change.user_id, change.client_id))
        if known is not None and known != key:
            return Unchanged("client_id_reused")
        message = self._messages.get(key)
        member = self._members.get((change.chat_id, change.user_id))
        if message is None or member is None or change.seq <= member.floor:
            return Unchanged("no_such_message")
        if known is not None:
            return Changed(message, is_duplicate=True)
        number = self._last[change.chat_id] + 1
        changed = apply(change, message, number, rfc3339(self._now))
        if isinstance(changed, Unchanged):
            return changed
        self._known[change.user_id, change.client_id] = key
        if changed is message:  # so already: noted where nobody looks who asks what has changed, however often it comes
            self._made.append((change, 0))
            return Changed(message, is_news=False)
        self._last[change.chat_id] = number
        self._messages[key] = self._written[message.id] = changed
        self._made.append((change, number))
        return Changed(changed)
