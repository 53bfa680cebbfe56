"""Which messages does somebody read? Pages of one chat, and the latest ones of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .connection import Connection, fetch_all, fetch_one
from .encryption import KeyRing
from .message_state import STATE, read_state
from .messages import BY_SEQ, LAST_SEQ, Message, show_state
from .pages import PAGE_BYTES, as_far_as_could_fit, fit
from .texts import read_text
from .unions import SeqSpan, fetch_spans

LIST_BYTES = 1024 * 1024  # of messages in a list of chats

# A short text comes with its row; a long one is read when it is known that it will be sent.
SHORT_TEXT = 2 * 1024  # bytes as stored
COLUMNS = (
    "m.id, m.chat_id, m.seq, m.sender_id, m.key_version,"
    f" IF(LENGTH(m.content) <= {SHORT_TEXT}, m.content, NULL), m.sent_at, m.client_id, {STATE}"
)
CHAT, SEQ, VERSION, CONTENT, STATE_COLUMN = 1, 2, 4, 5, 8  # places in a row
Row = tuple[Any, ...]

# Through one of the chat's members: an outsider finds nothing. With numbers at both ends of the range it costs its
# rows, whatever lies beside them and whatever statistics say.
READ_SPAN = (
    f"SELECT {COLUMNS} FROM members me STRAIGHT_JOIN messages m {BY_SEQ} ON m.chat_id = me.chat_id"
    " WHERE me.chat_id = {chat_id} AND me.user_id = {user_id} AND m.chat_id = {chat_id}"
    " AND m.seq BETWEEN {first_seq} AND {last_seq}"
)
READ_SEQS = (
    f"SELECT STRAIGHT_JOIN {COLUMNS} FROM {{seqs}} w"
    " JOIN members me FORCE INDEX (PRIMARY) ON me.chat_id = w.chat_id AND me.user_id = {user_id}"
    f" JOIN messages m {BY_SEQ} ON m.chat_id = w.chat_id AND m.seq = w.seq"
)


class Readers(NamedTuple):
    """Who reads a chat, who is its other member, and the names of both."""

    reader_id: int
    other_id: int
    names: Mapping[int, str | None]


class Page(NamedTuple):
    """Messages, oldest first, whether there are more in the direction that was asked for, and the chat's numbers.

    `change_seq` was read before the messages: they hold every change up to it, and may hold later ones.
    """

    messages: list[Message]
    more: bool
    change_seq: int


class Span(NamedTuple):
    """A part of a chat, the first and the last `seq` included, and the chat's other member."""

    other_id: int
    other_name: str | None
    first_seq: int
    last_seq: int


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
    sql = READ_SPAN.format(chat_id=chat_id, user_id=reader_id, first_seq=first, last_seq=last)
    rows = fetch_all(connection, sql)
    rows.sort(key=lambda row: row[SEQ], reverse=after_seq is None)  # the nearest first
    rows = _could_fit(rows, _find_lengths(connection, rows), PAGE_BYTES)
    page, _ = _fill(ring, _with_texts(connection, rows), readers)
    if after_seq is not None:
        return Page(page, bool(page) and page[-1].seq < last_seq, numbers.change_seq)
    page.reverse()
    return Page(page, bool(page) and page[0].seq > floor + 1, numbers.change_seq)


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


def read_seqs(
    connection: Connection, ring: KeyRing, readers: Readers, chat_id: int, seqs: Iterable[int]
) -> list[Message]:
    """Return some messages of a chat as they are now, in no order; nothing of what the reader is no member of."""
    parts = (SeqSpan(chat_id, seq, seq) for seq in seqs)
    rows = fetch_spans(connection, parts, readers.reader_id, READ_SEQS, READ_SPAN)
    return [_message(ring, row, readers) for row in _with_texts(connection, rows)]


def list_latest(
    connection: Connection, ring: KeyRing, reader_id: int, spans: Mapping[int, Span]
) -> dict[int, list[Message]]:
    """Return messages of many chats at once, by chat, oldest first in each; nothing of chats of others.

    The newest of each chat, PAGE_BYTES of JSON at most; none from the chat on with which all would pass LIST_BYTES.
    """
    found: dict[int, list[Message]] = {}
    rows = _find_latest(connection, reader_id, spans)
    with_texts = _with_texts(connection, [row for chat_rows in rows.values() for row in chat_rows])
    by_chat: dict[int, list[Row]] = {chat: [] for chat in rows}
    for row in with_texts:
        by_chat[row[CHAT]].append(row)
    name = _find_name(connection, reader_id)
    left = LIST_BYTES
    for chat, chat_rows in by_chat.items():
        span = spans[chat]
        readers = Readers(reader_id, span.other_id, {reader_id: name, span.other_id: span.other_name})
        messages, size = _fill(ring, chat_rows, readers)
        left -= size
        if left < 0:
            break
        found[chat] = messages[::-1]
    return found


def _find_latest(connection: Connection, reader_id: int, spans: Mapping[int, Span]) -> dict[int, list[Row]]:
    """Return the rows of each span, newest first, without those that certainly do not fit, in the order of `spans`."""
    by_chat: dict[int, list[Row]] = {chat: [] for chat in spans}
    parts = (SeqSpan(chat, span.first_seq, span.last_seq) for chat, span in spans.items())
    rows = fetch_spans(connection, parts, reader_id, READ_SEQS, READ_SPAN)
    rows.sort(key=lambda row: row[SEQ], reverse=True)
    for row in rows:
        by_chat[row[CHAT]].append(row)
    long = _find_lengths(connection, rows)
    if not long:
        return by_chat
    kept = {chat: _could_fit(chat_rows, long, PAGE_BYTES) for chat, chat_rows in by_chat.items()}
    lengths = (sum(long.get(row[0], 0) for row in chat_rows) for chat_rows in kept.values())
    return dict(list(kept.items())[: as_far_as_could_fit(lengths, LIST_BYTES)])


def _find_name(connection: Connection, user_id: int) -> str | None:
    row = fetch_one(connection, "SELECT username FROM users WHERE id = %s", user_id)
    return row[0] if row else None


def _find_lengths(connection: Connection, rows: Iterable[Row]) -> dict[int, int]:
    """Return the lengths of those texts, by id, that did not come with their rows."""
    ids = ", ".join(f"{row[0]:d}" for row in rows if row[CONTENT] is None)
    return dict(fetch_all(connection, f"SELECT id, LENGTH(content) FROM messages WHERE id IN ({ids})")) if ids else {}


def _with_texts(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    """Return rows with those texts, too, that did not come with them; without the rows that are gone meanwhile.

    Whatever belongs to a text is read with it: it may be another text by now, under another key.
    """
    ids = ", ".join(f"{row[0]:d}" for row in rows if row[CONTENT] is None)
    if not ids:
        return list(rows)
    sql = f"SELECT m.id, m.key_version, m.content, {STATE} FROM messages m WHERE m.id IN ({ids})"
    long = {identity: rest for identity, *rest in fetch_all(connection, sql)}
    whole = []
    for row in rows:
        if row[CONTENT] is None:
            if row[0] not in long:
                continue
            version, content, state = long[row[0]]
            row = (*row[:VERSION], version, content, *row[CONTENT + 1 : STATE_COLUMN], state)
        whole.append(row)
    return whole


def _could_fit(rows: list[Row], long: dict[int, int], limit: int) -> list[Row]:
    """Return the first rows without those that certainly do not fit; `long`: the lengths of long texts."""
    if not long:
        return rows
    return rows[: as_far_as_could_fit((long.get(row[0], 0) for row in rows), limit)]


def _fill(ring: KeyRing, rows: list[Row], readers: Readers) -> tuple[list[Message], int]:
    """Return the messages of the first rows, as many as fit into a page, and their size."""
    return fit([_message(ring, row, readers) for row in rows], PAGE_BYTES)


def _message(ring: KeyRing, row: Row, readers: Readers) -> Message:
    identity, chat_id, seq, sender_id, version, content, sent_at, client_id, column = row
    reader_id, other_id, names = readers
    receiver_id = {reader_id: other_id, other_id: reader_id}.get(sender_id, 0)  # who is no member has sent nothing
    where = (chat_id, sender_id, receiver_id, client_id)
    state = read_state(ring, where, version, column)
    text, problem = ("", None) if state.deleted_at else read_text(ring, identity, where, version, content)
    message = Message(identity, chat_id, seq, sender_id, names.get(sender_id), text, sent_at)
    if sender_id == reader_id:
        message.client_id = client_id
    message.problem = problem
    if column is not None:
        show_state(message, state, receiver_id)
    return message
