"""For how long are the messages of a chat kept? Either member says so, a notice tells both, and either can undo it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
import pymysql

from .connection import Connection, as_stored, execute, fetch_one, rfc3339, transaction, utc_now
from .driver_errors import is_duplicate
from .encryption import KeyRing
from .message_state import NOTICE
from .messages import ChatNumbers, NewMessage, insert_messages, lock_last_seqs
from .notices import NoticeValues, read_sentence, sentence
from .texts import read_text

SHORTEST, LONGEST = 3600, 365 * 86_400  # seconds
FIRST_PURGE = timedelta(hours=24)  # after a choice, in which either can undo it
CONFLICT_TRIES = 20


class Keep(msgspec.Struct, frozen=True):
    """A choice of one member, under a name that is unique among what this member says and changes; None: for ever."""

    chat_id: int
    user_id: int
    username: str
    other_id: int
    seconds: int | None
    client_id: str


class Notice(msgspec.Struct, frozen=True):
    """What both are told: a message of who has chosen."""

    message_id: int
    seq: int
    content: str
    sent_at: str
    values: NoticeValues


class Kept(msgspec.Struct, frozen=True):
    """The choice counts. `notice` is None where it did before, or where it was sent again and the notice is gone."""

    notice: Notice | None = None
    is_duplicate: bool = False


def is_kept(connection: Connection, user_id: int, client_id: str) -> bool:
    """Say whether a choice is one that is sent again."""
    return _find_noted(connection, user_id, client_id) is not None


def set_keep(connection: Connection, ring: KeyRing, keep: Keep) -> Kept | Literal["client_id_reused"] | None:
    """Choose for how long a chat's messages are kept, with a notice, in one transaction; None where there is no chat.

    The same choice again is found for 30 days, and does not undo a later one.
    """
    for _ in range(CONFLICT_TRIES):
        try:
            with transaction(connection):
                return _set_locked(connection, ring, keep)
        except pymysql.err.IntegrityError as error:
            if is_duplicate(error, "messages_chat_seq"):  # a message took the number: it waits for no lock
                continue
            if is_duplicate(error, "messages_sender_client") or is_duplicate(error, "changes_user_client"):
                return "client_id_reused"
            raise
    raise pymysql.err.OperationalError(0, "no free number was found")


def _set_locked(connection: Connection, ring: KeyRing, keep: Keep) -> Kept | Literal["client_id_reused"] | None:
    sql = "SELECT change_seq, purged_seq, keep_seconds FROM chats WHERE id = %s FOR UPDATE"
    row = fetch_one(connection, sql, keep.chat_id)
    if row is None:
        return None
    *numbers, keep_seconds = row
    noted = _find_noted(connection, keep.user_id, keep.client_id)
    if noted is not None:
        return _find_kept(connection, ring, keep, noted)
    if keep_seconds == keep.seconds:
        _note(connection, keep)
        return Kept()
    seq = lock_last_seqs(connection, {keep.chat_id: ChatNumbers(*numbers)})[keep.chat_id] + 1
    notice = _write_notice(connection, ring, keep, seq, NoticeValues(keep.seconds, keep_seconds))
    _note(connection, keep)
    begin = None if keep.seconds is None else as_stored(datetime.now(UTC) + FIRST_PURGE)
    sql = "UPDATE chats SET keep_seconds = %s, keep_from = %s WHERE id = %s"
    execute(connection, sql, keep.seconds, begin, keep.chat_id)
    return Kept(notice)


def _write_notice(connection: Connection, ring: KeyRing, keep: Keep, seq: int, values: NoticeValues) -> Notice:
    text = sentence(keep.username, values)
    message = NewMessage(keep.chat_id, keep.user_id, keep.other_id, keep.client_id, text, utc_now(), seq)
    identity = insert_messages(connection, ring, [message])
    execute(connection, "UPDATE messages SET kind = %s WHERE id = %s", NOTICE, identity)
    return Notice(identity, seq, text, rfc3339(message.sent_at), values)


def _note(connection: Connection, keep: Keep) -> None:
    """Note a choice beside the changes of messages: under number 0, where nobody looks who asks what has changed, and
    of message 0, which no change is of."""
    sql = "INSERT INTO changes (chat_id, change_seq, seq, user_id, client_id) VALUES (%s, 0, 0, %s, %s)"
    execute(connection, sql, keep.chat_id, keep.user_id, keep.client_id)


def _find_noted(connection: Connection, user_id: int, client_id: str) -> tuple[int, int] | None:
    """Return the chat and the `seq` of what was noted under a client_id; `seq` is 0 where it was a choice."""
    sql = "SELECT chat_id, seq FROM changes FORCE INDEX (changes_user_client) WHERE user_id = %s AND client_id = %s"
    return fetch_one(connection, sql, user_id, client_id)


def _find_kept(
    connection: Connection, ring: KeyRing, keep: Keep, noted: tuple[int, int]
) -> Kept | Literal["client_id_reused"]:
    """Answer what was noted under the client_id: this choice, or something else."""
    if noted != (keep.chat_id, 0):
        return "client_id_reused"
    sql = (
        "SELECT id, seq, key_version, content, sent_at FROM messages FORCE INDEX (messages_sender_client)"
        " WHERE sender_id = %s AND client_id = %s AND kind = %s"
    )
    row = fetch_one(connection, sql, keep.user_id, keep.client_id, NOTICE)
    if row is None:  # purged since, or there never was one
        return Kept(is_duplicate=True)
    identity, seq, version, content, sent_at = row
    where = (keep.chat_id, keep.user_id, keep.other_id, keep.client_id)
    text, _ = read_text(ring, identity, where, version, content)
    values = read_sentence(text)
    if values is None or values.keep_seconds != keep.seconds:
        return "client_id_reused"
    return Kept(Notice(identity, seq, text, sent_at, values), is_duplicate=True)
