"""Which one-time links are good? One to register (an invite), one to set a new password.

The link holds 256 random bits, the table only their SHA-256.
"""

from __future__ import annotations

from .chats import create_chat
from .connection import Connection, delete_by_id, execute, fetch_one, insert, transaction
from .secrets import digest, is_token_shaped, new_token
from .users import create_user, lock_own_row, mark_changed, set_password

INVITE_DAYS = 7
RESET_HOURS = 24


def make_invite(connection: Connection, user_id: int | None) -> str:
    """Return the secret of a new invite, good once, for 7 days. `user_id` None: made by whoever runs the server."""
    token = new_token()
    insert(
        connection,
        f"INSERT INTO invites (user_id, token, expires_at) VALUES (%s, %s, NOW(3) + INTERVAL {INVITE_DAYS} DAY)",
        user_id,
        digest(token),
    )
    return token


def delete_expired_invites(connection: Connection, batch: int = 100) -> int:
    """Remove invites that nobody used in time; return how many. The caller has compared the clocks."""
    return delete_by_id(connection, "invites", "expires_at < NOW(3)", order="expires_at", limit=batch)


def count_invites(connection: Connection, user_id: int) -> int:
    """Return how many unused invites of a user are open."""
    row = fetch_one(connection, "SELECT COUNT(*) FROM invites WHERE user_id = %s AND expires_at > NOW(3)", user_id)
    return int(row[0]) if row else 0


def make_own_invite(connection: Connection, user_id: int, limit: int) -> str | None:
    """As make_invite; None where `limit` invites of the user are open, also where requests come beside each other."""
    with transaction(connection):
        lock_own_row(connection, user_id)
        return make_invite(connection, user_id) if count_invites(connection, user_id) < limit else None


# Who is locked out or has deleted their account does not come back by an invite of their own.
GOOD_INVITE = (
    "token = %s AND expires_at > NOW(3) AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = invites.user_id"
    " AND (u.disabled_at IS NOT NULL OR u.deleted_at IS NOT NULL))"
)


def is_invite_good(connection: Connection, token: str) -> bool:
    sql = f"SELECT 1 FROM invites WHERE {GOOD_INVITE}"
    return is_token_shaped(token) and fetch_one(connection, sql, digest(token)) is not None


def find_own_invite(connection: Connection, user_id: int, token: str) -> bool:
    """Say whether this is a user's own invite, and nobody has used it yet."""
    sql = "SELECT 1 FROM invites WHERE token = %s AND user_id = %s AND expires_at > NOW(3)"
    return is_token_shaped(token) and fetch_one(connection, sql, digest(token), user_id) is not None


def create_invited_user(connection: Connection, token: str, username: str, password_hash: str) -> int | None:
    """Use an invite up and store its user, who has a chat with whoever invited them. Return the id.

    None where the invite is not good. Raises UsernameTaken, and keeps the invite.
    """
    if not is_token_shaped(token):
        return None
    with transaction(connection):
        row = fetch_one(connection, f"SELECT id, user_id FROM invites WHERE {GOOD_INVITE} FOR UPDATE", digest(token))
        if row is None:
            return None
        invite_id, inviter_id = row
        execute(connection, "DELETE FROM invites WHERE id = %s", invite_id)
        user_id = create_user(connection, username, password_hash)
        if inviter_id is not None:  # NULL: made on the command line
            create_chat(connection, user_id, inviter_id)
            mark_changed(connection, user_id)
        return user_id


def make_reset(connection: Connection, user_id: int) -> str:
    """Return the secret of a link that sets a user's password once, within a day. An earlier link dies."""
    token = new_token()
    execute(
        connection,
        "REPLACE INTO password_resets (user_id, token, expires_at)"
        f" VALUES (%s, %s, NOW(3) + INTERVAL {RESET_HOURS} HOUR)",
        user_id,
        digest(token),
    )
    return token


GOOD_RESET = "SELECT user_id FROM password_resets WHERE token = %s AND expires_at > NOW(3)"


def find_reset(connection: Connection, token: str) -> int | None:
    """Return whose password a link sets, None where it is not good."""
    row = fetch_one(connection, GOOD_RESET, digest(token)) if is_token_shaped(token) else None
    return int(row[0]) if row else None


def use_reset(connection: Connection, token: str, password_hash: str) -> bool:
    """Use a link up: set the password and end every login. Say whether it was good.

    One transaction: a link whose password could not be set is as good as before.
    """
    if not is_token_shaped(token):
        return False
    with transaction(connection):
        row = fetch_one(connection, f"{GOOD_RESET} FOR UPDATE", digest(token))
        return row is not None and set_password(connection, row[0], password_hash, None)
