"""Is this the database that a client has seen before? A restored backup is another one, and gets another epoch."""

from __future__ import annotations

import secrets

from .connection import Connection, execute, fetch_one


def find_epoch(connection: Connection) -> str | None:
    """Return the epoch, None where somebody has taken its row away."""
    row = fetch_one(connection, "SELECT epoch FROM installation WHERE id = 1")
    return str(row[0]) if row else None


def renew_epoch(connection: Connection) -> None:
    """Begin another epoch: what clients hold may never have been."""
    sql = "INSERT INTO installation (id, epoch) VALUES (1, %s) ON DUPLICATE KEY UPDATE epoch = VALUES(epoch)"
    execute(connection, sql, secrets.token_hex(16))
