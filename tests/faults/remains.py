"""Is anything left of what was deleted or is gone by itself, in any file of any service?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from stack import Stack

from .client import Device
from .talk import MARK

SOUGHT = 12  # texts of each kind; each is looked for in every file


def check_deleted(stack: Stack, devices: Iterable[Device]) -> None:
    """Assert that no file under a stack's folder (the database's, logs, sessions) has what was deleted or purged: as it
    was said, as it was edited."""
    devices = list(devices)
    said = {key: attempt.text for device in devices for key, attempt in device.log.attempts.items()}
    deleted = stack.database.query(
        "SELECT chat_id, seq, client_id FROM messages WHERE deleted_at IS NOT NULL ORDER BY id DESC"
    )
    places = {(row["chat_id"], row["seq"]) for row in deleted}
    texts = [said[row["client_id"]] for row in deleted][:SOUGHT]
    purged = {row["id"]: row["purged_seq"] for row in stack.database.query("SELECT id, purged_seq FROM chats")}
    answered = (attempt for device in devices for attempt in device.log.attempts.values() if attempt.answer)
    gone = [each.text for each in answered if each.answer and each.answer.seq <= purged[each.chat_id]]
    assert len(gone) > SOUGHT
    texts += gone[-SOUGHT:]
    edits = [change for device in devices for change in device.log.changes.values() if change.kind == "edit_message"]
    is_over = ((edit.chat_id, edit.seq) in places or edit.seq <= purged[edit.chat_id] for edit in edits)
    texts += [edit.fields["message"] for edit in itertools.compress(edits, is_over)][:SOUGHT]
    assert len(deleted) > 1
    assert len(texts) > 2 * SOUGHT
    seen_before = deleted[0]["client_id"].encode()  # what a file may tell, so that this looks into the right ones
    files = [path.read_bytes() for path in stack.folder.rglob("*") if path.is_file()]
    assert any(seen_before in content for content in files)
    found = [text for text in texts if any(text[:MARK].encode() in content for content in files)]
    assert found == [], "what was deleted is in a file"
