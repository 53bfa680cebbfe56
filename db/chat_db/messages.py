"""What was said, in which order?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from .connection import Connection, execute, fetch_all, fetch_one, insert
from .pages import PAGE_BYTES, as_far_as_could_fit, fit
from .seal import PLAIN, KeyRing, bind
from .texts import Problem, read_text

# The other member of a message's chat (m, c); 0 where its sender is none, so that no such message opens.
RECEIVER = "CASE m.sender_id WHEN c.user1_id THEN c.user2_id WHEN c.user2_id THEN c.user1_id ELSE 0 END"
LIST_BYTES = 1024 * 1024  # of messages in a list of chats


class Message(msgspec.Struct, omit_defaults=True):
    """A message as `get_chats`, `get_messages` and `sync_chat` list it; `client_id` on the reader's own only.

    `problem`: `damaged` (the content is empty), or `not_verified` (nothing proves that it was the sender who wrote it).
    """

    id: int
    chat_id: int
    seq: int
    sender_id: int
    username: str | None
    content: str
    sent_at: str
    client_id: str | None = None
    problem: Problem | None = None


class NewMessage(msgspec.Struct):
    """A message that is to be written. The journal fills in `sent_at` (UTC text) and `seq`."""

    chat_id: int
    sender_id: int
    receiver_id: int
    client_id: str
    content: str
    sent_at: str = ""
    seq: int = 0


class StoredMessage(msgspec.Struct, frozen=True):
    """What the table says about a `client_id` that it knows; `content` is None where the row is damaged."""

    id: int
    chat_id: int
    seq: int
    content: str | None
    sent_at: str


def insertion(connection: Connection, ring: KeyRing, messages: Sequence[NewMessage]) -> str:
    """Return the one INSERT that writes numbered messages, sealed.

    One statement by construction: PyMySQL's `executemany` splits at 1,024,000 bytes, after which neither
    atomicity nor consecutive ids hold. Ids are consecutive for an INSERT whose row count is known beforehand
    (MySQL manual, "AUTO_INCREMENT Handling in InnoDB").
    """
    quoted, version = connection.escape, ring.current
    texts = ring.seal(
        version, [(m.content, bind(m.chat_id, m.sender_id, m.receiver_id, m.client_id)) for m in messages]
    )
    # A sealed text is base64: SQL finds nothing in it to quote, and need not be protected from it.
    quoted_texts = map(quoted if version == PLAIN else "'{}'".format, texts)
    rows = ",".join(
        f"({m.chat_id:d},{m.sender_id:d},{m.seq:d},{quoted(m.client_id)},{text},{version:d},'{m.sent_at}')"
        for m, text in zip(messages, quoted_texts, strict=True)
    )
    return f"INSERT INTO messages (chat_id,sender_id,seq,client_id,content,key_version,sent_at) VALUES {rows}"


def insert_messages(connection: Connection, ring: KeyRing, messages: Sequence[NewMessage]) -> int:
    """Write numbered messages; return the id of the first, the others follow by one.

    Raises IntegrityError where one of the UNIQUE keys objects.
    """
    return insert(connection, insertion(connection, ring, messages))


def find_known(
    connection: Connection, ring: KeyRing, keys: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], StoredMessage]:
    """Return those of the given (sender_id, client_id) that are stored, each with what is stored."""
    by_sender: dict[int, list[str]] = {}
    for sender_id, client_id in keys:
        by_sender.setdefault(sender_id, []).append(client_id)
    if not by_sender:
        return {}
    wanted = " OR ".join(
        f"(m.sender_id = {sender:d} AND m.client_id IN ({', '.join(connection.escape(c) for c in client_ids)}))"
        for sender, client_ids in by_sender.items()
    )
    rows = fetch_all(
        connection,
        f"SELECT m.sender_id, {RECEIVER}, m.client_id, m.id, m.chat_id, m.seq, m.key_version, m.content, m.sent_at"
        f" FROM messages m JOIN chats c ON c.id = m.chat_id WHERE {wanted}",
    )
    known = {}
    for sender, receiver, client, identity, chat, seq, version, content, sent_at in rows:
        text, problem = read_text(ring, identity, (chat, sender, receiver, client), version, content)
        stored = None if problem == "damaged" else text
        known[sender, client] = StoredMessage(identity, chat, seq, stored, sent_at)
    return known


def is_stored(connection: Connection, sender_id: int, client_id: str) -> bool:
    sql = "SELECT 1 FROM messages WHERE sender_id = %s AND client_id = %s"
    return fetch_one(connection, sql, sender_id, client_id) is not None


def find_last_seqs(connection: Connection, chat_ids: Iterable[int], locking: bool = False) -> dict[int, int]:
    """Return the last `seq` of each chat, 0 where it has no message.

    `locking` reads the latest committed rows even inside a transaction: its snapshot may be older than a lock it
    has just waited for.
    """
    last = dict.fromkeys(chat_ids, 0)
    if last:
        ids = ", ".join(f"{chat:d}" for chat in sorted(last))
        end = " FOR UPDATE" if locking else ""
        sql = f"SELECT chat_id, MAX(seq) FROM messages WHERE chat_id IN ({ids}) GROUP BY chat_id{end}"
        last.update(fetch_all(connection, sql))
    return last


def lock_chats(connection: Connection, chat_ids: Iterable[int]) -> None:
    """Inside a transaction: make every other writer of these chats wait, always in the same order."""
    ids = ", ".join(f"{chat:d}" for chat in sorted(set(chat_ids)))
    execute(connection, f"SELECT id FROM chats WHERE id IN ({ids}) ORDER BY id FOR UPDATE")


# A short text comes with its row; a long one is read when it is known that it will be sent.
SHORT_TEXT = 2 * 1024  # bytes as stored
COLUMNS = (
    "m.id, m.chat_id, m.seq, m.sender_id, u.username, m.key_version,"
    f" IF(LENGTH(m.content) <= {SHORT_TEXT}, m.content, NULL), m.sent_at, m.client_id"
)
SOURCE = "messages m JOIN users u ON u.id = m.sender_id"
CHAT, CONTENT = 1, 6  # places in a row
Row = tuple[Any, ...]


class Members(NamedTuple):
    """Who reads a chat, and who is its other member."""

    reader_id: int
    other_id: int


class Span(NamedTuple):
    """A part of a chat, the first and the last `seq` included."""

    other_id: int
    first_seq: int
    last_seq: int


def _find_long(connection: Connection, what: str, rows: Iterable[Row]) -> dict[int, Any]:
    """Return something of those rows, by id, whose text did not come with them."""
    ids = ", ".join(f"{row[0]:d}" for row in rows if row[CONTENT] is None)
    return dict(fetch_all(connection, f"SELECT id, {what} FROM messages WHERE id IN ({ids})")) if ids else {}


def _could_fit(rows: list[Row], long: dict[int, int], limit: int) -> list[Row]:
    """Return the first rows without those that certainly do not fit; `long`: the lengths of long texts."""
    if not long:
        return rows
    return rows[: as_far_as_could_fit((long.get(row[0], 0) for row in rows), limit)]


def _fill(ring: KeyRing, rows: list[Row], long: dict[int, str], members: Members) -> tuple[list[Message], int]:
    """Return the messages of the first rows, as many as fit into a page, and their size; `long`: long texts."""
    with_text = ((row, long.get(row[0]) if row[CONTENT] is None else row[CONTENT]) for row in rows)
    messages = [_message(ring, row, text, *members) for row, text in with_text if text is not None]  # else just deleted
    return fit(messages, PAGE_BYTES)


def _message(ring: KeyRing, row: Row, content: str, reader_id: int, other_id: int) -> Message:
    identity, chat_id, seq, sender_id, username, version, _, sent_at, client_id = row
    if sender_id == reader_id:
        text, problem = read_text(ring, identity, (chat_id, sender_id, other_id, client_id), version, content)
        return Message(identity, chat_id, seq, sender_id, username, text, sent_at, client_id, problem)
    receiver_id = reader_id if sender_id == other_id else 0  # who is no member has sent nothing
    text, problem = read_text(ring, identity, (chat_id, sender_id, receiver_id, client_id), version, content)
    return Message(identity, chat_id, seq, sender_id, username, text, sent_at, None, problem)


def list_messages(
    connection: Connection,
    ring: KeyRing,
    chat_id: int,
    members: Members,
    limit: int,
    before_seq: int | None = None,
    after_seq: int | None = None,
) -> tuple[list[Message], bool]:
    """Return up to `limit` messages, oldest first, and whether there are more in that direction.

    The nearest ones before or after a `seq`; the latest where neither is given. PAGE_BYTES of JSON at most, but one
    message at least. The caller has made sure that these are the chat's members.
    """
    where, order, values = "m.chat_id = %s", "DESC", [chat_id]
    if before_seq is not None:
        where, values = where + " AND m.seq < %s", [chat_id, before_seq]
    elif after_seq is not None:
        where, order, values = where + " AND m.seq > %s", "ASC", [chat_id, after_seq]
    sql = f"SELECT {COLUMNS} FROM {SOURCE} WHERE {where} ORDER BY m.seq {order} LIMIT %s"
    found = fetch_all(connection, sql, *values, limit + 1)
    rows = _could_fit(found[:limit], _find_long(connection, "LENGTH(content)", found), PAGE_BYTES)
    page, _ = _fill(ring, rows, _find_long(connection, "content", rows), members)
    if order == "DESC":
        page.reverse()
    return page, len(found) > len(page)


def list_latest(
    connection: Connection, ring: KeyRing, reader_id: int, spans: dict[int, Span]
) -> dict[int, list[Message]]:
    """Return messages of many chats at once, by chat, oldest first in each.

    One range of the UNIQUE key (chat_id, seq) for each chat, so that a long chat costs no more than a short one. The
    newest of each chat, PAGE_BYTES of JSON at most; none from the chat on with which all would pass LIST_BYTES.
    """
    found: dict[int, list[Message]] = {}
    rows = _find_latest(connection, spans)
    long = _find_long(connection, "content", (row for chat_rows in rows.values() for row in chat_rows))
    left = LIST_BYTES
    for chat, chat_rows in rows.items():
        messages, size = _fill(ring, chat_rows, long, Members(reader_id, spans[chat].other_id))
        left -= size
        if left < 0:
            break
        found[chat] = messages[::-1]
    return found


def _find_latest(connection: Connection, spans: dict[int, Span]) -> dict[int, list[Row]]:
    """Return the rows of each span, newest first, without those that certainly do not fit, in the order of `spans`."""
    wanted = [
        f"(m.chat_id = {chat:d} AND m.seq BETWEEN {span.first_seq:d} AND {span.last_seq:d})"
        for chat, span in spans.items()
    ]
    if not wanted:
        return {}
    by_chat: dict[int, list[Row]] = {chat: [] for chat in spans}
    sql = f"SELECT {COLUMNS} FROM {SOURCE} WHERE {' OR '.join(wanted)} ORDER BY m.chat_id, m.seq"
    rows = fetch_all(connection, sql)
    for row in reversed(rows):
        by_chat[row[CHAT]].append(row)
    long = _find_long(connection, "LENGTH(content)", rows)
    if not long:
        return by_chat
    kept = {chat: _could_fit(chat_rows, long, PAGE_BYTES) for chat, chat_rows in by_chat.items()}
    lengths = (sum(long.get(row[0], 0) for row in chat_rows) for chat_rows in kept.values())
    return dict(list(kept.items())[: as_far_as_could_fit(lengths, LIST_BYTES)])
