"""Which chats does a user have, in which order, and how much is new in each?"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from .chats import BOTH_SHOW, I_BLOCKED, PRIVACY
from .connection import Connection, fetch_all, rfc3339, utc_now
from .messages import BY_SEQ, LAST_SEQ
from .unions import SeqSpan, fetch_spans, table_of
from .users import User, as_user

UNREAD_LIMIT = 100  # of a chat's newest messages are looked at; as many unread ones mean "or more"


class ChatSummary(msgspec.Struct, omit_defaults=True):
    """A chat as one of its two members sees it: an element of `get_chats` and `sync_done`, without messages.

    `unread` counts the other's among the newest 100 after `read_seq`: 100 means that or more. `other_read_seq` is null
    while one of the two does not share read receipts; `blocked` is there where this member has blocked the other.
    `change_seq` numbers the chat's last change; messages up to `floor` are gone for this member. Both are left out
    while they are 0. Messages are kept for `keep_seconds`, and the first go at `keep_from`. What this member has chosen
    for themselves is there while it holds: `muted_until`, `pinned_at`, `archived_at`.
    """

    id: int
    other_user: User
    last_seq: int
    unread: int
    delivered_seq: int
    read_seq: int
    other_delivered_seq: int
    other_read_seq: int | None
    blocked: bool = False
    change_seq: int = 0
    floor: int = 0
    keep_seconds: int | None = None
    keep_from: str | None = None
    muted_until: str | None = None
    pinned_at: str | None = None
    archived_at: str | None = None


class Position(msgspec.Struct, frozen=True):
    """A place in a user's list: when something last happened in the chat there (RFC 3339), and the chat's id."""

    active_at: str
    chat_id: int


class Row(msgspec.Struct, array_like=True, frozen=True):
    """A chat as SUMMARIES returns it, in its first column."""

    chat_id: int
    other_id: int
    username: str | None
    last_seq: int | None
    delivered_seq: int
    read_seq: int
    other_delivered_seq: int
    other_read_seq: int | None
    blocked: int
    change_seq: int
    purged_seq: int
    cleared_seq: int
    keep_seconds: int | None
    keep_from: str | None  # times as stored
    muted_until: str | None
    pinned_at: str | None
    archived_at: str | None


# From the inside: the last `seq` of each chat, the order of all, what is told of those on the page. Each step looks
# into a key once for a chat, and STRAIGHT_JOIN keeps statistics from changing that. One column of JSON, since PyMySQL
# takes 3 µs for every column of a row.
SUMMARIES = f"""
SELECT STRAIGHT_JOIN JSON_ARRAY(me.chat_id, o.user_id, u.username, me.last_seq, me.delivered_seq, me.read_seq,
       o.shown_delivered_seq, IF({BOTH_SHOW.format("receipts")}, o.shown_read_seq, NULL), IF({I_BLOCKED}, 1, 0),
       me.change_seq, me.purged_seq, me.cleared_seq, me.keep_seconds, CAST(me.keep_from AS CHAR),
       CAST(me.muted_until AS CHAR), CAST(me.pinned_at AS CHAR), CAST(me.archived_at AS CHAR)), me.active_at
  FROM (
        SELECT STRAIGHT_JOIN mine.*, c.change_seq, c.purged_seq, c.keep_seconds, c.keep_from,
               COALESCE(m.sent_at, c.created_at) AS active_at
          FROM (
                SELECT my.chat_id, my.user_id, my.delivered_seq, my.read_seq, my.cleared_seq, my.muted_until,
                       my.pinned_at, my.archived_at,
                       {LAST_SEQ.format("my.chat_id")} AS last_seq
                  FROM {{mine}}
               ) mine
          JOIN chats c FORCE INDEX (PRIMARY) ON c.id = mine.chat_id
          LEFT JOIN messages m {BY_SEQ} ON m.chat_id = mine.chat_id AND m.seq = mine.last_seq
         {{page}}
       ) me
  JOIN members o FORCE INDEX (PRIMARY) ON o.chat_id = me.chat_id AND o.user_id <> me.user_id
  JOIN users u FORCE INDEX (PRIMARY) ON u.id = o.user_id
  {PRIVACY}
 ORDER BY me.active_at DESC, me.chat_id DESC
"""
ALL = "members my FORCE INDEX (members_user) WHERE my.user_id = %s"
SOME = (
    "{} wanted STRAIGHT_JOIN members my FORCE INDEX (PRIMARY) ON my.chat_id = wanted.id AND my.user_id = %s WHERE TRUE"
)
FIRST = "ORDER BY active_at DESC, chat_id DESC LIMIT %s"
BEFORE = "HAVING active_at < CAST(%s AS DATETIME(3)) OR (active_at = CAST(%s AS DATETIME(3)) AND chat_id < %s) " + FIRST

COUNT_SPAN = (
    f"SELECT {{chat_id}}, COUNT(*) FROM messages {BY_SEQ} WHERE chat_id = {{chat_id}}"
    " AND seq BETWEEN {first_seq} AND {last_seq} AND sender_id <> {user_id} AND kind <> 1 AND deleted_at IS NULL"
)
COUNT_SEQS = (
    f"SELECT STRAIGHT_JOIN m.chat_id, COUNT(*) FROM {{seqs}} w"
    f" JOIN messages m {BY_SEQ} ON m.chat_id = w.chat_id AND m.seq = w.seq"
    " WHERE m.sender_id <> {user_id} AND m.kind <> 1 AND m.deleted_at IS NULL GROUP BY m.chat_id"
)


def list_chats(connection: Connection, user_id: int, chat_ids: Collection[int] | None = None) -> list[ChatSummary]:
    """Return a user's chats, newest activity first, or those of them that are among `chat_ids`. `blocked`: by them."""
    mine = ALL if chat_ids is None else SOME.format(table_of(chat_ids))
    return _summarize(connection, user_id, fetch_all(connection, SUMMARIES.format(mine=mine, page=""), user_id))


def list_chats_page(
    connection: Connection, user_id: int, limit: int, before: Position | None = None
) -> tuple[list[ChatSummary], Position | None]:
    """Return the next `limit` chats of a user's list, and before which place the following page begins.

    None is the end of the list. A chat in which something happens meanwhile moves to the first page.
    """
    if before is None:
        rows = fetch_all(connection, SUMMARIES.format(mine=ALL, page=FIRST), user_id, limit + 1)
    else:
        at = before.active_at.rstrip("Z")
        rows = fetch_all(
            connection, SUMMARIES.format(mine=ALL, page=BEFORE), user_id, at, at, before.chat_id, limit + 1
        )
    is_last = len(rows) <= limit
    rows = rows[:limit]
    chats = _summarize(connection, user_id, rows)
    return chats, None if is_last else Position(rows[-1][1], chats[-1].id)


def _summarize(connection: Connection, user_id: int, rows: list[tuple[Any, ...]]) -> list[ChatSummary]:
    listed = msgspec.json.decode(f"[{','.join(row[0] for row in rows)}]", type=list[Row])
    now = rfc3339(utc_now())
    chats = [_as_summary(row, active_at, now) for row, (_, active_at) in zip(listed, rows, strict=True)]
    unread = _count_unread(connection, user_id, chats)
    for chat in chats:
        chat.unread = unread.get(chat.id, 0)
    return chats


def _as_summary(row: Row, active_at: str, now: str) -> ChatSummary:
    """Return a chat in which something last happened at `active_at`: that brings it back from the archive, unless it is
    muted."""
    muted_until, archived_at = _time(row.muted_until), _time(row.archived_at)
    if muted_until is not None and muted_until <= now:
        muted_until = None
    if archived_at is not None and archived_at < active_at and muted_until is None:
        archived_at = None
    return ChatSummary(
        id=row.chat_id,
        other_user=as_user(row.other_id, row.username),
        last_seq=max(row.last_seq or 0, row.purged_seq),
        unread=0,
        delivered_seq=row.delivered_seq,
        read_seq=row.read_seq,
        other_delivered_seq=row.other_delivered_seq,
        other_read_seq=row.other_read_seq,
        blocked=bool(row.blocked),
        change_seq=row.change_seq,
        floor=max(row.purged_seq, row.cleared_seq),
        keep_seconds=row.keep_seconds,
        keep_from=_time(row.keep_from),
        muted_until=muted_until,
        pinned_at=_time(row.pinned_at),
        archived_at=archived_at,
    )


def _time(stored: str | None) -> str | None:
    return None if stored is None else rfc3339(stored)


def _count_unread(connection: Connection, user_id: int, chats: list[ChatSummary]) -> dict[int, int]:
    """Return how many of the newest texts after `read_seq` are the other's, where there are messages after it.

    From the newest back: from the oldest on, 3 new ones behind 150 of one's own would be none.
    """
    new = (
        SeqSpan(chat.id, max(chat.read_seq, chat.floor, chat.last_seq - UNREAD_LIMIT) + 1, chat.last_seq)
        for chat in chats
        if chat.last_seq > max(chat.read_seq, chat.floor)
    )
    return dict(fetch_spans(connection, new, user_id, COUNT_SEQS, COUNT_SPAN))
