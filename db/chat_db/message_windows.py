"""Which messages are around a place of a chat that somebody jumps to: a message, or an instant?"""

from __future__ import annotations

from .connection import Connection, fetch_one
from .encryption import KeyRing
from .message_pages import TRIES, Numbers, Page, find_readers, read_nearest
from .message_rows import View
from .messages import BY_SEQ, Message
from .unions import SeqSpan


def list_around(
    connection: Connection, ring: KeyRing, chat_id: int, reader_id: int, limit: int, place: int | str
) -> Page | None:
    """Return up to `limit` messages around a place, oldest first, that are not gone for the reader.

    None where the reader is no member, or there is no such chat. The place is a `seq`, or an instant (RFC 3339, UTC,
    with milliseconds): the first message that was sent then or later. Beyond an end it is the message at that end. It
    is in the middle as far as there are messages on both sides. PAGE_BYTES of JSON at most, but one message at least.
    """
    for _ in range(TRIES):
        found = find_readers(connection, chat_id, reader_id)
        if found is None:
            return None
        readers, numbers = found
        if numbers.last_seq <= numbers.floor:
            break
        seq = place if isinstance(place, int) else find_seq_at(connection, chat_id, numbers, place)
        middle = min(max(seq, numbers.floor + 1), numbers.last_seq)
        first = max(numbers.floor + 1, min(middle - limit // 2, numbers.last_seq - limit + 1))
        span = SeqSpan(chat_id, first, min(first + limit - 1, numbers.last_seq))
        messages = _read_around(connection, ring, View(readers, numbers.floor), span, middle)
        if messages:
            more, more_after = messages[0].seq > numbers.floor + 1, messages[-1].seq < numbers.last_seq
            return Page(messages, more, numbers.change_seq, more_after)
    return Page([], False, numbers.change_seq)


def _read_around(connection: Connection, ring: KeyRing, view: View, span: SeqSpan, middle: int) -> list[Message]:
    messages = read_nearest(connection, ring, view, span, lambda seq: abs(seq - middle))
    return sorted(messages, key=lambda message: message.seq)


def find_seq_at(connection: Connection, chat_id: int, numbers: Numbers, instant: str) -> int:
    """Return the first `seq` whose message was sent at an instant or later, one beyond the last where there is none.

    Looks at one message for each doubling of the chat. Where a clock has gone back, it is one of those that fit.
    """
    sql = f"SELECT sent_at FROM messages {BY_SEQ} WHERE chat_id = %s AND seq = %s"
    low, high = numbers.floor + 1, numbers.last_seq + 1
    while low < high:
        middle = (low + high) // 2
        row = fetch_one(connection, sql, chat_id, middle)
        if row is not None and row[0] >= instant:
            high = middle
        else:  # or it was purged meanwhile, with all before it
            low = middle + 1
    return low
