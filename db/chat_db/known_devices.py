"""Which browsers has a user logged in with before? Their tries at the password have a count of their own.

OWASP, "Slow Down Online Guessing Attacks with Device Cookies": the cookie holds 256 random bits, the table their
SHA-256.
"""

from __future__ import annotations

import msgspec

from .connection import Connection, execute, fetch_all, fetch_one
from .secrets import digest, is_token_shaped

MOST_DEVICES = 100  # of one user


class Browser(msgspec.Struct, frozen=True):
    """The secrets of a browser's cookie: the one that it brought, and the one that it gets."""

    old: str | None
    new: str


def is_known(connection: Connection, user_id: int, secret: str) -> bool:
    """Say whether a browser with this cookie has logged in as this user before."""
    sql = "SELECT 1 FROM known_devices WHERE token = %s AND user_id = %s"
    return is_token_shaped(secret) and fetch_one(connection, sql, digest(secret), user_id) is not None


def remember(connection: Connection, user_id: int, browser: Browser) -> None:
    """Note that a browser has logged in as a user. Its cookie changes, for everybody who has logged in with it.

    Else who plants a cookie in somebody's browser would afterwards know one that counts as known.
    """
    rows = fetch_all(connection, "SELECT id FROM known_devices WHERE token = %s", digest(browser.old or ""))
    if rows:  # an UPDATE that finds none would lock the gap where another login wants to write
        marks = ", ".join(["%s"] * len(rows))
        sql = f"UPDATE known_devices SET token = %s WHERE id IN ({marks})"
        execute(connection, sql, digest(browser.new), *sorted(row[0] for row in rows))
    execute(
        connection,
        "INSERT INTO known_devices (user_id, token) VALUES (%s, %s) ON DUPLICATE KEY UPDATE last_used_at = NOW(3)",
        user_id,
        digest(browser.new),
    )


def forget_devices(connection: Connection, user_id: int) -> None:
    """Know none of a user's browsers any more: who had the old password may have logged in with one."""
    execute(connection, "DELETE FROM known_devices WHERE user_id = %s", user_id)


def delete_oldest(connection: Connection, table: str, user_id: int, limit: int) -> None:
    """Delete those of a user's rows in `tokens` or `known_devices` that are unused for longest, beyond `limit`.

    By their ids, in order: deleting by user would lock rows that a login beside this one has just made.
    """
    sql = f"SELECT id FROM {table} WHERE user_id = %s ORDER BY last_used_at DESC, id DESC LIMIT 1000 OFFSET %s"
    ids = sorted(row[0] for row in fetch_all(connection, sql, user_id, limit))
    if ids:
        execute(connection, f"DELETE FROM {table} WHERE id IN ({', '.join(['%s'] * len(ids))})", *ids)
