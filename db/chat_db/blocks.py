"""Who does not want to hear of whom? A block works both ways, and the blocked person is not told."""

from __future__ import annotations

import pymysql

from .chats import require_accounts
from .connection import Connection, execute, fetch_all, fetch_one, transaction
from .errors import NoSuchUser
from .users import User, as_user, mark_changed


def add_block(connection: Connection, user_id: int, blocked_id: int) -> None:
    """Block a user; a second time does no harm. Raises NoSuchUser, also where one was deleted meanwhile."""
    if _has_blocked(connection, user_id, blocked_id):
        return
    with transaction(connection):
        sql = "INSERT INTO blocks (user_id, blocked_id) VALUES (%s, %s) ON DUPLICATE KEY UPDATE user_id = user_id"
        try:
            is_new = execute(connection, sql, user_id, blocked_id)
        except pymysql.err.IntegrityError as error:
            raise NoSuchUser from error
        if is_new:
            require_accounts(connection, user_id, blocked_id)
            mark_changed(connection, user_id)


def remove_block(connection: Connection, user_id: int, blocked_id: int) -> None:
    """Take a block back. Where there is none, nothing is locked: a DELETE would lock the gap where it looked."""
    if not _has_blocked(connection, user_id, blocked_id):
        return
    with transaction(connection):
        if execute(connection, "DELETE FROM blocks WHERE user_id = %s AND blocked_id = %s", user_id, blocked_id):
            mark_changed(connection, user_id)


def _has_blocked(connection: Connection, user_id: int, blocked_id: int) -> bool:
    sql = "SELECT 1 FROM blocks WHERE user_id = %s AND blocked_id = %s"
    return fetch_one(connection, sql, user_id, blocked_id) is not None


def is_blocked(connection: Connection, user_id: int, other_id: int) -> bool:
    """Say whether one of the two has blocked the other."""
    sql = "SELECT 1 FROM blocks WHERE (user_id, blocked_id) IN ((%s, %s), (%s, %s)) LIMIT 1"
    return fetch_one(connection, sql, user_id, other_id, other_id, user_id) is not None


def list_blocked(connection: Connection, user_id: int) -> list[User]:
    """Return whom a user has blocked, by name."""
    sql = (
        "SELECT u.id, u.username FROM blocks b JOIN users u ON u.id = b.blocked_id"
        " WHERE b.user_id = %s ORDER BY u.username"
    )
    return [as_user(*row) for row in fetch_all(connection, sql, user_id)]
