"""Which logins are alive? One row for each login, the only truth for HTTP and WebSocket."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from .connection import Connection, delete_by_id, execute, fetch_all, fetch_one, transaction, utc_now
from .known_devices import MOST_DEVICES, Browser, delete_oldest, remember
from .secrets import digest, is_token_shaped, new_token
from .settings import Settings

MOST_LOGINS = 100  # of one user
TOUCH_MINUTES = 5


class Lifetimes(msgspec.Struct, frozen=True):
    """How long a login lives: so many days without being used, and so many in all."""

    unused_days: int = 30
    days: int = 365

    @classmethod
    def read(cls, settings: Settings) -> Lifetimes:
        return cls(
            unused_days=settings.whole("SESSION_UNUSED_DAYS", 30, low=1, high=3650),
            days=settings.whole("SESSION_MAX_DAYS", 365, low=1, high=3650),
        )


# What time it is, whichever of two clocks is ahead: the database's and this process's. A login has ended where both say
# so; one clock that jumps forward logs nobody out. %s: `utc_now()`.
SANE_NOW = "LEAST(NOW(3), CAST(%s AS DATETIME(3)))"
ALIVE = f"expires_at > {SANE_NOW} AND last_used_at > {SANE_NOW} - INTERVAL %s DAY"
MOST_DELETED = 10  # one in so many of the logins there are goes at a time


def alive_values(lifetimes: Lifetimes) -> tuple[str, str, int]:
    """Return the values of ALIVE's marks."""
    now = utc_now()
    return now, now, lifetimes.unused_days


class Login(msgspec.Struct, frozen=True):
    """A live login and whose it is."""

    token_id: int
    user_id: int
    username: str


class Device(msgspec.Struct, frozen=True):
    """A login as its user sees it in the list of devices. Times are RFC 3339."""

    id: int
    user_agent: str
    created_at: str
    last_used_at: str
    is_current: bool


class LoginOvertaken(Exception):
    """Between the check of a password and its login the password was changed, or the account locked or deleted."""


def issue_token(
    connection: Connection,
    user_id: int,
    user_agent: str,
    lifetimes: Lifetimes,
    password_hash: str | None = None,
    *,
    replaces: str | None = None,
    browser: Browser | None = None,
) -> str:
    """Start a login; return its token, which is stored nowhere in the database.

    The login of token `replaces` ends with it, and `browser` is known from now on.

    Raises LoginOvertaken where the account is locked or gone, or where its password is not any more the one of
    `password_hash`, which was checked: a change takes the user's row first, so it ends this login or this one fails.
    The oldest unused of more than 100 logins ends.
    """
    token = new_token()
    with transaction(connection):
        if not _insert_login(connection, user_id, token, user_agent, lifetimes, password_hash):
            raise LoginOvertaken
        if replaces:
            revoke_token(connection, replaces)
        if browser:
            remember(connection, user_id, browser)
    # After the commit, so that of logins beside each other the last one sees all of them.
    delete_oldest(connection, "tokens", user_id, MOST_LOGINS)
    if browser:
        delete_oldest(connection, "known_devices", user_id, MOST_DEVICES)
    return token


def _insert_login(
    connection: Connection, user_id: int, token: str, user_agent: str, lifetimes: Lifetimes, password_hash: str | None
) -> bool:
    """Store a login; say whether the account may have one, given the password that was checked."""
    rows = execute(
        connection,
        "INSERT INTO tokens (user_id, token, expires_at, user_agent)"
        " SELECT id, %s, NOW(3) + INTERVAL %s DAY, %s FROM users"
        " WHERE id = %s AND deleted_at IS NULL AND disabled_at IS NULL AND password = COALESCE(%s, password)"
        " LOCK IN SHARE MODE",
        digest(token),
        lifetimes.days,
        user_agent[:255],
        user_id,
        password_hash,
    )
    return rows > 0


def find_login(connection: Connection, token: str, lifetimes: Lifetimes) -> Login | None:
    """Return the live login of a token, and note at most every 5 minutes that it was used."""
    if not is_token_shaped(token):
        return None
    row = fetch_one(
        connection,
        f"SELECT t.id, t.user_id, u.username, t.last_used_at < {SANE_NOW} - INTERVAL %s MINUTE"
        " FROM tokens t JOIN users u ON u.id = t.user_id"
        f" WHERE t.token = %s AND u.deleted_at IS NULL AND u.disabled_at IS NULL AND {ALIVE}",
        utc_now(),
        TOUCH_MINUTES,
        digest(token),
        *alive_values(lifetimes),
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
        sql = f"UPDATE tokens SET last_used_at = {SANE_NOW} WHERE id IN ({marks})"
        execute(connection, sql, utc_now(), *sorted(token_ids))


def find_live(connection: Connection, token_ids: Collection[int], lifetimes: Lifetimes) -> set[int]:
    """Return those of the given logins that are alive, and note that these are in use."""
    if not token_ids:
        return set()
    marks = ", ".join(["%s"] * len(token_ids))
    rows = fetch_all(
        connection,
        f"SELECT id, last_used_at < {SANE_NOW} - INTERVAL %s MINUTE FROM tokens WHERE id IN ({marks}) AND {ALIVE}",
        utc_now(),
        TOUCH_MINUTES,
        *sorted(token_ids),
        *alive_values(lifetimes),
    )
    touch(connection, [token_id for token_id, stale in rows if stale])
    return {token_id for token_id, _ in rows}


def find_stored(connection: Connection, digests: Collection[str]) -> set[str]:
    """Return those of the given digests of tokens that have a row, alive or not."""
    if not digests:
        return set()
    marks = ", ".join(["%s"] * len(digests))
    rows = fetch_all(connection, f"SELECT token FROM tokens WHERE token IN ({marks})", *digests)
    return {token for (token,) in rows}


def list_devices(connection: Connection, user_id: int, current_token: str, lifetimes: Lifetimes) -> list[Device]:
    """Return a user's live logins, the one last used first."""
    rows = fetch_all(
        connection,
        "SELECT id, user_agent, created_at, last_used_at, token = %s FROM tokens"
        f" WHERE user_id = %s AND {ALIVE} ORDER BY last_used_at DESC, id DESC",
        digest(current_token),
        user_id,
        *alive_values(lifetimes),
    )
    return [
        Device(token_id, agent, created_at, last_used_at, bool(is_current))
        for token_id, agent, created_at, last_used_at, is_current in rows
    ]


def revoke_token(connection: Connection, token: str) -> None:
    """End a login: every session and socket that holds the token is logged out."""
    execute(connection, "DELETE FROM tokens WHERE token = %s", digest(token))


def revoke_device(connection: Connection, user_id: int, token_id: int) -> bool:
    """End one of a user's own logins; say whether there was one."""
    return bool(execute(connection, "DELETE FROM tokens WHERE id = %s AND user_id = %s", token_id, user_id))


def revoke_others(connection: Connection, user_id: int, current_token: str) -> int:
    """End all of a user's logins but this one; return how many."""
    sql = "DELETE FROM tokens WHERE user_id = %s AND token <> %s"
    return execute(connection, sql, user_id, digest(current_token))


def delete_expired(connection: Connection, lifetimes: Lifetimes) -> int:
    """Remove logins that ended by themselves, the longest unused first; return how many.

    Never all at once: a tenth of what there is, so that a clock that is wrong is noticed before everybody is logged
    out for good. The caller has compared the clocks (see `clock_difference`).
    """
    row = fetch_one(connection, "SELECT COUNT(*) FROM tokens")
    limit = 1 + (int(row[0]) if row else 0) // MOST_DELETED
    return delete_by_id(
        connection, "tokens", f"NOT ({ALIVE})", *alive_values(lifetimes), order="last_used_at", limit=limit
    )
