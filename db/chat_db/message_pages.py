"""Which messages does somebody read? Pages of one chat, and the latest ones of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .connection import Connection, fetch_all, fetch_one
from .encryption import KeyRing
from .message_rows import (
    CHAT,
    READ_SEQS,
    READ_SPAN,
    SEQ,
    Readers,
    Row,
    View,
    as_message,
    find_lengths,
    look_around,
    with_texts,
)
from .messages import LAST_SEQ, Message
from .pages import PAGE_BYTES, as_far_as_could_fit, fit
from .unions import SeqSpan, fetch_spans

LIST_BYTES = 1024 * 1024  # of messages in a list of chats


class Page(NamedTuple):
    """Messages, oldest first, whether there are more in the direction that was asked for, and the chat's numbers.

    `change_seq` was read before the messages: they hold every change up to it, and may hold later ones. A page around
    a place has two directions: `more` is about earlier messages, `more_after` about later ones.
    """

    messages: list[Message]
    more: bool
    change_seq: int
    more_after: bool = False


class Span(NamedTuple):
    """A part of a chat, the first and the last `seq` included, and the chat's other member."""

    other_id: int
    other_name: str | None
    first_seq: int
    last_seq: int
    floor: int


def list_messages(
    connection: Connection,
    ring: KeyRing,
    chat_id: int,
    reader_id: int,
    limit: int,
    before_seq: int | None = None,
    after_seq: int | None = None,
) -> Page | None:
    """Return up to `limit` messages that are not gone for the reader.

    None where the reader is no member, or there is no such chat. The nearest ones before or after a `seq`; the latest
    where neither is given. PAGE_BYTES of JSON at most, but one message at least.
    """
    found = find_readers(connection, chat_id, reader_id)
    if found is None:
        return None
    readers, numbers = found
    last_seq, floor = numbers.last_seq, numbers.floor
    if after_seq is not None:
        after = max(after_seq, floor)
        first, last = after + 1, min(after + limit, last_seq)
    else:
        last = last_seq if before_seq is None else min(before_seq - 1, last_seq)
        first = max(floor, last - limit) + 1
    if first > last:
        return Page([], False, numbers.change_seq)
    sign = -1 if after_seq is None else 1
    page = read_nearest(connection, ring, View(readers, floor), SeqSpan(chat_id, first, last), lambda seq: sign * seq)
    if after_seq is not None:
        return Page(page, bool(page) and page[-1].seq < last_seq, numbers.change_seq)
    page.reverse()
    return Page(page, bool(page) and page[0].seq > floor + 1, numbers.change_seq)


def read_nearest(
    connection: Connection, ring: KeyRing, view: View, span: SeqSpan, distance: Callable[[int], int]
) -> list[Message]:
    """Return the messages of a span, the nearest first. PAGE_BYTES of JSON at most, but one message at least."""
    rows = fetch_all(connection, READ_SPAN.format(user_id=view.readers.reader_id, **span._asdict()))
    rows.sort(key=lambda row: distance(row[SEQ]))
    rows = _could_fit(rows, find_lengths(connection, rows), PAGE_BYTES)
    messages = [as_message(ring, row, view.readers) for row in with_texts(connection, rows)]
    look_around(connection, ring, {span.chat_id: view}, messages)
    return fit(messages, PAGE_BYTES)[0]


class Numbers(NamedTuple):
    """Where a chat begins and ends for one member, and the number of its last change."""

    last_seq: int
    floor: int
    change_seq: int


def find_readers(connection: Connection, chat_id: int, reader_id: int) -> tuple[Readers, Numbers] | None:
    """Return a chat's members and numbers, seen from one of them; None for an outsider."""
    row = fetch_one(
        connection,
        f"SELECT STRAIGHT_JOIN o.user_id, mine.username, theirs.username, {LAST_SEQ.format('me.chat_id')},"
        " c.purged_seq, me.cleared_seq, c.change_seq"
        " FROM members me JOIN chats c FORCE INDEX (PRIMARY) ON c.id = me.chat_id"
        " JOIN members o FORCE INDEX (PRIMARY) ON o.chat_id = me.chat_id AND o.user_id <> me.user_id"
        " JOIN users mine ON mine.id = me.user_id JOIN users theirs ON theirs.id = o.user_id"
        " WHERE me.chat_id = %s AND me.user_id = %s",
        chat_id,
        reader_id,
    )
    if row is None:
        return None
    other_id, name, other_name, last_seq, purged_seq, cleared_seq, change_seq = row
    numbers = Numbers(max(last_seq or 0, purged_seq), max(purged_seq, cleared_seq), change_seq)
    return Readers(reader_id, other_id, {reader_id: name, other_id: other_name}), numbers


def list_latest(
    connection: Connection, ring: KeyRing, reader_id: int, spans: Mapping[int, Span]
) -> dict[int, list[Message]]:
    """Return messages of many chats at once, by chat, oldest first in each; nothing of chats of others.

    The newest of each chat, PAGE_BYTES of JSON at most; none from the chat on with which all would pass LIST_BYTES.
    """
    name = _find_name(connection, reader_id)
    views = {
        chat: View(Readers(reader_id, span.other_id, {reader_id: name, span.other_id: span.other_name}), span.floor)
        for chat, span in spans.items()
    }
    rows = _find_latest(connection, reader_id, spans)
    messages = [as_message(ring, row, views[row[CHAT]].readers) for row in with_texts(connection, rows)]
    look_around(connection, ring, views, messages)
    by_chat: dict[int, list[Message]] = {row[CHAT]: [] for row in rows}
    for message in messages:
        by_chat[message.chat_id].append(message)
    found: dict[int, list[Message]] = {}
    left = LIST_BYTES
    for chat in spans:
        page, size = fit(by_chat.get(chat, []), PAGE_BYTES)
        left -= size
        if left < 0:
            break
        found[chat] = page[::-1]
    return found


def _find_latest(connection: Connection, reader_id: int, spans: Mapping[int, Span]) -> list[Row]:
    """Return the rows of the spans, those of each newest first, without those that certainly do not fit."""
    by_chat: dict[int, list[Row]] = {chat: [] for chat in spans}
    parts = (SeqSpan(chat, span.first_seq, span.last_seq) for chat, span in spans.items())
    rows = fetch_spans(connection, parts, reader_id, READ_SEQS, READ_SPAN)
    rows.sort(key=lambda row: row[SEQ], reverse=True)
    for row in rows:
        by_chat[row[CHAT]].append(row)
    long = find_lengths(connection, rows)
    if not long:
        return rows
    kept = {chat: _could_fit(chat_rows, long, PAGE_BYTES) for chat, chat_rows in by_chat.items()}
    lengths = (sum(long.get(row[0], 0) for row in chat_rows) for chat_rows in kept.values())
    count = as_far_as_could_fit(lengths, LIST_BYTES)
    return [row for chat_rows in list(kept.values())[:count] for row in chat_rows]


def _find_name(connection: Connection, user_id: int) -> str | None:
    row = fetch_one(connection, "SELECT username FROM users WHERE id = %s", user_id)
    return row[0] if row else None


def _could_fit(rows: list[Row], long: dict[int, int], limit: int) -> list[Row]:
    """Return the first rows without those that certainly do not fit; `long`: the lengths of long texts."""
    if not long:
        return rows
    return rows[: as_far_as_could_fit((long.get(row[0], 0) for row in rows), limit)]
