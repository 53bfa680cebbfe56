"""What goes when both members of a chat have deleted their accounts?

The deletion of an account puts it into `purges`, and there it stays until its chats have been looked at: so a purge
costs what it deletes, however many accounts there are and were. Of two who delete their accounts at the same time, the
purge of the later one sees both.
"""

from __future__ import annotations

from collections.abc import Callable

import pymysql

from .chats import MY_CHATS
from .connection import Connection, Database, execute, fetch_all, fetch_one, transaction
from .file_marks import mark_of_chat
from .messages import BY_SEQ, LAST_SEQ

PIECE = 2_000  # messages in one DELETE; nobody waits for their locks longer than that takes
SETTLED_SECONDS = 60  # after which a deleted account's requests and sockets have certainly ended

# What an account leaves, and in which column: one by one, since with OR everybody's rows may be looked at and locked.
BELONGINGS = (
    ("user_privacy", "user_id"),
    ("user_last_seen", "user_id"),
    ("invites", "user_id"),
    ("password_resets", "user_id"),
    ("blocks", "user_id"),
    ("blocks", "blocked_id"),
)

FIRST_SEQ = LAST_SEQ.replace(" DESC", "")


def request_purge(connection: Connection, user_id: int) -> None:
    """Have the chats of an account that is being deleted looked at, once this transaction is committed."""
    sql = "INSERT INTO purges (user_id, deleted_at) VALUES (%s, NOW(3)) ON DUPLICATE KEY UPDATE user_id = user_id"
    execute(connection, sql, user_id)


def delete_belongings(connection: Connection, user_id: int) -> None:
    """Delete what there is of an account besides its logins and its chats."""
    for table, column in BELONGINGS:
        execute(connection, f"DELETE FROM {table} WHERE {column} = %s", user_id)


def purge_chats(database: Database, pause: Callable[[], None], piece: int = PIECE) -> None:
    """Delete every chat that no living account can see, in pieces with a `pause` between them.

    An outage in the middle, or another process that does the same, does no harm. Raises the database's errors.
    """
    for user_id, is_settled in database.run(list_purges):
        are_gone = [_purge_chat(database, chat, pause, piece) for chat in database.run(list_dead_chats, user_id)]
        if is_settled and all(are_gone):
            database.run(end_purge, user_id)


def _purge_chat(database: Database, chat_id: int, pause: Callable[[], None], piece: int) -> bool:
    """Delete a chat, its messages first; say whether it is gone.

    What a socket still writes meanwhile goes in the next round. What else keeps it, the next purge finds again.
    """
    while True:
        first, last = database.run(find_seqs, chat_id)
        database.run(mark_of_chat, chat_id)  # with this, the files of every message up to the last one
        for seq in range(first, last + 1, piece):
            database.run(delete_messages, chat_id, seq, min(seq + piece - 1, last))
            pause()
        is_gone = database.run(delete_chat, chat_id)
        if is_gone or last < first:
            return is_gone


def list_purges(connection: Connection) -> list[tuple[int, bool]]:
    """Return each user who waits for a purge, and whether nothing of theirs can be under way any more."""
    sql = f"SELECT user_id, deleted_at < NOW(3) - INTERVAL {SETTLED_SECONDS} SECOND FROM purges"
    return [(user_id, bool(is_settled)) for user_id, is_settled in fetch_all(connection, sql)]


def list_dead_chats(connection: Connection, user_id: int) -> list[int]:
    """Return a deleted user's chats with others who are deleted too."""
    sql = (
        f"SELECT STRAIGHT_JOIN me.chat_id FROM {MY_CHATS} JOIN users u FORCE INDEX (PRIMARY) ON u.id = o.user_id"
        " WHERE me.user_id = %s AND u.deleted_at IS NOT NULL"
    )
    return [row[0] for row in fetch_all(connection, sql, user_id)]


def find_seqs(connection: Connection, chat_id: int) -> tuple[int, int]:
    """Return the first and the last `seq` of a chat; of an empty one, a last that is before the first."""
    row = fetch_one(connection, f"SELECT {FIRST_SEQ.format('%s')}, {LAST_SEQ.format('%s')}", chat_id, chat_id)
    return (1, 0) if row is None or row[0] is None else (row[0], row[1])


def delete_messages(connection: Connection, chat_id: int, first_seq: int, last_seq: int) -> None:
    """Delete a part of a chat. By a range, since what was deleted just now still lies at the beginning of the index.

    The form `DELETE m FROM` takes an index: without it a server may look through all messages, and lock them. Without
    READ COMMITTED the gap before the part would be locked, where the chat that lies before it goes on.
    """
    execute(connection, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    execute(
        connection,
        f"DELETE m FROM messages m {BY_SEQ} WHERE m.chat_id = %s AND m.seq BETWEEN %s AND %s",
        chat_id,
        first_seq,
        last_seq,
    )


def delete_chat(connection: Connection, chat_id: int) -> bool:
    """Delete a chat with its members; False, and nothing is done, while it has messages."""
    try:
        execute(connection, "DELETE FROM chats WHERE id = %s", chat_id)
    except pymysql.err.IntegrityError:
        return False
    return True


def end_purge(connection: Connection, user_id: int) -> None:
    """All chats of a deleted user that could go are gone; so is, then, what a last request or socket still wrote."""
    with transaction(connection):
        delete_belongings(connection, user_id)
        execute(connection, "DELETE FROM purges WHERE user_id = %s", user_id)
