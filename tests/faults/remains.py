"""Is anything left of what was deleted, in any file of any service?"""

from __future__ import annotations

from collections.abc import Iterable

from stack import Stack

from .client import Device
from .talk import MARK

SOUGHT = 12  # deleted texts; each is looked for in every file


def check_deleted(stack: Stack, devices: Iterable[Device]) -> None:
    """Assert that no file under a stack's folder (the database's, logs, sessions) has what was said or edited there."""
    devices = list(devices)
    said = {key: attempt.text for device in devices for key, attempt in device.log.attempts.items()}
    deleted = stack.database.query(
        "SELECT chat_id, seq, client_id FROM messages WHERE deleted_at IS NOT NULL ORDER BY id DESC"
    )
    places = {(row["chat_id"], row["seq"]) for row in deleted}
    texts = [said[row["client_id"]] for row in deleted][:SOUGHT]
    edits = (change for device in devices for change in device.log.changes.values() if change.kind == "edit_message")
    texts += [edit.fields["message"] for edit in edits if (edit.chat_id, edit.seq) in places][:SOUGHT]
    assert len(texts) > SOUGHT
    seen_before = deleted[0]["client_id"].encode()  # what a file may tell, so that this looks into the right ones
    files = [path.read_bytes() for path in stack.folder.rglob("*") if path.is_file()]
    assert any(seen_before in content for content in files)
    found = [text for text in texts if any(text[:MARK].encode() in content for content in files)]
    assert found == [], "what was deleted is in a file"
