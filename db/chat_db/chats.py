"""Who talks with whom, and how far has each of the two received and read?"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pymysql

from .connection import Connection, execute, fetch_all, fetch_one, insert, is_duplicate
from .errors import NoSuchUser
from .users import User, as_user


class ChatSummary(msgspec.Struct, omit_defaults=True):
    """A chat as one of its two members sees it: an element of `get_chats` and `sync_done`, without messages.

    `other_read_seq` is null while one of the two does not share read receipts; `blocked` is there where this member has
    blocked the other.
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
    """How far one member of a chat has received and read it, up to and including, and how much of it is shown."""

    chat_id: int
    is_user1: bool
    delivered_seq: int
    read_seq: int
    shown_delivered_seq: int
    shown_read_seq: int

    def joined_with(self, other: Receipt) -> Receipt:
        """Return the highest of two receipts of the same member and chat."""
        return Receipt(
            self.chat_id, self.is_user1, *(max(getattr(self, name), getattr(other, name)) for name in RECEIPT_COLUMNS)
        )


class Partner(msgspec.Struct, frozen=True):
    """Somebody with whom a user has a chat, and what may pass between the two."""

    id: int
    chat_id: int
    username: str | None
    last_seen_at: str | None
    is_deleted: bool
    is_blocked: bool  # by one of the two
    shares_receipts: bool  # both do
    shares_presence: bool
    has_been_blocked: bool  # by this user


# NULL where a chat has no message. No COALESCE: MariaDB makes a decimal of an unsigned number or 0.
LAST_SEQ = "(SELECT MAX(m.seq) FROM messages m WHERE m.chat_id = c.id)"
# Two looks into the primary key: one look for both ways would go through everybody's blocks.
HAS_BLOCKED = "EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = c.{0}_id AND b.blocked_id = c.{1}_id)"
BLOCKED = f"({HAS_BLOCKED.format('{mine}', '{other}')} OR {HAS_BLOCKED.format('{other}', '{mine}')})"

# Who never chose has no row, and shows both.
BOTH_SHOW = "COALESCE(theirs.show_{what}, TRUE) AND COALESCE(mine.show_{what}, TRUE)"
PRIVACY = (
    "LEFT JOIN user_privacy theirs ON theirs.user_id = u.id LEFT JOIN user_privacy mine ON mine.user_id = c.{mine}_id"
)


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
    delivered, read = {user1: delivered1, user2: delivered2}, {user1: read1, user2: read2}
    return ChatState(identity, user1, user2, last_seq or 0, delivered, read)


def find_other_member(connection: Connection, chat_id: int, user_id: int) -> int | None:
    """Return the id of a chat's other member, None where the user is no member or there is no such chat."""
    row = fetch_one(
        connection,
        "SELECT IF(user1_id = %s, user2_id, user1_id) FROM chats WHERE id = %s AND (user1_id = %s OR user2_id = %s)",
        user_id,
        chat_id,
        user_id,
        user_id,
    )
    return int(row[0]) if row else None


def have_chat(connection: Connection, user_id: int, other_id: int) -> bool:
    return _find_chat(connection, user_id, other_id) is not None


def _find_chat(connection: Connection, user_id: int, other_id: int) -> int | None:
    pair = f"{min(user_id, other_id)}-{max(user_id, other_id)}"
    row = fetch_one(connection, "SELECT id FROM chats WHERE participant_pair = %s", pair)
    return int(row[0]) if row else None


def add_chat(connection: Connection, user_id: int, other_id: int) -> tuple[int, bool]:
    """Return the chat of two users and whether it is new. The table's UNIQUE pair decides, not a look before.

    Raises NoSuchUser where one of the two was deleted meanwhile.
    """
    try:
        sql = "INSERT INTO chats (user1_id, user2_id) VALUES (%s, %s)"
        return insert(connection, sql, user_id, other_id), True
    except pymysql.err.IntegrityError as error:
        if not is_duplicate(error, "chats_participant_pair"):
            raise NoSuchUser from error
    chat_id = _find_chat(connection, user_id, other_id)
    if chat_id is None:
        raise LookupError(f"the chat of {user_id} and {other_id} was there and is gone")
    return chat_id, False


def _partners(mine: str, other: str) -> str:
    return (
        "SELECT u.id, c.id, u.username, s.last_seen_at, u.deleted_at IS NOT NULL,"
        f" {BLOCKED.format(mine=mine, other=other)},"
        f" {BOTH_SHOW.format(what='receipts')}, {BOTH_SHOW.format(what='presence')},"
        f" {HAS_BLOCKED.format(mine, other)}"
        f" FROM chats c JOIN users u ON u.id = c.{other}_id {PRIVACY.format(mine=mine)}"
        " LEFT JOIN user_last_seen s ON s.user_id = u.id"
        f" WHERE c.{mine}_id = %s"
    )


PARTNERS = f"{_partners('user1', 'user2')} UNION ALL {_partners('user2', 'user1')}"


def list_partners(connection: Connection, user_id: int) -> list[Partner]:
    """Return everybody with whom a user has a chat."""
    rows = fetch_all(connection, PARTNERS, user_id, user_id)
    return [Partner(other, chat, name, seen, *map(bool, rest)) for other, chat, name, seen, *rest in rows]


def _side(mine: str, other: str) -> str:
    """Return a SELECT of the chats in which a user is `mine` (user1 or user2), seen from that user."""
    return (
        f"SELECT c.id, u.id AS other_id, u.username, c.{mine}_delivered_seq AS delivered_seq,"
        f" c.{mine}_read_seq AS read_seq, c.{other}_shown_delivered_seq AS other_delivered_seq,"
        f" IF({BOTH_SHOW.format(what='receipts')}, c.{other}_shown_read_seq, NULL) AS other_read_seq,"
        f" {HAS_BLOCKED.format(mine, other)} AS blocked,"
        f" c.created_at FROM chats c JOIN users u ON u.id = c.{other}_id {PRIVACY.format(mine=mine)}"
        f" WHERE c.{mine}_id = %s"
    )


# Each subquery is a look into the UNIQUE key (chat_id, seq) for one chat.
SUMMARIES = f"""
SELECT c.id, c.other_id, c.username, {LAST_SEQ},
       (SELECT COUNT(*) FROM messages m WHERE m.chat_id = c.id AND m.seq > c.read_seq AND m.sender_id = c.other_id),
       c.delivered_seq, c.read_seq, c.other_delivered_seq, c.other_read_seq, c.blocked
  FROM ({_side("user1", "user2")} UNION ALL {_side("user2", "user1")}) c
 ORDER BY COALESCE((SELECT m.sent_at FROM messages m WHERE m.chat_id = c.id ORDER BY m.seq DESC LIMIT 1),
                   c.created_at) DESC, c.id DESC
"""


def list_chats(connection: Connection, user_id: int) -> list[ChatSummary]:
    """Return a user's chats, newest activity first, in one query. `blocked`: by this user."""
    summaries = []
    for row in fetch_all(connection, SUMMARIES, user_id, user_id):
        chat, other, name, last, unread, delivered, read, other_delivered, other_read, blocked = row
        user = as_user(other, name)
        seqs = (delivered, read, other_delivered, other_read)
        summaries.append(ChatSummary(chat, user, last or 0, unread, *seqs, bool(blocked)))
    return summaries


RECEIPT_COLUMNS = ("delivered_seq", "read_seq", "shown_delivered_seq", "shown_read_seq")


def save_receipts(connection: Connection, receipts: Iterable[Receipt]) -> None:
    """Move receipts forward, never back: one statement for all, in the order of the chats' ids.

    The order matters: it is the one in which the journal's INSERT locks the same rows.
    """
    highest: dict[str, dict[int, int]] = {}
    for receipt in receipts:
        for column in RECEIPT_COLUMNS:
            seqs = highest.setdefault(f"user{1 if receipt.is_user1 else 2}_{column}", {})
            seqs[receipt.chat_id] = max(seqs.get(receipt.chat_id, 0), getattr(receipt, column))
    if not highest:
        return
    changes = ", ".join(
        f"{column} = GREATEST({column}, CASE id "
        + " ".join(f"WHEN {chat:d} THEN {seq:d}" for chat, seq in seqs.items())
        + " ELSE 0 END)"
        for column, seqs in highest.items()
    )
    ids = ", ".join(f"{chat:d}" for chat in sorted({chat for seqs in highest.values() for chat in seqs}))
    execute(connection, f"UPDATE chats SET {changes} WHERE id IN ({ids}) ORDER BY id")


def purge_chats(connection: Connection, batch: int = 2_000) -> bool:
    """Delete a batch of what no living account can see any more; say whether there may be more.

    A chat goes when both of its members are deleted: its messages first, in small batches, so that nobody waits.
    """
    row = fetch_one(
        connection,
        "SELECT c.id FROM users u1 JOIN chats c ON c.user1_id = u1.id JOIN users u2 ON u2.id = c.user2_id"
        " WHERE u1.deleted_at IS NOT NULL AND u2.deleted_at IS NOT NULL LIMIT 1",
    )
    if row is None:
        return False
    deleted = execute(connection, f"DELETE FROM messages WHERE chat_id = %s ORDER BY seq LIMIT {batch:d}", row[0])
    if deleted < batch:
        execute(connection, "DELETE FROM chats WHERE id = %s", row[0])
    return True
