"""Who has an account, and what have they chosen?

A deleted account keeps its row, so that the other person keeps the conversation; it has no name, password or login.
Whoever changes a row of `users` makes the journal wait, which shares a lock on its senders' rows. So what one may do
again and again changes other tables only, and what must change `users` holds the row for as few statements as it can.
Every change that a ws-server must know of is noted in `user_changes`, for who changed something.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import msgspec
import pymysql

from .connection import Connection, execute, fetch_all, fetch_one, insert, transaction
from .driver_errors import is_duplicate
from .file_marks import mark_unsent_of
from .known_devices import forget_devices
from .purges import delete_belongings, request_purge
from .unions import table_of

CHANGES_SECONDS = 10  # rows do not become visible in the order of their times: look back this much further


class UsernameTaken(Exception):
    """Another user has this name, in this or another spelling."""


class User(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user as others see one; a deleted one has no name."""

    id: int
    username: str | None
    deleted: bool = False


class Account(msgspec.Struct, frozen=True):
    """A user with what only a login needs."""

    id: int
    username: str
    password: str
    is_disabled: bool


class Choices(msgspec.Struct, frozen=True):
    """What a user shows to others, and so sees of them. Who never chose shows both."""

    show_receipts: bool = True
    show_presence: bool = True


class ListedUser(msgspec.Struct, frozen=True):
    """A user as whoever runs the server sees one."""

    id: int
    username: str | None
    created_at: str
    last_seen_at: str | None
    is_disabled: bool


def as_user(user_id: int, username: str | None) -> User:
    return User(user_id, username, deleted=username is None)


def create_user(connection: Connection, username: str, password_hash: str) -> int:
    """Store a user; return the id. Raises UsernameTaken: the table's collation decides what is the same name."""
    try:
        return insert(connection, "INSERT INTO users (username, password) VALUES (%s, %s)", username, password_hash)
    except pymysql.err.IntegrityError as error:
        if is_duplicate(error, "users_username"):
            raise UsernameTaken from error
        raise


ACCOUNT = "SELECT id, username, password, disabled_at IS NOT NULL FROM users WHERE deleted_at IS NULL AND"


def find_account(connection: Connection, username: str) -> Account | None:
    row = fetch_one(connection, f"{ACCOUNT} username = %s", username)
    return Account(row[0], row[1], row[2], bool(row[3])) if row else None


def find_account_by_id(connection: Connection, user_id: int) -> Account | None:
    row = fetch_one(connection, f"{ACCOUNT} id = %s", user_id)
    return Account(row[0], row[1], row[2], bool(row[3])) if row else None


def find_user(connection: Connection, username: str) -> User | None:
    row = fetch_one(connection, "SELECT id, username FROM users WHERE username = %s", username)
    return as_user(*row) if row else None


def find_user_by_id(connection: Connection, user_id: int) -> User | None:
    """Return a user; a deleted one is not found."""
    row = fetch_one(connection, "SELECT id, username FROM users WHERE id = %s AND deleted_at IS NULL", user_id)
    return as_user(*row) if row else None


def find_names(connection: Connection, user_ids: Iterable[int]) -> dict[int, str | None]:
    """Return the names of users, by id; None of a deleted one."""
    ids = set(user_ids)
    if not ids:
        return {}
    sql = f"SELECT u.id, u.username FROM {table_of(ids)} w STRAIGHT_JOIN users u FORCE INDEX (PRIMARY) ON u.id = w.id"
    return dict(fetch_all(connection, sql))


def list_users(connection: Connection) -> list[ListedUser]:
    """Return every account that is not deleted, oldest first."""
    sql = (
        "SELECT id, username, created_at, last_seen_at, disabled_at IS NOT NULL"
        " FROM users LEFT JOIN user_last_seen ON user_id = id WHERE deleted_at IS NULL ORDER BY id"
    )
    return [
        ListedUser(user_id, username, created_at, last_seen_at, bool(is_disabled))
        for user_id, username, created_at, last_seen_at, is_disabled in fetch_all(connection, sql)
    ]


def rehash_password(connection: Connection, user_id: int, password_hash: str, old_hash: str) -> None:
    """Store the same password under another hash, unless it was changed meanwhile."""
    sql = "UPDATE users SET password = %s WHERE id = %s AND password = %s"
    execute(connection, sql, password_hash, user_id, old_hash)


def change_password(
    connection: Connection, user_id: int, password_hash: str, keep_token: str | None, old_hash: str | None = None
) -> bool:
    """Set a password and end every login but the one with this token digest; a reset link dies too.

    False, and nothing is done, where the password is not any more the one of `old_hash`.
    """
    with transaction(connection):
        return set_password(connection, user_id, password_hash, keep_token, old_hash)


def set_password(
    connection: Connection, user_id: int, password_hash: str, keep_token: str | None, old_hash: str | None = None
) -> bool:
    """As change_password, inside the caller's transaction.

    The user's row comes first: a login that is under way waits for it (see `issue_token`).
    """
    sql = "UPDATE users SET password = %s WHERE id = %s AND password = COALESCE(%s, password)"
    if not execute(connection, sql, password_hash, user_id, old_hash):
        return False
    execute(connection, "DELETE FROM tokens WHERE user_id = %s AND token <> %s", user_id, keep_token or "")
    forget_devices(connection, user_id)
    execute(connection, "DELETE FROM password_resets WHERE user_id = %s", user_id)
    mark_changed(connection, user_id)
    return True


def find_choices(connection: Connection, user_id: int) -> Choices:
    row = fetch_one(connection, "SELECT show_receipts, show_presence FROM user_privacy WHERE user_id = %s", user_id)
    return Choices(bool(row[0]), bool(row[1])) if row else Choices()


def save_choices(connection: Connection, user_id: int, choices: Choices) -> None:
    """Store what a user shows; the same once more changes nothing, and so tells nobody."""
    if find_choices(connection, user_id) == choices:
        return
    with transaction(connection):
        changed = execute(
            connection,
            "INSERT INTO user_privacy (user_id, show_receipts, show_presence) VALUES (%s, %s, %s)"
            " ON DUPLICATE KEY UPDATE show_receipts = VALUES(show_receipts), show_presence = VALUES(show_presence)",
            user_id,
            choices.show_receipts,
            choices.show_presence,
        )
        if changed:
            mark_changed(connection, user_id)


def lock_own_row(connection: Connection, user_id: int) -> None:
    """Make a user's transactions wait for each other until this one ends, and nobody else's.

    The row of `user_privacy` is locked, because the journal needs the one of `users`.
    """
    sql = "INSERT INTO user_privacy (user_id) VALUES (%s) ON DUPLICATE KEY UPDATE user_id = user_id"
    execute(connection, sql, user_id)


def set_disabled(connection: Connection, user_id: int, disabled: bool) -> None:
    """Lock an account out, or let it in again. Being locked out ends every login."""
    with transaction(connection):
        value = "COALESCE(disabled_at, NOW(3))" if disabled else "NULL"
        execute(connection, f"UPDATE users SET disabled_at = {value} WHERE id = %s", user_id)
        if disabled:
            execute(connection, "DELETE FROM tokens WHERE user_id = %s", user_id)
            forget_devices(connection, user_id)
        mark_changed(connection, user_id)


def delete_user(connection: Connection, user_id: int) -> None:
    """Take everything from an account but its row. Its chats stay with the other person (see `purges`)."""
    with transaction(connection):
        mark_unsent_of(connection, user_id)  # first: the journal, too, locks files before the sender's row
        delete_belongings(connection, user_id)
        execute(
            connection,
            "UPDATE users SET username = NULL, password = NULL, deleted_at = COALESCE(deleted_at, NOW(3))"
            " WHERE id = %s",
            user_id,
        )
        execute(connection, "DELETE FROM tokens WHERE user_id = %s", user_id)
        forget_devices(connection, user_id)
        request_purge(connection, user_id)
        mark_changed(connection, user_id)


def mark_changed(connection: Connection, user_id: int) -> None:
    """Have every ws-server look again at a user and at the people they have a chat with."""
    sql = (
        "INSERT INTO user_changes (user_id, changed_at) VALUES (%s, NOW(3)) ON DUPLICATE KEY UPDATE changed_at = NOW(3)"
    )
    execute(connection, sql, user_id)


def find_changed(connection: Connection, since: float) -> set[tuple[int, str]]:
    """Return the users that changed in the last `since` seconds and shortly before, each with the time."""
    sql = "SELECT user_id, changed_at FROM user_changes WHERE changed_at > NOW(3) - INTERVAL %s SECOND"
    return set(fetch_all(connection, sql, math.ceil(since) + CHANGES_SECONDS))


def save_last_seen(connection: Connection, last_seen: Mapping[int, str]) -> None:
    """Store when users were last connected: `{user_id: "2026-11-22 09:31:00.123"}`, UTC.

    Deleted users are left out by a read that waits for no lock: this runs on the journal's thread.
    """
    if not last_seen:
        return
    marks = ", ".join(["%s"] * len(last_seen))
    sql = f"SELECT id FROM users WHERE id IN ({marks}) AND deleted_at IS NULL ORDER BY id"
    users = [row[0] for row in fetch_all(connection, sql, *last_seen)]
    if not users:
        return
    rows = ", ".join(["(%s, %s)"] * len(users))
    execute(
        connection,
        f"INSERT INTO user_last_seen (user_id, last_seen_at) VALUES {rows}"
        " ON DUPLICATE KEY UPDATE last_seen_at = VALUES(last_seen_at)",
        *(value for user in users for value in (user, last_seen[user])),
    )
