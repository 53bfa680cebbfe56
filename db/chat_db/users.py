"""Who has an account?"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pymysql

from .connection import Connection, execute, fetch_one, insert, is_duplicate


class UsernameTaken(Exception):
    """Another user has this name, in this or another spelling."""


class User(msgspec.Struct, frozen=True):
    """A user as others see one."""

    id: int
    username: str


class Account(msgspec.Struct, frozen=True):
    """A user with what only a login needs."""

    id: int
    username: str
    password: str


def create_user(connection: Connection, username: str, password_hash: str) -> int:
    """Store a user; return the id. Raises UsernameTaken: the table's collation decides what is the same name."""
    try:
        return insert(connection, "INSERT INTO users (username, password) VALUES (%s, %s)", username, password_hash)
    except pymysql.err.IntegrityError as error:
        if is_duplicate(error, "users_username"):
            raise UsernameTaken from error
        raise


def find_account(connection: Connection, username: str) -> Account | None:
    row = fetch_one(connection, "SELECT id, username, password FROM users WHERE username = %s", username)
    return Account(*row) if row else None


def find_user(connection: Connection, username: str) -> User | None:
    row = fetch_one(connection, "SELECT id, username FROM users WHERE username = %s", username)
    return User(*row) if row else None


def find_user_by_id(connection: Connection, user_id: int) -> User | None:
    row = fetch_one(connection, "SELECT id, username FROM users WHERE id = %s", user_id)
    return User(*row) if row else None


def save_password(connection: Connection, user_id: int, password_hash: str) -> None:
    execute(connection, "UPDATE users SET password = %s WHERE id = %s", password_hash, user_id)


def save_last_seen(connection: Connection, last_seen: Mapping[int, str]) -> None:
    """Store when users were last connected: `{user_id: "2026-11-22 09:31:00.123"}`, UTC, one statement."""
    if not last_seen:
        return
    users = sorted(last_seen)
    cases = " ".join(["WHEN %s THEN %s"] * len(users))
    marks = ", ".join(["%s"] * len(users))
    values = [value for user in users for value in (user, last_seen[user])]
    execute(
        connection,
        f"UPDATE users SET last_seen_at = CASE id {cases} END WHERE id IN ({marks}) ORDER BY id",
        *values,
        *users,
    )
