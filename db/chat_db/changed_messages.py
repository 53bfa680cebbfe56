"""Which messages have changed since somebody looked?"""

from __future__ import annotations

from typing import NamedTuple

from .connection import Connection, fetch_all
from .encryption import KeyRing
from .message_pages import find_readers
from .message_rows import View, look_around, read_seqs
from .messages import Message
from .pages import PAGE_BYTES, fit
from .unions import SeqSpan

MAX_BEHIND = 1_000  # changes; whoever lacks more begins anew
PAGE_MESSAGES = 100


class Changes(NamedTuple):
    """Messages as they are now that have changed after a number, up to `change_seq`; `more` changes follow it.

    `last_seq` was the chat's last message when they were looked for. Messages up to `floor` are gone for the reader:
    of these no change is among them, though `change_seq` counts it.
    """

    messages: list[Message]
    change_seq: int
    more: bool
    last_seq: int
    floor: int = 0


def list_changed(
    connection: Connection, ring: KeyRing, chat_id: int, reader_id: int, held_seq: int, after: int
) -> Changes | None:
    """Return the messages up to `held_seq` that have changed after the chat's change `after`.

    100 of them and PAGE_BYTES at most, but one at least. None where this cannot be told: the reader is no member, or
    lacks more than 1,000 changes, some that are not noted any more, or some that never were (a restored backup).
    """
    found = find_readers(connection, chat_id, reader_id)
    if found is None:
        return None
    readers, numbers = found
    missing = numbers.change_seq - after
    if not 0 <= missing <= MAX_BEHIND:
        return None
    changed = _find_changed(connection, chat_id, after, numbers.change_seq) if missing else {}
    if len(changed) < missing:
        return None
    held = [(number, seq) for number, seq in sorted(changed.items()) if numbers.floor < seq <= held_seq]
    seqs = list(dict.fromkeys(seq for _, seq in held))[:PAGE_MESSAGES]
    views = {chat_id: View(readers, numbers.floor)}
    found_messages = read_seqs(connection, ring, views, [SeqSpan(chat_id, seq, seq) for seq in seqs])
    look_around(connection, ring, views, found_messages)
    by_seq = {message.seq: message for message in found_messages}
    messages, _ = fit([by_seq[seq] for seq in seqs if seq in by_seq], PAGE_BYTES)
    gone = {seq for seq in seqs if seq not in by_seq}  # purged meanwhile
    floor = _find_floor(connection, chat_id, reader_id) if gone else numbers.floor
    done = {message.seq for message in messages} | gone
    first_left = next((number for number, seq in held if seq not in done), None)
    if first_left is None:
        return Changes(messages, numbers.change_seq, False, numbers.last_seq, floor)
    return Changes(messages, first_left - 1, True, numbers.last_seq, floor)


def _find_floor(connection: Connection, chat_id: int, reader_id: int) -> int:
    found = find_readers(connection, chat_id, reader_id)
    return found[1].floor if found else 0


def _find_changed(connection: Connection, chat_id: int, after: int, last: int) -> dict[int, int]:
    """Return which message each change of a range was made to, as far as it is noted."""
    sql = (
        "SELECT change_seq, seq FROM changes FORCE INDEX (PRIMARY) WHERE chat_id = %s AND change_seq BETWEEN %s AND %s"
    )
    return dict(fetch_all(connection, sql, chat_id, after + 1, last))
