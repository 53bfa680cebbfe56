"""How many rows does a server look at for a change, for what has changed, and for what messages answer?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chat_db.change_rows import (
    find_made,
    find_members,
    note_changes,
    read_present,
    write_present,
)
from chat_db.changed_messages import list_changed
from chat_db.changes import Change, React
from chat_db.connection import Connection
from chat_db.encryption import KeyRing
from chat_db.message_pages import list_messages
from chat_db.messages import ChatNumbers, lock_chats
from chat_db.quoting import find_quotes

if TYPE_CHECKING:
    from tests.support.examined import Counting

AROUND = 40  # rows for members, names and numbers
BEFORE = 1_000  # messages of the chat that have not changed …
CHANGED = 10_000  # … and those after them, each of which has once
BATCH = 50  # changes that are made at once
PAGE = 50
BEHIND = 100  # changes that a reader lacks


def fill_changes(server: Counting, chat_id: int, user_id: int) -> None:
    """Note that so many of a chat's messages have changed, and have each of these answer the one before it."""
    which = f"chat_id = {chat_id} AND seq BETWEEN {BEFORE + 1} AND {BEFORE + CHANGED}"
    for sql in (
        f"UPDATE messages SET change_seq = seq - {BEFORE}, reply_to_seq = seq - 1 WHERE {which}",
        "INSERT INTO changes (chat_id, change_seq, seq, user_id, client_id)"
        f" SELECT chat_id, seq - {BEFORE}, seq, {user_id}, CONCAT('change-', seq) FROM messages WHERE {which}",
        f"UPDATE chats SET change_seq = {CHANGED} WHERE id = {chat_id}",
    ):
        server.run(sql)


def examined_changes(
    server: Counting, chat_ids: list[int], user_id: int, messages: int
) -> Iterator[tuple[str, int, int]]:
    """Yield each query with how many rows it looks at, and how many it may.

    The first of the chats is the one that `fill_changes` filled, and has so many messages.
    """
    count, ring, chat = server.count, server.ring, chat_ids[0]
    held = CHANGED - BEHIND
    # of each change its row; of each message the key that is asked for, the member, the row, and the same of its quote
    yield "what has changed", count(list_changed, ring, chat, user_id, messages, held), 7 * BEHIND + AROUND
    long_ago = count(list_changed, ring, chat, user_id, messages, CHANGED - 1_000)
    yield "what has changed, the first of many pages", long_ago, 1_000 + 7 * BEHIND + AROUND
    yield "whether anything has changed", count(list_changed, ring, chat, user_id, messages, CHANGED), AROUND
    answers = count(list_messages, ring, chat, user_id, PAGE, before_seq=BEFORE + CHANGED)
    yield "a page of answers", answers, 6 * PAGE + AROUND
    yield "what a message will answer", count(find_quotes, ring, chat, user_id, messages // 2), AROUND
    numbers = {each: ChatNumbers(0, 0) for each in chat_ids}
    yield "the lock of chats", count(lock_chats, chat_ids), 4 * len(chat_ids) + AROUND
    yield "the members of chats", count(find_members, numbers), 8 * len(chat_ids) + AROUND
    yield from _of_a_batch(server, chat, user_id, messages)


def _of_a_batch(server: Counting, chat: int, user_id: int, messages: int) -> Iterator[tuple[str, int, int]]:
    count, ring, most = server.count, server.ring, 6 * BATCH + AROUND
    seqs = range(messages - BATCH, messages)
    made = reactions(chat, user_id, seqs)
    yield "changes that may be made", count(find_made, made), most
    yield "changes that are made", count(find_made, reactions(chat, user_id, range(BEFORE + 1, BEFORE + BATCH))), most
    keys = [(chat, seq) for seq in seqs]
    for locking in (False, True):
        present = count(read_present, ring, keys, locking=locking)
        yield f"messages that are to change, {'locked' if locking else 'read'}", present, most
    yield "changed messages", count(rewrite, ring, keys), 2 * most
    first = server.run(f"SELECT MAX(change_seq) + 1 FROM changes WHERE chat_id = {chat}")[0][0]
    new = [(change, number) for number, change in enumerate(made, int(first))]
    yield "the note of changes", count(note_changes, new, {chat: CHANGED}, "2026-11-28 00:00:00.000"), most
    server.run(f"DELETE FROM changes WHERE chat_id = {chat} AND change_seq > {CHANGED}")


def reactions(chat: int, user_id: int, seqs: range) -> list[Change]:
    return [React(chat_id=chat, seq=seq, user_id=user_id, client_id=f"change-{seq}", emoji=None) for seq in seqs]


def rewrite(connection: Connection, ring: KeyRing, keys: list[tuple[int, int]]) -> None:
    """Write messages as they are, as a change does."""
    write_present(connection, ring, read_present(connection, ring, keys).values())
