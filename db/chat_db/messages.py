"""What was said, in which order?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from .connection import Connection, execute, fetch_all, fetch_one
from .pages import PAGE_BYTES, Page, as_far_as_could_fit
from .seal import PLAIN, KeyRing, binding
from .texts import Problem, read_text

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


def insert_messages(connection: Connection, ring: KeyRing, messages: Sequence[NewMessage]) -> int:
    """Seal and write numbered messages with one INSERT; return the id of the first, the others follow by one.

    One statement by construction: PyMySQL's `executemany` splits at 1,024,000 bytes, after which neither
    atomicity nor consecutive ids hold. Ids are consecutive for an INSERT whose row count is known beforehand
    (MySQL manual, "AUTO_INCREMENT Handling in InnoDB"). Raises IntegrityError where one of the UNIQUE keys objects.
    """
    quoted, version = connection.escape, ring.current
    texts = ring.seal(version, [(m.content, binding(m.chat_id, m.sender_id, m.client_id)) for m in messages])
    # A sealed text is base64: SQL finds nothing in it to quote, and need not be protected from it.
    quoted_texts = map(quoted if version == PLAIN else "'{}'".format, texts)
    rows = ",".join(
        f"({m.chat_id:d},{m.sender_id:d},{m.seq:d},{quoted(m.client_id)},{text},{version:d},'{m.sent_at}')"
        for m, text in zip(messages, quoted_texts, strict=True)
    )
    columns = "chat_id,sender_id,seq,client_id,content,key_version,sent_at"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO messages ({columns}) VALUES {rows}")
        return int(cursor.lastrowid or 0)


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
        f"(sender_id = {sender:d} AND client_id IN ({', '.join(connection.escape(c) for c in client_ids)}))"
        for sender, client_ids in by_sender.items()
    )
    rows = fetch_all(
        connection,
        f"SELECT sender_id, client_id, id, chat_id, seq, key_version, content, sent_at FROM messages WHERE {wanted}",
    )
    known = {}
    for sender, client, identity, chat, seq, version, content, sent_at in rows:
        text, problem = read_text(ring, identity, (chat, sender, client), version, content)
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


# A short text comes with its row; of a long one the length, until it is known that it will be sent.
SHORT_TEXT = 2 * 1024  # bytes as stored
COLUMNS = (
    "m.id, m.chat_id, m.seq, m.sender_id, u.username, m.key_version, LENGTH(m.content),"
    f" IF(LENGTH(m.content) <= {SHORT_TEXT}, m.content, NULL), m.sent_at, m.client_id"
)
SOURCE = "messages m JOIN users u ON u.id = m.sender_id"
CHAT, LENGTH, CONTENT = 1, 6, 7  # places in a row
Row = tuple[Any, ...]


def _find_contents(connection: Connection, rows: Iterable[Row]) -> dict[int, str]:
    """Return the stored content of each row, by id."""
    contents = {row[0]: row[CONTENT] for row in rows}
    long = ", ".join(f"{identity:d}" for identity, content in contents.items() if content is None)
    if long:
        contents.update(fetch_all(connection, f"SELECT id, content FROM messages WHERE id IN ({long})"))
    return {identity: content for identity, content in contents.items() if content is not None}


def _message(ring: KeyRing, row: Row, content: str, reader_id: int) -> Message:
    identity, chat_id, seq, sender_id, username, version, _, _, sent_at, client_id = row
    text, problem = read_text(ring, identity, (chat_id, sender_id, client_id), version, content)
    own = client_id if sender_id == reader_id else None
    return Message(identity, chat_id, seq, sender_id, username, text, sent_at, own, problem)


def _fill(ring: KeyRing, rows: Sequence[Row], contents: dict[int, str], reader_id: int) -> Page[Message]:
    """Return the messages of the first rows, as many as fit into a page."""
    page = Page[Message](PAGE_BYTES)
    for row in rows:
        if row[0] not in contents or not page.add(_message(ring, row, contents[row[0]], reader_id)):
            break
    return page


def list_messages(
    connection: Connection,
    ring: KeyRing,
    chat_id: int,
    reader_id: int,
    limit: int,
    before_seq: int | None = None,
    after_seq: int | None = None,
) -> tuple[list[Message], bool]:
    """Return up to `limit` messages, oldest first, and whether there are more in that direction.

    The nearest ones before or after a `seq`; the latest where neither is given. PAGE_BYTES of JSON at most, but one
    message at least. The caller has made sure that the reader is a member.
    """
    where, order, values = "m.chat_id = %s", "DESC", [chat_id]
    if before_seq is not None:
        where, values = where + " AND m.seq < %s", [chat_id, before_seq]
    elif after_seq is not None:
        where, order, values = where + " AND m.seq > %s", "ASC", [chat_id, after_seq]
    sql = f"SELECT {COLUMNS} FROM {SOURCE} WHERE {where} ORDER BY m.seq {order} LIMIT %s"
    rows = fetch_all(connection, sql, *values, limit + 1)
    count = as_far_as_could_fit([row[LENGTH] for row in rows[:limit]], PAGE_BYTES)
    page = _fill(ring, rows[:count], _find_contents(connection, rows[:count]), reader_id)
    if order == "DESC":
        page.items.reverse()
    return page.items, len(rows) > len(page.items)


def list_latest(
    connection: Connection, ring: KeyRing, reader_id: int, spans: dict[int, tuple[int, int]]
) -> dict[int, list[Message]]:
    """Return messages of many chats at once: `{chat_id: (first_seq, last_seq)}`, oldest first in each chat.

    One range of the UNIQUE key (chat_id, seq) for each chat, so that a long chat costs no more than a short one. The
    newest of each chat, PAGE_BYTES of JSON at most; none from the chat on with which all would pass LIST_BYTES.
    """
    found: dict[int, list[Message]] = {chat: [] for chat in spans}
    rows = _find_latest(connection, spans)
    contents = _find_contents(connection, (row for chat_rows in rows.values() for row in chat_rows))
    left = LIST_BYTES
    for chat, chat_rows in rows.items():
        page = _fill(ring, chat_rows, contents, reader_id)
        left -= page.size
        if left < 0:
            break
        found[chat] = page.items[::-1]
    return found


def _find_latest(connection: Connection, spans: dict[int, tuple[int, int]]) -> dict[int, list[Row]]:
    """Return the rows of each span, newest first, without those that certainly do not fit, in the order of `spans`."""
    wanted = [
        f"(m.chat_id = {chat:d} AND m.seq BETWEEN {first:d} AND {last:d})" for chat, (first, last) in spans.items()
    ]
    if not wanted:
        return {}
    by_chat: dict[int, list[Row]] = {chat: [] for chat in spans}
    sql = f"SELECT {COLUMNS} FROM {SOURCE} WHERE {' OR '.join(wanted)} ORDER BY m.chat_id, m.seq"
    for row in reversed(fetch_all(connection, sql)):
        by_chat[row[CHAT]].append(row)
    counts = {chat: as_far_as_could_fit([row[LENGTH] for row in rows], PAGE_BYTES) for chat, rows in by_chat.items()}
    sizes = [sum(row[LENGTH] for row in by_chat[chat][:count]) for chat, count in counts.items()]
    chats = as_far_as_could_fit(sizes, LIST_BYTES)
    return {chat: by_chat[chat][: counts[chat]] for chat in list(by_chat)[:chats]}
