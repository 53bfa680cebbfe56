"""How does a message come out of its row? As its reader may see it, decrypted, with what has become of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .connection import Connection, fetch_all
from .encryption import KeyRing
from .message_files import add_files
from .message_state import STATE, read_state
from .messages import BY_SEQ, Message, quote, show_state
from .texts import read_text
from .unions import SeqSpan, fetch_spans

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


class View(NamedTuple):
    """How a member sees a chat: through whose eyes, and from which `seq` on."""

    readers: Readers
    floor: int


def read_seqs(
    connection: Connection, ring: KeyRing, views: Mapping[int, View], spans: Iterable[SeqSpan]
) -> list[Message]:
    """Return messages as they are now, in no order, of one reader's chats; see look_around."""
    reader_id = next(iter(views.values())).readers.reader_id
    rows = with_texts(connection, fetch_spans(connection, spans, reader_id, READ_SEQS, READ_SPAN))
    return [as_message(ring, row, views[row[CHAT]].readers) for row in rows if row[SEQ] > views[row[CHAT]].floor]


def look_around(connection: Connection, ring: KeyRing, views: Mapping[int, View], messages: Sequence[Message]) -> None:
    """Look up what belongs to messages of one reader's chats without being in their rows: what they answer, and the
    files of both. A query each, where there is any."""
    wanted = {(message.chat_id, message.reply_to.seq) for message in messages if message.reply_to is not None}
    spans = [SeqSpan(chat, seq, seq) for chat, seq in sorted(wanted)]
    quoted = read_seqs(connection, ring, views, spans) if spans else []
    add_files(connection, ring, [*messages, *quoted])
    if not quoted:
        return
    quotes = {(message.chat_id, message.seq): quote(message) for message in quoted}
    for message in messages:
        if message.reply_to is not None:
            message.reply_to = quotes.get((message.chat_id, message.reply_to.seq), message.reply_to)


def find_lengths(connection: Connection, rows: Iterable[Row]) -> dict[int, int]:
    """Return the lengths of those texts, by id, that did not come with their rows."""
    ids = ", ".join(f"{row[0]:d}" for row in rows if row[CONTENT] is None)
    return dict(fetch_all(connection, f"SELECT id, LENGTH(content) FROM messages WHERE id IN ({ids})")) if ids else {}


def with_texts(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    """Return rows with those texts, too, that did not come with them; without the rows that are gone meanwhile.

    A chat is purged from its beginning: where a text is gone, so is whatever lies before it, and no page has a hole.
    Whatever belongs to a text is read with it: it may be another text by now, under another key.
    """
    ids = ", ".join(f"{row[0]:d}" for row in rows if row[CONTENT] is None)
    if not ids:
        return list(rows)
    sql = f"SELECT m.id, m.key_version, m.content, {STATE} FROM messages m WHERE m.id IN ({ids})"
    long = {identity: rest for identity, *rest in fetch_all(connection, sql)}
    gone: dict[int, int] = {}  # up to where, by chat
    for row in rows:
        if row[CONTENT] is None and row[0] not in long:
            gone[row[CHAT]] = max(row[SEQ], gone.get(row[CHAT], 0))
    return [_with_text(row, long) for row in rows if row[SEQ] > gone.get(row[CHAT], 0)]


def _with_text(row: Row, long: Mapping[int, Sequence[Any]]) -> Row:
    if row[CONTENT] is not None:
        return row
    version, content, state = long[row[0]]
    return (*row[:VERSION], version, content, *row[CONTENT + 1 : STATE_COLUMN], state)


def as_message(ring: KeyRing, row: Row, readers: Readers) -> Message:
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
