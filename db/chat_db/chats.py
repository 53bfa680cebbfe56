"""Who talks with whom, and how far has each of the two received and read?"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable

import msgspec
import pymysql

from .connection import Connection, execute, fetch_all, fetch_one, insert, transaction
from .driver_errors import is_duplicate
from .errors import NoSuchUser
from .given_seqs import REMEMBERED_SECONDS
from .messages import LAST_SEQ
from .unions import table_of


class ChatState(msgspec.Struct):
    """A chat as the server keeps it in memory: its two members, its last `seq`, each member's receipts.

    `known_at` (time.monotonic): when that was its last `seq`.
    """

    id: int
    members: tuple[int, int]
    last_seq: int
    known_at: float
    delivered: dict[int, int]
    read: dict[int, int]

    def other(self, user_id: int) -> int:
        one, two = self.members
        return two if user_id == one else one

    def remembered_seq(self) -> int | None:
        """Return the last `seq` where it may be counted on from, None where that was long ago."""
        return self.last_seq if time.monotonic() - self.known_at < REMEMBERED_SECONDS else None


class Receipt(msgspec.Struct, frozen=True):
    """How far one member of a chat has received and read it, up to and including, and how much of it is shown."""

    chat_id: int
    user_id: int
    delivered_seq: int
    read_seq: int
    shown_delivered_seq: int
    shown_read_seq: int

    def joined_with(self, other: Receipt) -> Receipt:
        """Return the highest of two receipts of the same member and chat."""
        return Receipt(
            self.chat_id, self.user_id, *(max(getattr(self, name), getattr(other, name)) for name in RECEIPT_COLUMNS)
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

    @property
    def is_apart(self) -> bool:
        """Whether nothing new passes between the two."""
        return self.is_deleted or self.is_blocked


# me: the rows of `members` of whoever asks; o: of the other one in the same chat.
MY_CHATS = (
    "members me FORCE INDEX (members_user)"
    " JOIN members o FORCE INDEX (PRIMARY) ON o.chat_id = me.chat_id AND o.user_id <> me.user_id"
)
MY_CHAT = MY_CHATS.replace("members_user", "PRIMARY")  # of which the id is known

# Two looks into the primary key: one look for both ways would go through everybody's blocks.
I_BLOCKED = "EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = me.user_id AND b.blocked_id = o.user_id)"
BLOCKED_ME = "EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = o.user_id AND b.blocked_id = me.user_id)"

# Who never chose has no row, and shows both.
BOTH_SHOW = "COALESCE(theirs.show_{0}, TRUE) AND COALESCE(mine.show_{0}, TRUE)"
PRIVACY = (
    "LEFT JOIN user_privacy theirs ON theirs.user_id = o.user_id"
    " LEFT JOIN user_privacy mine ON mine.user_id = me.user_id"
)


def find_chat_state(connection: Connection, chat_id: int, member_id: int) -> ChatState | None:
    """Return a chat through one of its members: an outsider finds nothing."""
    now = time.monotonic()
    row = fetch_one(
        connection,
        f"SELECT o.user_id, {LAST_SEQ.format('me.chat_id')}, c.purged_seq,"
        " me.delivered_seq, o.delivered_seq, me.read_seq, o.read_seq"
        f" FROM {MY_CHAT} JOIN chats c FORCE INDEX (PRIMARY) ON c.id = me.chat_id"
        " WHERE me.chat_id = %s AND me.user_id = %s",
        chat_id,
        member_id,
    )
    if row is None:
        return None
    other_id, last_seq, purged_seq, delivered, other_delivered, read, other_read = row
    return ChatState(
        chat_id,
        (member_id, other_id),
        max(last_seq or 0, purged_seq),
        now,
        {member_id: delivered, other_id: other_delivered},
        {member_id: read, other_id: other_read},
    )


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
    with transaction(connection):
        return create_chat(connection, user_id, other_id)


def create_chat(connection: Connection, user_id: int, other_id: int) -> tuple[int, bool]:
    """As add_chat, inside the caller's transaction: the chat and its two members, or none of them."""
    try:
        chat_id = insert(connection, "INSERT INTO chats (user1_id, user2_id) VALUES (%s, %s)", user_id, other_id)
    except pymysql.err.IntegrityError as error:
        if not is_duplicate(error, "chats_participant_pair"):
            raise NoSuchUser from error
    else:
        require_accounts(connection, user_id, other_id)
        _add_members(connection, chat_id, user_id, other_id)
        return chat_id, True
    known = _find_chat(connection, user_id, other_id)
    if known is None:
        raise LookupError(f"the chat of {user_id} and {other_id} was there and is gone")
    # A release before `members` may have made it, whose containers run on for a moment while the new ones start.
    if fetch_one(connection, "SELECT 1 FROM members WHERE chat_id = %s LIMIT 1", known):
        return known, False
    _add_members(connection, known, user_id, other_id)
    return known, True


def require_accounts(connection: Connection, *user_ids: int) -> None:
    """Raise NoSuchUser where one was deleted, whose row stays. The caller's foreign keys hold these rows already."""
    sql = "SELECT deleted_at FROM users WHERE id = %s LOCK IN SHARE MODE"
    if any(fetch_one(connection, sql, user_id) != (None,) for user_id in user_ids):
        raise NoSuchUser


def _add_members(connection: Connection, chat_id: int, user_id: int, other_id: int) -> None:
    sql = "INSERT IGNORE INTO members (chat_id, user_id) VALUES (%s, %s), (%s, %s)"
    execute(connection, sql, chat_id, user_id, chat_id, other_id)


PARTNERS = (
    "SELECT STRAIGHT_JOIN me.user_id, u.id, me.chat_id, u.username, s.last_seen_at, u.deleted_at IS NOT NULL,"
    f" {I_BLOCKED} OR {BLOCKED_ME}, {BOTH_SHOW.format('receipts')}, {BOTH_SHOW.format('presence')}, {I_BLOCKED}"
    f" FROM {{}} wanted JOIN {MY_CHATS} JOIN users u ON u.id = o.user_id {PRIVACY}"
    " LEFT JOIN user_last_seen s ON s.user_id = o.user_id WHERE me.user_id = wanted.id"
)


def list_partners(connection: Connection, user_ids: Collection[int]) -> dict[int, list[Partner]]:
    """Return, for each of some users, everybody with whom they have a chat."""
    found: dict[int, list[Partner]] = {user_id: [] for user_id in user_ids}
    if found:
        rows = fetch_all(connection, PARTNERS.format(table_of(found)))
        for user_id, other, chat, name, seen, *rest in rows:
            found[user_id].append(Partner(other, chat, name, seen, *map(bool, rest)))
    return found


RECEIPT_COLUMNS = ("delivered_seq", "read_seq", "shown_delivered_seq", "shown_read_seq")


def save_receipts(connection: Connection, receipts: Iterable[Receipt]) -> None:
    """Move receipts forward, never back, each an UPDATE by the primary key, in the order of the keys."""
    changes = ", ".join(f"{column} = GREATEST({column}, %s)" for column in RECEIPT_COLUMNS)
    sql = f"UPDATE members SET {changes} WHERE chat_id = %s AND user_id = %s"
    with transaction(connection):
        for receipt in sorted(receipts, key=lambda receipt: (receipt.chat_id, receipt.user_id)):
            seqs = [getattr(receipt, column) for column in RECEIPT_COLUMNS]
            execute(connection, sql, *seqs, receipt.chat_id, receipt.user_id)
