"""Is everything stored as it was before? By a checksum of each table of people, chats and messages."""

from __future__ import annotations

from stack import Stack

# Not when a login was used or somebody was last seen: that is written a moment after it was so.
COMPARED = (
    *("messages", "changes", "chats", "members", "files", "user_files", "blocks", "users", "user_privacy"),
    *("user_changes", "purges"),
)


def checksums(stack: Stack) -> dict[str, int]:
    rows = stack.database.query(f"CHECKSUM TABLE {', '.join(COMPARED)}")
    return {row["Table"]: row["Checksum"] for row in rows}
