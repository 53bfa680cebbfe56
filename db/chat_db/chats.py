"""Who talks with whom, and how far has each of the two received and read?"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pymysql

from .connection import Connection, execute, fetch_all, fetch_one, insert, is_duplicate
from .users import User


class ChatSummary(msgspec.Struct):
    """A chat as one of its two members sees it: an element of `get_chats` and `sync_done`, without messages."""

    id: int
    other_user: User
    last_seq: int
    unread: int
    delivered_seq: int
    read_seq: int
    other_delivered_seq: int
    other_read_seq: int


class ChatState(msgspec.Struct):
    """A chat as the server keeps it in memory: its members, its last `seq`, each member's receipts."""

    id: int
    user1_id: int
    user2_id: int
    last_seq: int
    delivered: dict[int, int]
    read: dict[int, int]

    def other(self, user_id: int) -> int:
        return self.user2_id if user_id == self.user1_id else self.user1_id


class Receipt(msgspec.Struct, frozen=True):
    """How far one member of a chat has received and read it, up to and including."""

    chat_id: int
    is_user1: bool
    delivered_seq: int
    read_seq: int


# NULL where a chat has no message. No COALESCE: MariaDB makes a decimal of an unsigned number or 0.
LAST_SEQ = "(SELECT MAX(m.seq) FROM messages m WHERE m.chat_id = c.id)"


def find_chat_state(connection: Connection, chat_id: int, member_id: int) -> ChatState | None:
    """Return a chat through one of its members: an outsider finds nothing."""
    row = fetch_one(
        connection,
        f"SELECT c.id, c.user1_id, c.user2_id, {LAST_SEQ}, c.user1_delivered_seq, c.user2_delivered_seq,"
        " c.user1_read_seq, c.user2_read_seq"
        " FROM chats c WHERE c.id = %s AND (c.user1_id = %s OR c.user2_id = %s)",
        chat_id,
        member_id,
        member_id,
    )
    if row is None:
        return None
    identity, user1, user2, last_seq, delivered1, delivered2, read1, read2 = row
    return ChatState(
        identity, user1, user2, last_seq or 0, {user1: delivered1, user2: delivered2}, {user1: read1, user2: read2}
    )


def is_member(connection: Connection, chat_id: int, user_id: int) -> bool:
    row = fetch_one(
        connection,
        "SELECT 1 FROM chats WHERE id = %s AND (user1_id = %s OR user2_id = %s)",
        chat_id,
        user_id,
        user_id,
    )
    return row is not None


def add_chat(connection: Connection, user_id: int, other_id: int) -> tuple[int, bool]:
    """Return the chat of two users and whether it is new. The table's UNIQUE pair decides, not a look before."""
    try:
        sql = "INSERT INTO chats (user1_id, user2_id) VALUES (%s, %s)"
        return insert(connection, sql, user_id, other_id), True
    except pymysql.err.IntegrityError as error:
        if not is_duplicate(error, "chats_participant_pair"):
            raise
    pair = f"{min(user_id, other_id)}-{max(user_id, other_id)}"
    row = fetch_one(connection, "SELECT id FROM chats WHERE participant_pair = %s", pair)
    if row is None:
        raise LookupError(f"chat {pair} was there and is gone")
    return int(row[0]), False


def find_partners(connection: Connection, user_id: int) -> dict[int, str | None]:
    """Return the users with whom a user has a chat, each with when they were last seen (RFC 3339) or None."""
    rows = fetch_all(
        connection,
        "SELECT u.id, u.last_seen_at FROM chats c JOIN users u ON u.id = c.user2_id WHERE c.user1_id = %s"
        " UNION ALL SELECT u.id, u.last_seen_at FROM chats c JOIN users u ON u.id = c.user1_id WHERE c.user2_id = %s",
        user_id,
        user_id,
    )
    return dict(rows)


def _side(mine: str, other: str) -> str:
    """Return a SELECT of the chats in which a user is `mine` (user1 or user2), seen from that user."""
    return (
        f"SELECT c.id, u.id AS other_id, u.username, c.{mine}_delivered_seq AS delivered_seq,"
        f" c.{mine}_read_seq AS read_seq, c.{other}_delivered_seq AS other_delivered_seq,"
        f" c.{other}_read_seq AS other_read_seq, c.created_at"
        f" FROM chats c JOIN users u ON u.id = c.{other}_id WHERE c.{mine}_id = %s"
    )


# Each subquery is a look into the UNIQUE key (chat_id, seq) for one chat.
SUMMARIES = f"""
SELECT c.id, c.other_id, c.username, {LAST_SEQ},
       (SELECT COUNT(*) FROM messages m WHERE m.chat_id = c.id AND m.seq > c.read_seq AND m.sender_id = c.other_id),
       c.delivered_seq, c.read_seq, c.other_delivered_seq, c.other_read_seq
  FROM ({_side("user1", "user2")} UNION ALL {_side("user2", "user1")}) c
 ORDER BY COALESCE((SELECT m.sent_at FROM messages m WHERE m.chat_id = c.id ORDER BY m.seq DESC LIMIT 1),
                   c.created_at) DESC, c.id DESC
"""


def list_chats(connection: Connection, user_id: int) -> list[ChatSummary]:
    """Return a user's chats, newest activity first, in one query."""
    rows = fetch_all(connection, SUMMARIES, user_id, user_id)
    return [ChatSummary(row[0], User(row[1], row[2]), row[3] or 0, *row[4:]) for row in rows]


def save_receipts(connection: Connection, receipts: Iterable[Receipt]) -> None:
    """Move receipts forward, never back: one statement for all, in the order of the chats' ids.

    The order matters: it is the one in which the journal's INSERT locks the same rows.
    """
    highest: dict[int, list[int]] = {}
    for receipt in receipts:
        seqs = highest.setdefault(receipt.chat_id, [0, 0, 0, 0])
        place = 0 if receipt.is_user1 else 2
        seqs[place] = max(seqs[place], receipt.delivered_seq)
        seqs[place + 1] = max(seqs[place + 1], receipt.read_seq)
    if not highest:
        return
    chats = sorted(highest)
    columns = ("user1_delivered_seq", "user1_read_seq", "user2_delivered_seq", "user2_read_seq")
    changes = ", ".join(
        f"{column} = GREATEST({column}, CASE id "
        + " ".join(f"WHEN {chat:d} THEN {highest[chat][place]:d}" for chat in chats)
        + " END)"
        for place, column in enumerate(columns)
    )
    ids = ", ".join(f"{chat:d}" for chat in chats)
    execute(connection, f"UPDATE chats SET {changes} WHERE id IN ({ids}) ORDER BY id")
