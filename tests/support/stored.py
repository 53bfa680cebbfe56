"""What does the table hold? Its rows, with the texts opened by the key that the services use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chat_db.seal import KeyRing, binding
from database import Database


def stored_messages(database: Database) -> list[dict[str, Any]]:
    """Return every message's row, by chat and `seq`; `content` is the text that was written."""
    ring = KeyRing(Path(database.environment()["MESSAGE_KEYS_FILE"]))
    rows = database.query("SELECT * FROM messages ORDER BY chat_id, seq")
    for row in rows:
        bound = binding(row["chat_id"], row["sender_id"], row["client_id"])
        row["content"] = ring.open(row["key_version"], row["content"], bound)
    return rows
