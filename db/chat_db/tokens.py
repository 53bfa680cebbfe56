"""Which logins are alive? One row for each login, the only truth for HTTP and WebSocket."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection

import msgspec

from .connection import Connection, execute, fetch_all, fetch_one, insert

TOKEN_LENGTH = 43  # 256 random bits in base64url without padding
UNUSED_DAYS = 30
LIFETIME_DAYS = 365
TOUCH_MINUTES = 5

ALIVE = f"expires_at > NOW(3) AND last_used_at > NOW(3) - INTERVAL {UNUSED_DAYS} DAY"


class Login(msgspec.Struct, frozen=True):
    """A live login and whose it is."""

    token_id: int
    user_id: int
    username: str


def digest(token: str) -> str:
    """Return what the table holds of a token. It has 256 random bits, so a plain SHA-256 cannot be reversed."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_token(connection: Connection, user_id: int, user_agent: str) -> str:
    """Start a login; return its token, which is stored nowhere in the database."""
    token = secrets.token_urlsafe(32)
    insert(
        connection,
        "INSERT INTO tokens (user_id, token, expires_at, user_agent)"
        f" VALUES (%s, %s, NOW(3) + INTERVAL {LIFETIME_DAYS} DAY, %s)",
        user_id,
        digest(token),
        user_agent[:255],
    )
    return token


def find_login(connection: Connection, token: str) -> Login | None:
    """Return the live login of a token, and note at most every 5 minutes that it was used."""
    if len(token) != TOKEN_LENGTH or not token.isascii():
        return None
    row = fetch_one(
        connection,
        "SELECT t.id, t.user_id, u.username, t.last_used_at < NOW(3) - INTERVAL %s MINUTE"
        f" FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.token = %s AND {ALIVE}",
        TOUCH_MINUTES,
        digest(token),
    )
    if row is None:
        return None
    token_id, user_id, username, stale = row
    if stale:
        touch(connection, [token_id])
    return Login(token_id, user_id, username)


def touch(connection: Connection, token_ids: Collection[int]) -> None:
    """Note that logins are in use."""
    if token_ids:
        marks = ", ".join(["%s"] * len(token_ids))
        execute(connection, f"UPDATE tokens SET last_used_at = NOW(3) WHERE id IN ({marks})", *sorted(token_ids))


def find_live(connection: Connection, token_ids: Collection[int]) -> set[int]:
    """Return those of the given logins that are alive, and note that these are in use."""
    if not token_ids:
        return set()
    marks = ", ".join(["%s"] * len(token_ids))
    rows = fetch_all(
        connection,
        f"SELECT id, last_used_at < NOW(3) - INTERVAL %s MINUTE FROM tokens WHERE id IN ({marks}) AND {ALIVE}",
        TOUCH_MINUTES,
        *sorted(token_ids),
    )
    touch(connection, [token_id for token_id, stale in rows if stale])
    return {token_id for token_id, _ in rows}


def revoke_token(connection: Connection, token: str) -> None:
    """End a login: every session and socket that holds the token is logged out."""
    execute(connection, "DELETE FROM tokens WHERE token = %s", digest(token))


def delete_expired(connection: Connection) -> int:
    """Remove logins that ended by themselves; return how many."""
    return execute(connection, f"DELETE FROM tokens WHERE NOT ({ALIVE})")
