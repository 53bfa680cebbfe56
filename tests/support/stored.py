"""What does the table hold? Its rows, with the texts opened by the key that the services use."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chat_db.encryption import KeyRing, accepted_associated_data
from chat_db.messages import RECEIVER, NewMessage, insert_messages
from database import Database
from stack import Stack


def keys_of(stack: Stack) -> Path:
    """Where the services keep their key file."""
    return Path(stack.database.environment()["MESSAGE_KEYS_FILE"])


def versions_of(stack: Stack) -> set[int]:
    """The keys that the stored messages are encrypted with; 0: none."""
    return {int(row["key_version"]) for row in stack.database.query("SELECT DISTINCT key_version FROM messages")}


def ring_of(database: Database) -> KeyRing:
    return KeyRing(Path(database.environment()["MESSAGE_KEYS_FILE"]))


def add_members(database: Database) -> None:
    """Give every chat that was put straight into the table its two members."""
    database.query(
        "INSERT IGNORE INTO members (chat_id, user_id)"
        " SELECT id, user1_id FROM chats UNION ALL SELECT id, user2_id FROM chats"
    )


def store_messages(database: Database, messages: Sequence[NewMessage]) -> int:
    """Write messages as ws-server would, encrypted, whatever is in them; return the id of the first."""
    ring = ring_of(database)
    with contextlib.closing(database.connect()) as connection:
        firsts = [insert_messages(connection, ring, messages[at : at + 500]) for at in range(0, len(messages), 500)]
    return firsts[0]


def stored_messages(database: Database) -> list[dict[str, Any]]:
    """Return every message's row, by chat and `seq`; `content` is the text that was written."""
    ring = ring_of(database)
    rows = database.query(
        f"SELECT m.*, {RECEIVER} AS receiver_id FROM messages m JOIN chats c ON c.id = m.chat_id"
        " ORDER BY m.chat_id, m.seq"
    )
    for row in rows:
        accepted = accepted_associated_data(row["chat_id"], row["sender_id"], row["receiver_id"], row["client_id"])
        row["content"] = ring.decrypt(row["key_version"], row["content"], accepted)
    return rows
