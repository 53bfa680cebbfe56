"""Which messages are gone for both members of a chat, and leave the database?

Those that are older than the chat keeps them, and those that both members have cleared; a deleted account has cleared
all. Nothing that is younger than an hour: so whoever remembers a chat's last number, or sends a message again whose
answer was lost, has not to reckon with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

import msgspec

from .connection import Connection, as_stored, execute, fetch_all, fetch_one, rfc3339, transaction
from .file_marks import mark_of_messages
from .ids import MAX_ID
from .message_state import WITH_FILES
from .messages import BY_SEQ
from .unions import table_of

PIECE = 500  # rows in one transaction; the chat's senders wait for no longer than that takes
SHORTEST_AGE = 3600  # seconds
CHANGES_DAYS = 30  # for which changes are noted

# The first message of a chat that is not purged, by its number: above what is purged there is no gap. With ORDER BY and
# LIMIT MySQL may read the key from its beginning, through the chats that lie before.
FIRST = f"(SELECT l.{{column}} FROM messages l {BY_SEQ} WHERE l.chat_id = c.id AND l.seq = c.purged_seq + 1)"
EXPIRED = (
    "SELECT c.id FROM chats c FORCE INDEX (chats_keep_from) WHERE c.keep_from <= %s"
    f" AND {FIRST.format(column='sent_at')} <= CAST(%s AS DATETIME(3)) - INTERVAL GREATEST(c.keep_seconds, %s) SECOND"
)
CLEARED = (
    "SELECT STRAIGHT_JOIN c.id FROM members me FORCE INDEX (members_cleared)"
    " JOIN chats c FORCE INDEX (PRIMARY) ON c.id = me.chat_id"
    " JOIN members o FORCE INDEX (PRIMARY) ON o.chat_id = me.chat_id AND o.user_id <> me.user_id"
    " JOIN users u FORCE INDEX (PRIMARY) ON u.id = o.user_id"
    " WHERE me.cleared_seq > 0"
    f" AND {FIRST.format(column='seq')} <= me.cleared_seq"
    f" AND (u.deleted_at IS NOT NULL OR {FIRST.format(column='seq')} <= o.cleared_seq)"
    f" AND {FIRST.format(column='sent_at')} <= CAST(%s AS DATETIME(3)) - INTERVAL %s SECOND"
)


class Purged(msgspec.Struct, frozen=True):
    """The messages of a chat up to `up_to` are gone. `readers` are the members who could still see some of them."""

    chat_id: int
    up_to: int
    readers: list[int]
    more: bool


class Sent(NamedTuple):
    """A message: when it was sent (RFC 3339), and what it is (messages.kind)."""

    id: int
    seq: int
    sent_at: str
    kind: int


class Member(NamedTuple):
    """What decides over a member's messages; times in RFC 3339."""

    user_id: int
    cleared_seq: int
    muted_until: str | None
    archived_at: str | None
    is_deleted: int


def find_due(connection: Connection, now: datetime) -> list[int]:
    """Return the chats that have something to purge. `now` is UTC, as all times here."""
    moment = as_stored(now)
    expired = fetch_all(connection, EXPIRED, moment, moment, SHORTEST_AGE)
    cleared = fetch_all(connection, CLEARED, moment, SHORTEST_AGE)
    return sorted({row[0] for row in (*expired, *cleared)})


def purge_piece(connection: Connection, chat_id: int, now: datetime) -> Purged | None:
    """Delete the first messages of a chat that are due, PIECE at most, and note how far; None where there are none.

    One transaction under the chat's lock, which whoever numbers a message after a doubt takes too.
    """
    with transaction(connection):
        sql = "SELECT purged_seq, keep_seconds, keep_from FROM chats WHERE id = %s FOR UPDATE"
        chat = fetch_one(connection, sql, chat_id)
        if chat is None:
            return None
        purged_seq, keep_seconds, keep_from = chat
        is_kept = keep_seconds is None or keep_from is None or keep_from > _before(now, 0)
        members = _find_members(connection, chat_id)
        cleared = min((MAX_ID if member.is_deleted else member.cleared_seq for member in members), default=0)
        found = _find_rows(connection, chat_id, purged_seq)
        rows = _those_due(found, now, cleared, None if is_kept else keep_seconds)
        if not rows:
            return None
        mark_of_messages(connection, [row.id for row in rows if row.kind == WITH_FILES])
        _delete(connection, [row.id for row in rows])
        up_to = rows[-1].seq
        execute(connection, "UPDATE chats SET purged_seq = %s WHERE id = %s", up_to, chat_id)
        _bring_back(connection, chat_id, members, max(row.sent_at for row in rows), _before(now, 0))
    readers = [
        member.user_id for member in members if not member.is_deleted and max(purged_seq, member.cleared_seq) < up_to
    ]
    return Purged(chat_id, up_to, readers, len(rows) == PIECE)


def _those_due(rows: list[Sent], now: datetime, cleared: int, keep_seconds: int | None) -> list[Sent]:
    """Return the first rows, up to one that stays: none is left out between two that go."""
    latest = _before(now, SHORTEST_AGE)
    expired = "" if keep_seconds is None else min(latest, _before(now, keep_seconds))
    return list(takewhile(lambda row: row.sent_at <= (latest if row.seq <= cleared else expired), rows))


def _delete(connection: Connection, ids: list[int]) -> None:
    sql = f"DELETE m FROM {table_of(ids)} w STRAIGHT_JOIN messages m FORCE INDEX (PRIMARY) ON m.id = w.id"
    execute(connection, sql)


def _find_members(connection: Connection, chat_id: int) -> list[Member]:
    sql = (
        "SELECT STRAIGHT_JOIN m.user_id, m.cleared_seq, m.muted_until, m.archived_at, u.deleted_at IS NOT NULL"
        " FROM members m FORCE INDEX (PRIMARY) JOIN users u FORCE INDEX (PRIMARY) ON u.id = m.user_id"
        " WHERE m.chat_id = %s ORDER BY m.user_id"
    )
    return [Member(*row) for row in fetch_all(connection, sql, chat_id)]


def _find_rows(connection: Connection, chat_id: int, after: int) -> list[Sent]:
    sql = (
        f"SELECT id, seq, sent_at, kind FROM messages {BY_SEQ} WHERE chat_id = %s AND seq > %s"
        f" ORDER BY chat_id, seq LIMIT {PIECE}"
    )
    return [Sent(*row) for row in fetch_all(connection, sql, chat_id, after)]


def _bring_back(connection: Connection, chat_id: int, members: list[Member], last_sent: str, now: str) -> None:
    """Let a chat that a message has brought back from the archive stay there, now that the message goes."""
    for member in members:
        is_muted = member.muted_until is not None and member.muted_until > now
        if member.archived_at is not None and member.archived_at < last_sent and not is_muted:
            sql = "UPDATE members SET archived_at = NULL WHERE chat_id = %s AND user_id = %s"
            execute(connection, sql, chat_id, member.user_id)


def delete_old_changes(connection: Connection, now: datetime) -> bool:
    """Forget changes that were made 30 days ago, PIECE at most, the oldest first; say whether there may be more.

    They are found without locks first: a DELETE locks every row that it sees.
    """
    rows = fetch_all(
        connection,
        "SELECT user_id, client_id FROM changes FORCE INDEX (changes_changed)"
        f" WHERE changed_at < %s ORDER BY changed_at LIMIT {PIECE}",
        as_stored(now - timedelta(days=CHANGES_DAYS)),
    )
    if rows:
        # As the column has it: with another collation no index is used.
        keys = " UNION ALL ".join(
            f"SELECT {user:d} AS user_id, CONVERT({connection.escape(name)} USING ascii) COLLATE ascii_bin AS client_id"
            for user, name in sorted(rows)
        )
        execute(
            connection,
            f"DELETE c FROM ({keys}) w STRAIGHT_JOIN changes c FORCE INDEX (changes_user_client)"
            " ON c.user_id = w.user_id AND c.client_id = w.client_id",
        )
    return len(rows) == PIECE


def _before(now: datetime, seconds: int) -> str:
    return rfc3339(as_stored(now - timedelta(seconds=seconds)))
